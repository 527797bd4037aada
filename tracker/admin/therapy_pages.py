"""The therapy table: what was given and what was suffered, several rows at once; and the look-backs, in one click."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.desk import Desk
from tracker.admin.pages import FormPage, ParticipantPage
from tracker.admin.recordable import look_backs, therapy_concepts
from tracker.admin.service_forms import ServiceForm
from tracker.errors import Invalid
from tracker.services import facts
from tracker.services.look_backs import Look, looks, say_none_since
from workflow.concepts import Concept

ROWS = 5
"""How many rows the table offers at a time."""
_CELLS = ("concept", "detail", "dose", "route", "at", "until")


class TherapyForm(ServiceForm):
    """Rows are named `1.at`, `1.dose`; a row in which nothing is chosen or typed is left out."""

    def __init__(self, concepts: tuple[Concept, ...], desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", "—"), *((concept.id, desk.voice.label(concept)) for concept in concepts)]
        for number in range(1, ROWS + 1):
            for name, field in _row_fields(choices, desk).items():
                self.fields[f"{number}.{name}"] = field

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row with its bound fields, for the template."""
        for number in range(1, ROWS + 1):
            cells = {name: self[f"{number}.{name}"] for name in _CELLS}
            yield {"number": number, **cells, "errors": [said for cell in cells.values() for said in cell.errors]}

    def clean(self) -> dict[str, Any]:
        """At least one row is filled; a row that is has its kind and its start."""
        cleaned = super().clean() or {}
        filled = [number for number in range(1, ROWS + 1) if self._is_filled(number)]
        if not filled:
            raise forms.ValidationError(_("Fill in at least one row."))
        for number in filled:
            for name, said in (("concept", _("Choose what it was.")), ("at", _("Give the date it began."))):
                if not cleaned.get(f"{number}.{name}") and f"{number}.{name}" not in self.errors:
                    self.add_error(f"{number}.{name}", said)
        return cleaned

    def _is_filled(self, number: int) -> bool:
        names = [f"{number}.{name}" for name in _CELLS]
        return any(self.cleaned_data.get(name) or name in self.errors for name in names)

    def entries(self) -> dict[str, facts.FactEntry]:
        """The filled rows by number, for the service to judge."""
        return {str(number): self._entry(number) for number in range(1, ROWS + 1) if self._is_filled(number)}

    def _entry(self, number: int) -> facts.FactEntry:
        return facts.FactEntry(**{name: self.cleaned_data.get(f"{number}.{name}") or _EMPTY[name] for name in _CELLS})


_EMPTY: dict[str, Any] = {"concept": "", "detail": "", "dose": "", "route": "", "at": None, "until": None}


class Therapy(FormPage):
    """The page of the table."""

    template = "tracker/therapy.html"

    def heading(self) -> str:
        """The page's name."""
        return _("Therapies and infections")

    def form(self, data: Any = None) -> TherapyForm:
        """Empty rows."""
        return TherapyForm(therapy_concepts(self.protocol), self.desk, data)

    def save(self, form: TherapyForm) -> str:
        """Record every filled row, or none."""
        recorded = facts.record_all(
            participant=self.participant, entries=form.entries(), by=self.staff, now=self.now
        )  # fmt: skip
        return _("%(number)d entries recorded.") % {"number": len(recorded)}

    def attach(self, form: Any, invalid: Invalid) -> None:
        """Messages by row."""
        form.attach(invalid.errors)

    def context(self, form: Any) -> dict[str, Any]:
        """The rows; and where each look-back stands."""
        if (faulty := next((name for name in form.errors if name in form.fields), None)) is not None:
            form.fields[faulty].widget.attrs["autofocus"] = True
        standing = looks(self.participant, look_backs(self.protocol))
        return {
            **super().context(form), "rows": list(form.rows()), "looks": [self._look(each) for each in standing],
            "any_since": any(look.since for look in standing),
        }  # fmt: skip

    def _look(self, look: Look) -> dict[str, str]:
        since = ", ".join(f"{self.voice.concept(row.concept)} {self.voice.at(row.moment)}" for row in look.since)
        last = self.voice.at(look.last.moment) if look.last else ""
        return {"label": self.voice.concept(look.review), "last": last, "since": since}


class NoneSince(ParticipantPage):
    """One click: nothing since the last look but what is recorded. POST only."""

    action = access.Action.RECORD_FACT
    http_method_names = ["post"]

    def post(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Document every look-back that a clause asks for."""
        asked = look_backs(self.protocol)
        recorded = say_none_since(
            participant=self.participant, asked=asked, at=self.desk.minute, by=self.staff, now=self.now
        )
        return self.done(_("%(number)d look-backs documented.") % {"number": len(recorded)})


def _row_fields(choices: list[tuple[str, str]], desk: Desk) -> dict[str, forms.Field]:
    def text(label: str, longest: int) -> forms.CharField:
        widget = forms.TextInput(attrs={"aria-label": label, "autocomplete": "off"})
        return forms.CharField(label=label, required=False, max_length=longest, widget=widget)

    what = forms.Select(attrs={"aria-label": _("What it was")})
    return {
        "concept": forms.ChoiceField(label=_("What it was"), choices=choices, required=False, widget=what),
        "detail": text(_("Name or agent"), 300), "dose": text(_("Dose"), 60), "route": text(_("Route"), 60),
        "at": desk.moment(_("Start"), required=False, time_required=False),
        "until": desk.moment(_("End"), required=False, time_required=False),
    }  # fmt: skip

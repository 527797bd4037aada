"""Forms for facts, made from the protocol's concepts: another protocol needs no other code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

from tracker.admin.fields import MomentField
from tracker.models import RecordedFact
from tracker.services.facts import FactEntry
from tracker.services.questions import Question, question
from tracker.wording import rules_words
from tracker.wording.numbers import unit_words
from tracker.wording.voice import Voice, is_sample
from workflow.concepts import Concept
from workflow.facts import Fact
from workflow.protocol import Protocol
from workflow.versions import CONSENT

FORM_WIDE = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a form is filled in: the words to use, the site's clock, the present instant, and what may be consented to.

    `versions` are those of the protocol, newest first.
    """

    voice: Voice
    zone: ZoneInfo
    now: datetime
    versions: tuple[Protocol, ...] = ()

    @property
    def minute(self) -> datetime:
        """The present minute, which is what staff read and type: a result of this minute serves a start in it."""
        return self.now.replace(second=0, microsecond=0)

    def moment(self, label: str, *, help_text: str = "", required: bool = True, **options: Any) -> MomentField:
        """A field for a moment of this site."""
        return MomentField(
            zone=self.zone, now=self.now, label=label, help_text=help_text, required=required, **options
        )  # fmt: skip


class ServiceForm(forms.Form):
    """A form whose content only a service judges: the service's messages are put beside its fields."""

    error_css_class = "errors"

    def attach(self, errors: Mapping[str, list[str]], prefix: str = "") -> None:
        """Put a service's messages beside the fields they are about; above the form where there is no such field."""
        for name, messages in errors.items():
            field = f"{prefix}{name}"
            self.add_error(field if field in self.fields else FORM_WIDE, messages)


class FactForm(ServiceForm):
    """One fact of one concept."""

    def __init__(self, concept: Concept, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.concept = concept
        self.desk = desk
        self.minute = desk.minute
        for name, field in _BY_KIND[concept.kind](concept, desk).items():
            self.fields[name] = field
        keep_typed_unit(self, "unit")

    def clean(self) -> dict[str, Any]:
        """A number that people rarely have is asked about once."""
        return ask_about(self, self.desk.voice.protocol, self.concept.id, super().clean() or {})

    def entry(self) -> FactEntry:
        """What was typed, for a service to judge."""
        typed = self.cleaned_data
        out = typed.get("resulted_at")
        if out is None and typed.get("value") and is_sample(self.concept):
            out = self.minute
        return FactEntry(
            concept=self.concept.id, at=typed["at"], value=typed.get("value", ""), unit=typed.get("unit", ""),
            upper_limit=typed.get("upper_limit", ""), until=typed.get("until"), resulted_at=out,
            detail=typed.get("detail", ""), dose=typed.get("dose", ""), route=typed.get("route", ""),
            kept=bool(typed.get("kept")),
        )  # fmt: skip


class CorrectionForm(FactForm):
    """One fact once more, as it should have been, and why."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"] = reason_field()


class ReasonForm(ServiceForm):
    """Why; nothing else."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"] = reason_field()


class EndForm(ServiceForm):
    """When something that lasted ended."""

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"] = desk.moment(_("When it ended"), time_required=False, help_text=_whole_day())


class ResultForm(ServiceForm):
    """The result of a sample that was collected earlier."""

    def __init__(self, concept: Concept, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = (desk.voice.protocol, concept.id)
        fields = _value_fields(concept, desk, required=True)
        self.fields.update({**fields, "resulted_at": desk.moment(_("When the result was out"))})
        keep_typed_unit(self, "unit")

    def clean(self) -> dict[str, Any]:
        """A number that people rarely have is asked about once."""
        return ask_about(self, *self.asked, super().clean() or {})


def reason_field() -> forms.CharField:
    """A reason in a few words."""
    return forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the record for ever; no names, please."),
    )  # fmt: skip


def note_field() -> forms.CharField:
    """A note where no reason is demanded."""
    return forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


def initial_of(fact: Fact) -> dict[str, Any]:
    """A fact as the initial content of its form."""
    value = "" if fact.value is None else str(fact.value)
    return {
        "at": fact.at, "until": fact.until, "resulted_at": fact.resulted_at, "unit": fact.unit or "",
        "value": ("" if fact.comparator == "=" else fact.comparator) + value, "detail": fact.detail,
        "upper_limit": "" if fact.upper_limit is None else str(fact.upper_limit),
    }  # fmt: skip


def remembered(concept: Concept, site_id: int) -> dict[str, str]:
    """The unit and the upper limit that this site's laboratory used last for a concept; the preferred unit at first."""
    facts = RecordedFact.objects.filter(concept=concept.id, participant__site=site_id).exclude(unit="")
    last = facts.order_by("-recorded_at", "-pk").first()
    if last is None or last.unit not in concept.units:
        return {"unit": concept.unit}
    return {"unit": last.unit, "upper_limit": last.upper_limit}


def unit_field(concept: Concept) -> forms.CharField:
    """The offered units; what else is typed reaches the service, which says what is wrong with it."""
    choices = [(unit, unit_words(unit) or _("(no unit)")) for unit in concept.units]
    return forms.CharField(label=_("Unit"), required=False, widget=forms.Select(choices=choices))


def ask_about(form: forms.Form, protocol: Protocol, concept: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Put the question beside a number that people rarely have, until it is corrected or said to be checked.

    The answer names the number that was asked about: it holds for no other.
    """
    found = question(protocol, concept, str(cleaned.get("value", "")), str(cleaned.get("unit", "")))
    if found is None:
        return cleaned
    keep = [(found.typed, _("Keep %(typed)s, checked") % {"typed": found.typed})]
    form.fields["kept"] = forms.ChoiceField(
        label=_("Or"), required=False, choices=keep, widget=forms.RadioSelect
    )  # fmt: skip
    if form.data.get(form.add_prefix("kept")) == found.typed:
        return {**cleaned, "kept": True}
    form.add_error("value", question_words(found))
    return cleaned


def question_words(found: Question) -> str:
    """The question in a sentence or two."""
    asked = _("%(typed)s? People usually have %(range)s.") % {"typed": found.typed, "range": found.usual}
    return f"{asked} {_('Perhaps %(meant)s?') % {'meant': found.meant_words}}" if found.meant else asked


def keep_typed_unit(form: forms.Form, name: str) -> None:
    """Let a unit that is not offered stand in the list, so that it is not lost when the form comes back."""
    widget = form.fields[name].widget if name in form.fields else None
    typed = form.data.get(form.add_prefix(name), "") if form.is_bound else ""
    if isinstance(widget, forms.Select) and typed and typed not in dict(widget.choices):
        widget.choices = [*widget.choices, (typed, typed)]


def _whole_day() -> str:
    return _("Without a time of day the whole day counts.")


def _detail(label: str = "") -> forms.CharField:
    return forms.CharField(label=label or _("Details"), required=False, max_length=500)


def given_fields(concept: Concept) -> dict[str, forms.Field]:
    """How much of it was given, and how, where it is something that is given."""
    if not concept.therapy:
        return {}
    names = {"dose": _("Dose"), "route": _("Route")}
    return {name: forms.CharField(label=label, required=False, max_length=60) for name, label in names.items()}


def _event(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    label = _("Version of the consent form (ICF)") if concept.id == CONSENT else ""
    when = desk.moment(_("When it happened"), time_required=False, help_text=_whole_day())
    to = {"value": version_field(desk.versions)} if concept.id == CONSENT else {}
    return {"at": when, **to, **given_fields(concept), "detail": _detail(label)}


def version_field(versions: Sequence[Protocol]) -> forms.CharField:
    """The versions of the protocol that may be consented to, the newest chosen."""
    choices = [(each.version, rules_words(each.version, each.hash)) for each in versions]
    return forms.CharField(
        label=_("Protocol version consented to"), required=bool(versions), widget=forms.Select(choices=choices),
        help_text=_("From this consent on, its rules apply to this participant."),
    )  # fmt: skip


def _interval(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    until = desk.moment(_("When it ended"), time_required=False, required=False, help_text=_("Empty while it lasts."))
    start = desk.moment(_("When it began"), time_required=False, help_text=_whole_day())
    is_hold = concept.id == desk.voice.protocol.hold.concept
    why = forms.CharField(label=_("Reason of the hold"), max_length=500, help_text=_("Everybody at the site reads it."))
    return {"at": start, "until": until, **given_fields(concept), "detail": why if is_hold else _detail()}


def _answer(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    when = desk.moment(_("Since when it holds"), time_required=False)
    return {**_value_fields(concept, desk, required=True), "at": when, "detail": _detail()}


def _result(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    out = desk.moment(_("When the result was out"), required=False, help_text=_("Empty while the result is awaited."))
    collected = desk.moment(_("When the sample was collected"), time_required=False)
    return {"at": collected, **_value_fields(concept, desk, required=False), "resulted_at": out, "detail": _detail()}


def _quantity(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    label = _("When the sample was collected") if is_sample(concept) else _("When it was measured")
    fields: dict[str, forms.Field] = {"at": desk.moment(label, time_required=False)}
    fields |= _value_fields(concept, desk, required=not concept.panel)
    if concept.panel:
        fields["resulted_at"] = desk.moment(_("When the result was out"), required=False)
    return {**fields, "detail": _detail()}


def _review(_concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    help_text = _("You say that you looked, and that all found up to then is recorded here.")
    return {"at": desk.moment(_("When you looked"), time_required=False, help_text=help_text), "detail": _detail()}


def _date(_concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    return {"at": desk.moment(_("Date"), date_only=True), "detail": _detail()}


def _value_fields(concept: Concept, desk: Desk, *, required: bool) -> dict[str, forms.Field]:
    if concept.kind == "quantity":
        return _number_fields(concept, required=required)
    choices = [(choice.code, desk.voice.label(choice)) for choice in concept.choices]
    label = _("Answer") if concept.kind == "answer" else _("Result")
    return {"value": forms.CharField(label=label, required=required, widget=forms.RadioSelect(choices=choices))}


def _number_fields(concept: Concept, *, required: bool) -> dict[str, forms.Field]:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    help_text = _("As reported, with a point: 12.5. A bound is written < 0.5.")
    fields: dict[str, forms.Field] = {
        "value": forms.CharField(
            label=_("Value"), required=required, widget=forms.TextInput(attrs=attrs), help_text=help_text
        ),
        "unit": unit_field(concept),
    }
    if concept.needs_upper_limit:
        fields["upper_limit"] = forms.CharField(
            label=_("Upper limit of normal"), required=False, widget=forms.TextInput(attrs=attrs)
        )
    return fields


_BY_KIND: Mapping[str, Callable[[Concept, Desk], dict[str, forms.Field]]] = {
    "event": _event,
    "interval": _interval,
    "answer": _answer,
    "result": _result,
    "quantity": _quantity,
    "review": _review,
    "date": _date,
}

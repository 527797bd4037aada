"""The laboratory panel's form: one laboratory, one collection, one time of results, a row for each test."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tracker.admin.asking import keep_typed_unit
from tracker.admin.desk import Desk
from tracker.admin.fact_fields import unit_field
from tracker.admin.service_forms import ServiceForm
from tracker.services import facts
from tracker.services.laboratories import Memory
from tracker.services.questions import Question, question
from workflow.concepts import Concept

_SEPARATOR = "."
NEW = "+"
"""The choice of a laboratory that is not in the list yet."""
KEEP, USE = "keep", "use"
"""The two answers to a question about a number: it was checked, or the other one was meant."""


class PanelForm(ServiceForm):
    """Rows are named `anc.value`, `anc.unit`, `anc.upper_limit`, as the service names what is wrong with them."""

    def __init__(
        self, concepts: tuple[Concept, ...], desk: Desk, laboratories: list[str], memory: Mapping[str, Memory],
        *args: Any, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.concepts, self.desk, self.memory = concepts, desk, memory
        self.fields["laboratory"] = _laboratory_field(laboratories)
        self.fields["new_laboratory"] = forms.CharField(label=_("Its name"), required=False, max_length=100)
        self.fields["at"] = desk.moment(_("Collected"))
        self.fields["resulted_at"] = desk.moment(
            _("Results out"), required=False, help_text=_("Empty: they are out just now.")
        )
        for concept in concepts:
            self.fields.update(_row_fields(concept, desk.voice.label(concept)))
            keep_typed_unit(self, f"{concept.id}.unit")

    def clean_laboratory(self) -> str:
        """The name that was chosen, or the new one."""
        chosen: str = self.cleaned_data["laboratory"]
        if chosen != NEW:
            return chosen
        named = str(self.data.get(self.add_prefix("new_laboratory"), "")).strip()
        if not named:
            self.add_error("new_laboratory", _("Give the laboratory’s name."))
        return named

    def clean(self) -> dict[str, Any]:
        """At least one row is filled."""
        cleaned = super().clean() or {}
        if not any(cleaned.get(f"{concept.id}.value", "").strip() for concept in self.concepts):
            raise forms.ValidationError(_("Fill in at least one row."))
        return cleaned

    def entries(self) -> list[facts.FactEntry]:
        """The filled rows, for the service to judge: with what was meant where that was the answer to a question.

        While people type, the time of collection may be missing: then it is now.
        """
        filled = [concept for concept in self.concepts if self.cleaned_data.get(f"{concept.id}.value", "").strip()]
        return [self._entry(concept) for concept in filled]

    def _entry(self, concept: Concept) -> facts.FactEntry:
        typed = self.cleaned_data
        value, unit, kept = self._answered(concept, typed[f"{concept.id}.value"], typed.get(f"{concept.id}.unit", ""))
        out = (typed.get("resulted_at") or self.desk.minute) if concept.panel else None
        return facts.FactEntry(
            concept=concept.id, at=typed.get("at") or self.desk.minute, resulted_at=out, value=value, unit=unit,
            kept=kept, upper_limit=self._limit(concept, typed.get(f"{concept.id}.upper_limit", ""), unit),
        )  # fmt: skip

    def _limit(self, concept: Concept, limit: str, unit: str) -> str:
        """The upper limit as it stands in the row; a remembered one is of its own unit, and of no other."""
        known = self.memory[concept.id]
        return "" if known.upper_limit and limit == known.upper_limit and unit != known.unit else limit

    def _answered(self, concept: Concept, value: str, unit: str) -> tuple[str, str, bool]:
        """The value and unit, and whether the person keeps them: an answer holds for what was asked only."""
        answer, asked = (self.data.get(self.add_prefix(f"{concept.id}.{name}"), "") for name in ("answer", "asked"))
        found = question(self.desk.voice.protocol, concept.id, value, unit) if answer else None
        if found is None or found.typed != asked:
            return value, unit, False
        if answer == USE and found.meant:
            return found.meant, found.meant_unit, False
        return value, unit, answer == KEEP

    def reasons(self) -> dict[str, str]:
        """Why upper limits changed, by concept."""
        named = {concept.id: f"{concept.id}.reason" for concept in self.concepts if concept.needs_upper_limit}
        return {id_: self.cleaned_data.get(name, "") for id_, name in named.items()}

    def attach_panel(self, errors: Mapping[str, list[str]]) -> None:
        """Messages about the shared times stand once beside them, all others beside their row."""
        for name, messages in errors.items():
            field = name.partition(_SEPARATOR)[2]
            shared = field in self.fields
            target = field if shared else name if name in self.fields else None
            fresh = [said for said in messages if not shared or said not in self.errors.get(field, [])]
            if fresh:
                self.add_error(target, fresh)

    def point_to(self, name: str) -> None:
        """Let the page open with the cursor in a field."""
        self.fields[name].widget.attrs["autofocus"] = True

    def rows(self, questions: Mapping[str, Question]) -> Iterator[dict[str, Any]]:
        """Each test with its bound fields, for the template."""
        for concept in self.concepts:
            yield {"id": concept.id, "label": self.desk.voice.label(concept), **self._cells(concept),
                   "question": questions.get(concept.id)}  # fmt: skip

    def _cells(self, concept: Concept) -> dict[str, Any]:
        names = ("value", "unit", "upper_limit", "reason")
        cells = {name: self[f"{concept.id}.{name}"] for name in names if f"{concept.id}.{name}" in self.fields}
        errors = [error for cell in cells.values() for error in cell.errors]
        known = self.memory[concept.id].upper_limit
        changed = bool(known) and "upper_limit" in cells and cells["upper_limit"].value() not in (known, "", None)
        return {
            **cells,
            "errors": errors,
            "known_limit": known,
            "known_unit": self.memory[concept.id].unit,
            "why_asked": "reason" in cells and bool(cells["reason"].errors),
            "limit_changed": changed,
        }


def _laboratory_field(laboratories: list[str]) -> forms.ChoiceField:
    named = [(name, name) for name in laboratories] or [("", _("Own laboratory"))]
    choices = [*named, (NEW, _("Another laboratory …"))]
    return forms.ChoiceField(label=_("Measured by"), choices=choices, required=False)


def _row_fields(concept: Concept, label: str) -> dict[str, forms.Field]:
    def text(name: str, said: str, **attrs: str) -> forms.CharField:
        shown = {"autocomplete": "off", "aria-label": f"{label}: {said}", "data-cell": name, **attrs}
        return forms.CharField(label=said, required=False, max_length=500, widget=forms.TextInput(attrs=shown))

    unit = unit_field(concept)
    unit.widget.attrs |= {"aria-label": f"{label}: {_('Unit')}", "data-cell": "unit"}
    fields: dict[str, forms.Field] = {"value": text("value", _("Value"), inputmode="decimal"), "unit": unit}
    if concept.needs_upper_limit:
        fields["upper_limit"] = text("limit", _("Upper limit of normal"), inputmode="decimal", placeholder="?")
        fields["reason"] = text("reason", _("Why the upper limit changes"))
    return {f"{concept.id}.{name}": field for name, field in fields.items()}

"""The laboratory panel: one collection, one time of results, a row for each test; all saved, or none."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tracker.admin.fact_forms import Desk, ServiceForm, keep_typed_unit, remembered, unit_field
from tracker.admin.pages import FormPage
from tracker.admin.recordable import panel_concepts
from tracker.errors import Invalid
from tracker.services import facts
from workflow.concepts import Concept

_SEPARATOR = "."


class PanelForm(ServiceForm):
    """Rows are named `anc.value`, `anc.unit`, `anc.upper_limit`, as the service names what is wrong with them."""

    def __init__(self, concepts: tuple[Concept, ...], desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.concepts = concepts
        self.desk = desk
        self.fields["at"] = desk.moment(_("When the sample was collected"))
        self.fields["resulted_at"] = desk.moment(
            _("When the results were out"), required=False, help_text=_("Empty: they are out just now.")
        )
        for concept in concepts:
            self.fields.update(_row_fields(concept))
            keep_typed_unit(self, f"{concept.id}.unit")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each test with its bound fields, for the template."""
        for concept in self.concepts:
            cells = {name: self[f"{concept.id}.{name}"] for name in ("value", "unit")}
            if concept.needs_upper_limit:
                cells["upper_limit"] = self[f"{concept.id}.upper_limit"]
            errors = [error for cell in cells.values() for error in cell.errors]
            yield {"label": self.desk.voice.label(concept), "errors": errors, **cells}

    def clean(self) -> dict[str, Any]:
        """At least one row is filled."""
        cleaned = super().clean() or {}
        if not any(cleaned.get(f"{concept.id}.value", "").strip() for concept in self.concepts):
            raise forms.ValidationError(_("Fill in at least one row."))
        return cleaned

    def entries(self) -> list[facts.FactEntry]:
        """The filled rows, for the service to judge."""
        typed = self.cleaned_data
        return [
            facts.FactEntry(
                concept=concept.id, at=typed["at"], resulted_at=typed.get("resulted_at") or self.desk.minute,
                value=typed[f"{concept.id}.value"], unit=typed[f"{concept.id}.unit"],
                upper_limit=typed.get(f"{concept.id}.upper_limit", ""),
            )
            for concept in self.concepts
            if typed[f"{concept.id}.value"].strip()
        ]  # fmt: skip

    def attach_panel(self, errors: dict[str, list[str]]) -> None:
        """Messages about the shared times stand once beside them, all others beside their row."""
        for name, messages in errors.items():
            field = name.partition(_SEPARATOR)[2]
            shared = field in self.fields
            target = field if shared else name if name in self.fields else None
            fresh = [said for said in messages if not shared or said not in self.errors.get(field, [])]
            if fresh:
                self.add_error(target, fresh)


class EnterPanel(FormPage):
    """The page of the panel."""

    template = "tracker/panel.html"

    def heading(self) -> str:
        """The page's name."""
        return _("Laboratory panel")

    def submit(self) -> str:
        """What the button does."""
        return _("Save the panel")

    def form(self, data: Any = None) -> PanelForm:
        """Units and upper limits as this site used them last."""
        concepts = panel_concepts(self.protocol)
        initial: dict[str, Any] = {}
        for concept in concepts:
            kept = remembered(concept, self.participant.site_id)
            initial |= {f"{concept.id}.{name}": value for name, value in kept.items()}
        return PanelForm(concepts, self.desk, data, initial=initial)

    def save(self, form: PanelForm) -> str:
        """Record every filled row, or none."""
        recorded = facts.record_panel(participant=self.participant, entries=form.entries(), by=self.staff, now=self.now)
        return _("%(number)d results recorded.") % {"number": len(recorded)}

    def attach(self, form: Any, invalid: Invalid) -> None:
        """Messages by row."""
        form.attach_panel(invalid.errors)


def _row_fields(concept: Concept) -> dict[str, forms.Field]:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}

    def number(label: str) -> forms.CharField:
        widget = forms.TextInput(attrs={**attrs, "aria-label": label})
        return forms.CharField(label=label, required=False, widget=widget)

    fields: dict[str, forms.Field] = {f"{concept.id}.value": number(_("Value"))}
    fields[f"{concept.id}.unit"] = unit_field(concept)
    if concept.needs_upper_limit:
        fields[f"{concept.id}.upper_limit"] = number(_("Upper limit of normal"))
    return fields

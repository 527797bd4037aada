"""Forms for facts, made from the protocol's concepts: another protocol needs no other code."""

from typing import Any

from django.utils.translation import gettext as _

from tracker.admin.asking import ask_about, keep_typed_unit
from tracker.admin.desk import Desk
from tracker.admin.fact_fields import ended_field, fields_of, value_fields
from tracker.admin.service_forms import ServiceForm, reason_field
from tracker.models import RecordedFact
from tracker.services.facts import FactEntry
from tracker.wording.voice import is_sample
from workflow.concepts import Concept
from workflow.facts import Fact


class FactForm(ServiceForm):
    """One fact of one concept."""

    def __init__(self, concept: Concept, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.concept = concept
        self.desk = desk
        self.minute = desk.minute
        for name, field in fields_of(concept, desk).items():
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


class EndForm(ServiceForm):
    """When something that lasted ended."""

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"] = ended_field(desk)


class ResultForm(ServiceForm):
    """The result of a sample that was collected earlier."""

    def __init__(self, concept: Concept, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = (desk.voice.protocol, concept.id)
        fields = value_fields(concept, desk, required=True)
        self.fields.update({**fields, "resulted_at": desk.moment(_("When the result was out"))})
        keep_typed_unit(self, "unit")

    def clean(self) -> dict[str, Any]:
        """A number that people rarely have is asked about once."""
        return ask_about(self, *self.asked, super().clean() or {})


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

"""Past decisions: each step that a gate let pass, or that was reported against it, and what was known then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.admin.alert_card import person
from tracker.admin.checklist import is_decision
from tracker.admin.step_words import step_label
from tracker.models import StepRecord
from tracker.wording import Voice, rules_words
from workflow.findings import Outcome
from workflow.stages import Step


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as written down. `known` is the instant to show the page at; `replaced`: it was corrected since."""

    step: str
    happened: str
    recorded: str
    by: str
    result: str
    kept: bool
    rules: str
    replaced: bool
    known: str
    checklist_url: str


def decision_rows(voice: Voice, steps: Sequence[StepRecord]) -> list[Decision]:
    """Every decision in the journal, the latest first."""
    replaced = {step.corrects_id for step in steps}
    return [_decision(voice, step, replaced=step.pk in replaced) for step in reversed(steps) if is_decision(step)]


def _decision(voice: Voice, step: StepRecord, *, replaced: bool) -> Decision:
    against = list(_against(step))
    return Decision(
        step=step_label(voice, Step(step.step)), happened=voice.at(step.happened_at),
        recorded=voice.at(step.recorded_at), by=person(step.recorded_by),
        result=_result(len(step.evidence), len(against)), kept=not against,
        rules=rules_words(step.protocol_version, step.protocol_hash),
        replaced=replaced, known=step.recorded_at.isoformat(),
        checklist_url=reverse("admin:tracker_checklist_decided", args=[step.participant_id, step.pk]),
    )  # fmt: skip


def _against(step: StepRecord) -> Iterator[str]:
    """The clauses that would have stopped the step."""
    return (each["clause"] for each in step.evidence if not Outcome(each["outcome"]).passes)


def _result(number: int, against: int) -> str:
    if against:
        return _("reported although %(open)d of %(number)d conditions were open") % {"open": against, "number": number}
    said = ngettext(
        "its one condition was met or did not apply", "all %(number)d conditions were met or did not apply", number
    )
    return said % {"number": number}

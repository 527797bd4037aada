"""What ended, and how far: notices at the head of a participant's page; what cannot be true together is an error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.access import EXITS
from tracker.models import StepRecord
from tracker.services.entries import DATA_USE_WITHDRAWN
from tracker.wording import Voice
from workflow.answers import Evaluation
from workflow.findings import Finding, Reason
from workflow.stages import Step
from workflow.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence. `is_wrong` where something has to be corrected."""

    said: str
    is_wrong: bool = False


def end_notices(
    voice: Voice, timeline: Timeline, evaluation: Evaluation, standing: Sequence[StepRecord]
) -> list[Notice]:
    """What a reader must know before anything else: data that may not be used, what ended, and contradictions."""
    return [
        *(_data_not_to_be_used(voice, timeline)), *(_partly_ended(voice, evaluation)),
        *(_contradictions(voice, standing)),
    ]  # fmt: skip


def _data_not_to_be_used(voice: Voice, timeline: Timeline) -> Iterator[Notice]:
    for fact in timeline.done(DATA_USE_WITHDRAWN)[:1]:
        words = {"what": voice.concept(fact.concept), "when": voice.at(fact.at)}
        yield Notice(_("%(what)s, %(when)s: data recorded from this instant on must not be used.") % words)


def _partly_ended(voice: Voice, evaluation: Evaluation) -> Iterator[Notice]:
    """The partial exits that are in force; a full end is the stage itself."""
    partial = {exit_.event for exit_ in voice.protocol.exits if exit_.stops}
    ended: dict[str, tuple[Finding, list[Step]]] = {}
    for step, gate in evaluation.gates.items():
        for finding in gate.findings:
            if finding.reason is Reason.JOURNEY_ENDED and finding.subject in partial:
                ended.setdefault(finding.subject, (finding, []))[1].append(step)
    for event, (finding, steps) in ended.items():
        since = voice.at(finding.evidence[0].at)
        labels = " · ".join(voice.label(voice.protocol.steps[step]) for step in steps)
        words = {"what": voice.concept(event), "when": since, "steps": labels}
        yield Notice(_("%(what)s, since %(when)s. No longer possible: %(steps)s.") % words)


def _contradictions(voice: Voice, standing: Sequence[StepRecord]) -> Iterator[Notice]:
    """Steps on record for a time after the end of the journey: one of the two times must be wrong."""
    for number, end in enumerate(standing):
        if Step(end.step) not in EXITS:
            continue
        for step in standing[:number]:
            if step.happened_at > end.happened_at:
                yield Notice(_contradiction(voice, end, step), is_wrong=True)


def _contradiction(voice: Voice, end: StepRecord, step: StepRecord) -> str:
    words = {
        "end": end.get_step_display(), "ended": voice.at(end.happened_at), "step": step.get_step_display(),
        "when": voice.at(step.happened_at),
    }  # fmt: skip
    said = _(
        "These contradict each other: %(end)s, %(ended)s; and %(step)s, %(when)s, which is later. "
        "Correct the time of one of them in the journal, or take back what never happened."
    )
    return said % words

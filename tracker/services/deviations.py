"""Deviations drafted by the system: what was not kept, clause by clause, for a person to complete."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracker.evaluation import protocol_of
from tracker.models import Deviation, Participant, StepRecord
from workflow.answers import Evaluation, Gate
from workflow.findings import Finding
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS


def draft_for_step(record: StepRecord, gate: Gate, now: datetime) -> None:
    """Draft one for each clause that would have stopped a step which was reported after it had happened."""
    said = _("%(step)s was started although this was not met: %(clause)s.")
    protocol = protocol_of(record.participant.study)
    Deviation.objects.bulk_create(_draft(record, finding, said, protocol, now) for finding in gate.blocking)


def draft_for_late_facts(participant: Participant, evaluation: Evaluation, now: datetime) -> None:
    """Draft one for each clause that facts recorded since show was not met, once a later step has been taken.

    Before the next step the invalidated gate is still an alert: it can stop that step.
    """
    suspect = [gate for gate in evaluation.passed if gate.blocking]
    if not suspect:
        return
    protocol = protocol_of(participant.study)
    records = list(participant.steps.select_related("fact").order_by("recorded_at", "pk"))
    drafted = set(participant.deviations.values_list("step_record_id", "clause"))
    said = _("Facts recorded since show that this was not met when %(step)s was started: %(clause)s.")
    for gate, record in _followed_by_another(suspect, records):
        new = [finding for finding in gate.blocking if (record.pk, finding.clause) not in drafted]
        Deviation.objects.bulk_create(_draft(record, finding, said, protocol, now) for finding in new)


def evidence_of(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept with a step or a deviation: what was answered, and on which facts."""
    facts = [{"key": fact.key, "version": fact.version, "concept": fact.concept} for fact in finding.evidence]
    return {"clause": finding.clause, "outcome": finding.outcome.value, "reason": finding.reason.value, "facts": facts}


def _followed_by_another(gates: Iterable[Gate], records: list[StepRecord]) -> Iterator[tuple[Gate, StepRecord]]:
    guarded = [record for record in records if record.step in GUARDED_STEPS]
    for gate in gates:
        started = [number for number, record in enumerate(guarded) if _is_start(record, gate)]
        if started and started[-1] < len(guarded) - 1:
            yield gate, guarded[started[-1]]


def _is_start(record: StepRecord, gate: Gate) -> bool:
    return record.step == gate.step.value and record.happened_at == gate.anchor


def _draft(record: StepRecord, finding: Finding, said: str, protocol: Protocol, now: datetime) -> Deviation:
    titles = {rule.id: rule.title for rule in protocol.rules}
    words = {"step": record.get_step_display(), "clause": titles.get(finding.clause, finding.clause)}
    return Deviation(
        participant=record.participant, step_record=record, clause=finding.clause, drafted_at=now,
        description=said % words, evidence=evidence_of(finding),
    )  # fmt: skip

"""Deviations drafted by the system: what was not kept, clause by clause, for a person to complete."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.evaluation import protocol_of, versions_of
from tracker.models import Deviation, Participant, RecordedFact, StepRecord, User
from tracker.wording import clause_title
from workflow.answers import Evaluation, Gate
from workflow.findings import Finding
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS


def draft_for_step(record: StepRecord, gate: Gate, now: datetime) -> None:
    """Draft one for each clause that would have stopped a step which was reported, or moved, after it had happened.

    What was drafted for the step before its time was corrected still holds; what was signed, was for another time.
    """
    said = _("%(step)s was started although this was not met: %(clause)s.")
    if record.corrects_id:
        said = _("At the corrected time of %(step)s this was not met: %(clause)s.")
    protocol = versions_of(record.participant)[gate.version]
    drafted = _clauses_drafted(record, list(record.participant.deviations.select_related("step_record")))
    # Several holds stop a step as one clause.
    by_clause = {finding.clause: finding for finding in reversed(gate.blocking) if finding.clause not in drafted}
    Deviation.objects.bulk_create(
        _draft(record, finding, protocol, said, reporter=record.recorded_by, now=now) for finding in by_clause.values()
    )


def draft_for_late_facts(participant: Participant, evaluation: Evaluation, now: datetime) -> bool:
    """Draft one for each clause that facts recorded since show was not met when a step was taken; whether there is any.

    Where the next step judges the gate again, the clause itself stops that step: then the deviation is drafted once the
    next step was taken all the same. Everywhere else it is drafted at once, and holds the next step until it is signed.
    """
    suspect = [gate for gate in evaluation.passed if gate.blocking]
    if not suspect:
        return False
    protocol, known = protocol_of(participant), versions_of(participant)
    records = list(participant.steps.standing().select_related("fact"))
    deviations = list(participant.deviations.select_related("step_record"))
    said = _("Facts recorded since show that this was not met when %(step)s was started: %(clause)s.")
    is_new = False
    for gate, record in _nothing_else_stops(suspect, records, protocol):
        drafted = _clauses_drafted(record, deviations)
        for finding in gate.blocking:
            if finding.clause not in drafted:
                reporter, rules = _brought_to_light_by(record, gate, finding, evaluation), known[gate.version]
                _draft(record, finding, rules, said, reporter=reporter, now=now).save()
                is_new = True
    return is_new


def evidence_of(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept with a step or a deviation: what was answered, and on which facts."""
    facts = [{"key": fact.key, "version": fact.version, "concept": fact.concept} for fact in finding.evidence]
    return {
        "clause": finding.clause, "outcome": finding.outcome.value, "reason": finding.reason.value,
        "subject": finding.subject, "limit": finding.limit, "window": finding.window, "facts": facts,
    }  # fmt: skip


def _clauses_drafted(record: StepRecord, deviations: Iterable[Deviation]) -> frozenset[str]:
    """The clauses whose deviation from this step is on record; not what was signed before its time was corrected."""
    own = [each for each in deviations if each.step_record and each.step_record.first == record.first]
    earlier = [each for each in own if each.closed_at and each.closed_at < record.recorded_at]
    return frozenset(each.clause for each in own if each not in earlier)


def _nothing_else_stops(
    gates: Iterable[Gate], records: list[StepRecord], protocol: Protocol
) -> Iterator[tuple[Gate, StepRecord]]:
    """The starts after which another step was taken, or whose gate no later step judges again."""
    guarded = [record for record in records if record.step in GUARDED_STEPS]
    judged_again = {step for definition in protocol.steps.values() for step in definition.rejudges}
    for gate in gates:
        started = [number for number, record in enumerate(guarded) if _is_start(record, gate)]
        if started and (started[-1] < len(guarded) - 1 or gate.step not in judged_again):
            yield gate, guarded[started[-1]]


def _is_start(record: StepRecord, gate: Gate) -> bool:
    return record.step == gate.step.value and record.happened_at == gate.anchor


def _brought_to_light_by(record: StepRecord, gate: Gate, finding: Finding, evaluation: Evaluation) -> User | None:
    """Who recorded the entry since which it is known that the clause was not met."""
    key = (finding.clause, gate.occurrence)
    raised = [each.raised_at for each in evaluation.deadlines if (each.clause, each.occurrence) == key]
    owner = Q(participant=record.participant_id) | Q(study=record.participant.study_id)
    rows = RecordedFact.objects.filter(owner, recorded_at__in=[at for at in raised if at])
    row = rows.select_related("recorded_by").order_by("-pk").first()
    return row.recorded_by if row else None


def _words(record: StepRecord, finding: Finding, protocol: Protocol) -> dict[str, str]:
    title = clause_title(protocol, finding.clause, get_language() or "en")
    return {"step": record.get_step_display(), "clause": title}


def _draft(
    record: StepRecord, finding: Finding, protocol: Protocol, said: str, *, reporter: User | None, now: datetime
) -> Deviation:
    return Deviation(
        participant=record.participant, step_record=record, clause=finding.clause, drafted_at=now,
        reported_by=reporter, description=said % _words(record, finding, protocol), evidence=evidence_of(finding),
        protocol_version=protocol.version, protocol_hash=protocol.hash,
    )  # fmt: skip

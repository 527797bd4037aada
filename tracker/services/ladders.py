"""Ladders: what the evaluation wants told, held against the alerts that stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.evaluation import deviation_key, protocol_of
from tracker.models import Alert, Deviation, DeviationStatus, Participant, RecordedFact, Resolution, TrackedDeadline
from workflow.answers import Evaluation
from workflow.deadlines import Deadline, DeadlineStatus, Rung
from workflow.definitions import HELD, HOLD
from workflow.expiry import EXPIRING
from workflow.facts import Fact
from workflow.findings import Finding, Reason
from workflow.protocol import Protocol

Rows = Mapping[tuple[str, int], TrackedDeadline]


@dataclass(frozen=True, slots=True)
class Ladder:
    """What one evaluation of one participant wants told at an instant.

    `reviewed` says when the deviation of a clause, of a step started at an instant, was signed.
    """

    participant: Participant
    evaluation: Evaluation
    rows: Rows
    now: datetime
    reviewed: Mapping[tuple[str, datetime], datetime]

    @property
    def protocol(self) -> Protocol:
        """The rules of the participant's study."""
        return protocol_of(self.participant)

    def due(self) -> list[tuple[TrackedDeadline, Deadline, Rung]]:
        """Every deadline whose ladder has a rung that is due and still owed."""
        return [
            (self.rows[deadline.clause, deadline.occurrence], deadline, deadline.rung)
            for deadline in self.evaluation.deadlines
            if deadline.rung is not None and not self.is_reviewed(deadline)
        ]

    def row(self, alert: Alert) -> TrackedDeadline:
        """The alert's deadline."""
        return next(row for row in self.rows.values() if row.pk == alert.deadline_id)

    def answer(self, alert: Alert) -> Deadline | None:
        """What is answered now for the alert's deadline."""
        wanted = (row := self.row(alert)).clause, row.occurrence
        return next((each for each in self.evaluation.deadlines if (each.clause, each.occurrence) == wanted), None)

    def wants(self, alert: Alert) -> bool:
        """Whether this very rung, for this very due time, is still the one to be told.

        After the clock was set back, what was told already stands, and the rung before it is not told once more.
        """
        deadline = self.answer(alert)
        rung = deadline.rung if deadline else None
        if deadline is None or rung is None or self.is_reviewed(deadline):
            return False
        return deadline.due_at == alert.due_at and (rung.name == alert.rung or alert.raised_at > self.now)

    def is_reviewed(self, deadline: Deadline) -> bool:
        """Whether the investigator has signed the deviation of an invalidated gate, over all that it rests on."""
        if deadline.status is not DeadlineStatus.ELIGIBILITY_INVALIDATED or deadline.due_at is None:
            return False
        signed_at = self.reviewed.get((deadline.clause, deadline.due_at))
        facts = _facts(deadline.finding) if deadline.finding else ()
        return signed_at is not None and all(fact.recorded_at <= signed_at for fact in facts)

    def why_over(self, alert: Alert) -> Resolution:
        """Why nobody needs to be told any more."""
        deadline = self.answer(alert)
        if self.participant.ended or _is_over(deadline):
            return Resolution.JOURNEY_ENDED
        if alert.rung in {self.protocol.when_invalidated.name, self.protocol.told_of_reports.name}:
            return self._why_no_longer_invalidated(deadline)
        if deadline and deadline.rung and deadline.due_at == alert.due_at:
            return Resolution.SUPERSEDED
        if self._started(alert) or self.row(alert).clause.startswith(EXPIRING):
            return Resolution.DONE
        if deadline is None and alert.due_at is None:
            return Resolution.CORRECTED
        if deadline is None or deadline.due_at != alert.due_at:
            return Resolution.PLAN_MOVED
        return Resolution.CORRECTED if self._came_of_a_fact(alert) else Resolution.DONE

    def _why_no_longer_invalidated(self, deadline: Deadline | None) -> Resolution:
        if deadline is None or deadline.status is not DeadlineStatus.ELIGIBILITY_INVALIDATED:
            return Resolution.CORRECTED
        return Resolution.DONE if self.is_reviewed(deadline) else Resolution.SUPERSEDED

    def _started(self, alert: Alert) -> bool:
        """Whether the step that the alert waited for has been started."""
        row = self.row(alert)
        step = self.protocol.step_of(row.clause)
        return any(gate.step is step and gate.occurrence == row.occurrence for gate in self.evaluation.passed)

    def _came_of_a_fact(self, alert: Alert) -> bool:
        """Whether the alert was raised at once by a fact: at the same due time, only a correction undoes it."""
        rule = self.protocol.find_rule(self.row(alert).clause)
        reminders = rule.owed.reminders if rule and rule.owed else ()
        return any(reminder.name == alert.rung and reminder.at_once for reminder in reminders)


def reviewed_by(participant: Participant, evaluation: Evaluation) -> dict[tuple[str, datetime], datetime]:
    """When the deviations of steps were signed, by clause and start; asked only where a passed gate is wrong."""
    if all(deadline.status is not DeadlineStatus.ELIGIBILITY_INVALIDATED for deadline in evaluation.deadlines):
        return {}
    closed = participant.deviations.filter(status=DeviationStatus.CLOSED, step_record__isnull=False)
    return dict(_review(deviation) for deviation in closed.select_related("step_record"))


def _review(deviation: Deviation) -> tuple[tuple[str, datetime], datetime]:
    """What a signed deviation reviewed: the clause, and the start as it was on record when it was signed."""
    step, closed_at = deviation.step_record, deviation.closed_at
    if step is None or closed_at is None:
        raise ValueError(f"deviation {deviation.pk} is not the signed deviation of a step")
    clause = f"{HELD}{step.step}" if deviation.clause == HOLD else deviation.clause
    return (clause, step.speaking_at(closed_at).happened_at), closed_at


def rests_on(deadline: Deadline) -> list[str]:
    """What a deadline's answer rests on: each fact's key and version; for an alarm, since when its result is known.

    No outcome and no instant asked about: evidence that merely ages rests on the same facts.
    """
    if deadline.finding is None:
        return [f"since {deadline.raised_at.isoformat()}"] if deadline.raised_at else []
    return sorted(_by_name(deadline.finding))


def _is_over(deadline: Deadline | None) -> bool:
    """Whether the part of the journey that a deadline belongs to has ended."""
    found = deadline.finding if deadline else None
    return found is not None and found.reason is Reason.JOURNEY_ENDED


def recorded_since(alert: Alert, deadline: Deadline) -> bool:
    """Whether a result or a correction recorded since people were told changed what the alert rests on.

    A fact that enters or leaves by the passing of time alone is neither.
    """
    kept, now = set(alert.rests_on), set(rests_on(deadline))
    if kept == now:
        return False
    if deadline.finding is None:
        return True
    found = _by_name(deadline.finding)
    return any(found[name].recorded_at >= alert.told_at for name in now - kept) or _corrected(kept - now)


def _corrected(gone: set[str]) -> bool:
    """Whether any of these versions of facts has been followed by another. A draft that held a step is no such fact."""
    versions = [name.rsplit(" ", 1) for name in gone if " " in name]
    return any(
        RecordedFact.objects.filter(key=key, version__gt=int(version)).exists()
        for key, version in versions
        if deviation_key(key) is None and version.isdigit()
    )


def _by_name(finding: Finding) -> dict[str, Fact]:
    return {f"{fact.key} {fact.version}": fact for fact in _facts(finding)}


def _facts(finding: Finding) -> Iterator[Fact]:
    yield from finding.evidence
    for part in finding.parts:
        yield from _facts(part)

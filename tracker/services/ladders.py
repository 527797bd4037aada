"""Ladders: what the evaluation wants told, held against the alerts that stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.evaluation import deviation_key, protocol_of
from tracker.models import Alert, Participant, RecordedFact, Resolution, TrackedDeadline
from workflow.answers import Evaluation
from workflow.deadlines import Deadline, DeadlineStatus, Rung
from workflow.expiry import EXPIRING
from workflow.facts import Fact
from workflow.findings import Finding
from workflow.protocol import Protocol

Rows = Mapping[tuple[str, int], TrackedDeadline]


@dataclass(frozen=True, slots=True)
class Ladder:
    """What one evaluation of one participant wants told at an instant."""

    participant: Participant
    evaluation: Evaluation
    rows: Rows
    now: datetime

    @property
    def protocol(self) -> Protocol:
        """The rules of the participant's study."""
        return protocol_of(self.participant.study)

    def due(self) -> list[tuple[TrackedDeadline, Deadline, Rung]]:
        """Every deadline whose ladder has a rung that is due and still owed."""
        return [
            (self.rows[deadline.clause, deadline.occurrence], deadline, deadline.rung)
            for deadline in self.evaluation.deadlines
            if deadline.rung is not None
        ]

    def row(self, alert: Alert) -> TrackedDeadline:
        """The alert's deadline."""
        return next(row for row in self.rows.values() if row.pk == alert.deadline_id)

    def answer(self, alert: Alert) -> Deadline | None:
        """What is answered now for the alert's deadline."""
        wanted = (row := self.row(alert)).clause, row.occurrence
        return next((each for each in self.evaluation.deadlines if (each.clause, each.occurrence) == wanted), None)

    def wants(self, alert: Alert) -> bool:
        """Whether this very rung, for this very due time, is still the one to be told."""
        deadline = self.answer(alert)
        rung = deadline.rung if deadline else None
        return bool(deadline and rung and rung.name == alert.rung and deadline.due_at == alert.due_at)

    def why_over(self, alert: Alert) -> Resolution:
        """Why nobody needs to be told any more."""
        deadline = self.answer(alert)
        if self.participant.ended:
            return Resolution.JOURNEY_ENDED
        invalidated = deadline is not None and deadline.status is DeadlineStatus.ELIGIBILITY_INVALIDATED
        if alert.rung in {self.protocol.when_invalidated.name, self.protocol.told_of_reports.name}:
            return Resolution.SUPERSEDED if invalidated else Resolution.CORRECTED
        if deadline and deadline.rung and deadline.due_at == alert.due_at:
            return Resolution.SUPERSEDED
        if self._started(alert):
            return Resolution.DONE
        if self.row(alert).clause.startswith(EXPIRING):
            return Resolution.DONE
        if deadline is None or deadline.due_at != alert.due_at:
            return Resolution.PLAN_MOVED
        return Resolution.CORRECTED if self._came_of_a_fact(alert) else Resolution.DONE

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


def rests_on(deadline: Deadline) -> list[str]:
    """What a deadline's answer rests on: each fact's key and version; for an alarm, since when its result is known.

    No outcome and no instant asked about: evidence that merely ages rests on the same facts.
    """
    if deadline.finding is None:
        return [f"since {deadline.raised_at.isoformat()}"] if deadline.raised_at else []
    return sorted(_by_name(deadline.finding))


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

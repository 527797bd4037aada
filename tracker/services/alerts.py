"""Alerts: one unresolved alert for each rung that is due, acknowledged by people, resolved when nothing is owed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from tracker.access import Action, demand
from tracker.errors import AlertResolved
from tracker.evaluation import protocol_of
from tracker.models import Alert, AlertStatus, Participant, Resolution, TrackedDeadline, User
from tracker.services import notifications
from tracker.services.locking import lock
from workflow.answers import Evaluation
from workflow.deadlines import Deadline, DeadlineStatus, Rung
from workflow.durations import Counting
from workflow.protocol import Protocol

Rows = Mapping[tuple[str, int], TrackedDeadline]


def make_equal(participant: Participant, evaluation: Evaluation, rows: Rows, now: datetime) -> datetime | None:
    """Raise what is due, resolve what is not, escalate what nobody acknowledged; when the next escalation is due.

    The caller holds the participant's lock.
    """
    ladder = _Ladder(participant, evaluation, rows, now)
    standing = list(Alert.objects.filter(deadline__participant=participant).exclude(status=AlertStatus.RESOLVED))
    kept = [alert for alert in standing if ladder.wants(alert)]
    for alert in standing:
        if alert not in kept:
            _resolve(alert, ladder.why_over(alert), ladder)
    there = {(alert.deadline_id, alert.rung) for alert in kept}
    kept += [_raise(row, rung, ladder) for row, rung in ladder.due() if (row.pk, rung.name) not in there]
    for alert in kept:
        _escalate_if_due(alert, ladder)
    waiting = [alert.escalates_at for alert in kept if _waits(alert) and alert.escalates_at is not None]
    return min(waiting, default=None)


def acknowledge(*, alert: Alert, by: User, now: datetime, note: str = "") -> Alert:
    """Note that somebody has taken this up: it stops the escalation, and closes nothing that is owed.

    Acknowledging twice keeps the first. Raises NotAllowed, and AlertResolved when there is nothing left to take up.
    """
    with transaction.atomic():
        participant = lock(alert.deadline.participant_id)
        demand(by, Action.ACKNOWLEDGE, participant, now.astimezone(participant.zone).date())
        row = Alert.objects.select_related("deadline").get(pk=alert.pk)
        if row.status == AlertStatus.RESOLVED:
            raise AlertResolved
        if row.status == AlertStatus.RAISED:
            row.status, row.acknowledged_by, row.acknowledged_at = AlertStatus.ACKNOWLEDGED, by, now
            row.acknowledged_note = note.strip()[:500]
            row.save(update_fields=["status", "acknowledged_by", "acknowledged_at", "acknowledged_note"])
    return row


@dataclass(frozen=True, slots=True)
class _Ladder:
    """What the evaluation wants told, held against the rows."""

    participant: Participant
    evaluation: Evaluation
    rows: Rows
    now: datetime

    @property
    def protocol(self) -> Protocol:
        return protocol_of(self.participant.study)

    def due(self) -> list[tuple[TrackedDeadline, Rung]]:
        """Every deadline whose ladder has a rung that is due and still owed."""
        return [
            (self.rows[deadline.clause, deadline.occurrence], deadline.rung)
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


def _raise(row: TrackedDeadline, rung: Rung, ladder: _Ladder) -> Alert:
    alert = Alert.objects.create(
        deadline=row, rung=rung.name, due_at=row.due_at, raised_at=ladder.now, urgent=rung.urgent, say=rung.say,
        say_zh=rung.say_zh, tell=list(rung.tell), escalates_to=list(rung.escalates_to),
        escalates_at=_escalates_at(rung, ladder),
    )  # fmt: skip
    notifications.tell_of(alert, ladder.participant, ladder.now)
    return alert


def _escalates_at(rung: Rung, ladder: _Ladder) -> datetime | None:
    """The wait counts, in whole minutes, from when people were told: after an outage that is later than the rung."""
    wait = rung.escalates_after
    if wait is None:
        return None
    if wait.counting is Counting.ELAPSED:
        return (ladder.now + wait.elapsed).replace(second=0, microsecond=0)
    local = ladder.now.astimezone(ladder.participant.zone)
    day = wait.after_date(local.date())
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


def _waits(alert: Alert) -> bool:
    """Whether the alert will escalate unless somebody acknowledges it."""
    return alert.status == AlertStatus.RAISED and alert.escalated_at is None


def _escalate_if_due(alert: Alert, ladder: _Ladder) -> None:
    if _waits(alert) and alert.escalates_at is not None and alert.escalates_at <= ladder.now:
        alert.escalated_at = ladder.now
        alert.save(update_fields=["escalated_at"])
        notifications.escalate(alert, ladder.participant, ladder.now)


def _resolve(alert: Alert, why: Resolution, ladder: _Ladder) -> None:
    alert.status, alert.resolution, alert.resolved_at = AlertStatus.RESOLVED, why, ladder.now
    alert.save(update_fields=["status", "resolution", "resolved_at"])
    notifications.withdraw(alert, ladder.participant, ladder.now)

"""Alerts: one unresolved alert for each rung that is due, acknowledged by people, resolved when nothing is owed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tracker.access import Action, demand
from tracker.errors import AlertResolved, SnoozeInvalid, UrgentNotSnoozed
from tracker.models import Alert, AlertEventKind, AlertStatus, Resolution, TrackedDeadline, User
from tracker.services import notifications
from tracker.services.history import is_snoozed, note_that, note_that_raised
from tracker.services.ladders import Ladder, recorded_since, rests_on
from tracker.services.locking import lock
from workflow.deadlines import Deadline, Rung
from workflow.durations import Counting, Duration


def make_equal(ladders: Sequence[Ladder]) -> list[datetime | None]:
    """Raise what is due, resolve what is not, void what the record has outrun, escalate what nobody acknowledged.

    Answers for each participant when the next escalation is due. The caller holds their locks. Doing it twice writes
    nothing the second time. What is raised for many of them is written together.
    """
    standing = _standing_of(ladders)
    there = [(alert, ladder) for ladder in ladders for alert in standing[ladder.participant.pk] if _keep(alert, ladder)]
    there += _raise_all(_due(ladders, there))
    for alert, ladder in there:
        _escalate_if_due(alert, ladder)
    silent = notifications.with_silent_roles([alert for alert, _ladder in there])
    for alert, ladder in there:
        if alert in silent:
            _go_on_at_once(alert, ladder)
    return _next_escalations(ladders, there)


def _standing_of(ladders: Sequence[Ladder]) -> defaultdict[int, list[Alert]]:
    """The alerts that are not resolved, by participant; each knows its deadline as it is by now."""
    rows = {row.pk: row for ladder in ladders for row in ladder.rows.values()}
    found: defaultdict[int, list[Alert]] = defaultdict(list)
    keys = [ladder.participant.pk for ladder in ladders]
    for alert in Alert.objects.filter(deadline__participant__in=keys).exclude(status=AlertStatus.RESOLVED):
        alert.deadline = rows[alert.deadline_id]
        found[alert.deadline.participant_id].append(alert)
    return found


def _keep(alert: Alert, ladder: Ladder) -> bool:
    """Resolve it where it is no longer wanted, else look at what is new; whether it stays."""
    wanted = ladder.wants(alert)
    if wanted:
        _look_at_what_is_new(alert, ladder)
    else:
        _resolve(alert, ladder.why_over(alert), ladder)
    return wanted


def _next_escalations(ladders: Sequence[Ladder], there: Iterable[tuple[Alert, Ladder]]) -> list[datetime | None]:
    soonest: dict[int, datetime] = {}
    for alert, ladder in there:
        if _waits(alert) and alert.escalates_at is not None:
            key = ladder.participant.pk
            soonest[key] = min(alert.escalates_at, soonest.get(key, alert.escalates_at))
    return [soonest.get(ladder.participant.pk) for ladder in ladders]


def acknowledge(*, alert: Alert, by: User, now: datetime, note: str = "") -> Alert:
    """Note that somebody has taken this up: it stops this rung's escalation, and closes nothing that is owed.

    The next rung is told all the same. Acknowledging twice keeps the first. Raises NotAllowed, and AlertResolved when
    there is nothing left to take up.
    """
    with _standing(alert, by, now) as row:
        if row.status == AlertStatus.RAISED:
            row.status, row.acknowledged_by, row.acknowledged_at = AlertStatus.ACKNOWLEDGED, by, now
            row.acknowledged_note = note.strip()[:500]
            row.save(update_fields=["status", "acknowledged_by", "acknowledged_at", "acknowledged_note"])
            note_that(AlertEventKind.ACKNOWLEDGED, row, now, by=by, note=row.acknowledged_note)
    return row


def snooze(*, alert: Alert, by: User, until: datetime | None, reason: str, now: datetime) -> Alert:
    """Leave this alert out of one's own digests until an instant, or until its next rung, whichever comes first.

    Nobody else is quieted, and no escalation is stopped. Raises NotAllowed, AlertResolved, UrgentNotSnoozed, and
    SnoozeInvalid for an end that is not between now and the due time, or without a reason.
    """
    with _standing(alert, by, now) as row:
        if row.urgent:
            raise UrgentNotSnoozed
        errors = _errors_of_snooze(row, until, reason, now)
        if errors:
            raise SnoozeInvalid(errors)
        note_that(AlertEventKind.SNOOZED, row, now, by=by, note=reason.strip(), until=until)
    return row


@contextmanager
def _standing(alert: Alert, by: User, now: datetime) -> Iterator[Alert]:
    """One transaction about an alert that is not resolved, whose fresh row is given."""
    with transaction.atomic():
        participant = lock(alert.deadline.participant_id)
        demand(by, Action.ACKNOWLEDGE, participant, now.astimezone(participant.zone).date())
        row = Alert.objects.select_related("deadline").get(pk=alert.pk)
        if row.status == AlertStatus.RESOLVED:
            raise AlertResolved
        yield row


def _errors_of_snooze(alert: Alert, until: datetime | None, reason: str, now: datetime) -> dict[str, list[str]]:
    errors = {}
    if not reason.strip():
        errors["reason"] = [_("Say why.")]
    if until is None:
        errors["until"] = [_("Say until when.")]
    elif until <= now:
        errors["until"] = [_("This time has passed: a snooze ends in the future.")]
    elif alert.due_at is not None and until > alert.due_at:
        errors["until"] = [_("A snooze ends at the due time at the latest.")]
    return errors


def _due(ladders: Iterable[Ladder], there: Iterable[tuple[Alert, Ladder]]) -> list[tuple[Alert, Ladder]]:
    """The alerts that are to be raised, not written yet."""
    known = {(alert.deadline_id, alert.rung) for alert, _ladder in there}
    ahead = {alert.deadline_id for alert, ladder in there if alert.raised_at > ladder.now}
    return [
        (_alert(*due, ladder), ladder)
        for ladder in ladders
        for due in ladder.due()
        if (due[0].pk, due[2].name) not in known and due[0].pk not in ahead
    ]


def _alert(row: TrackedDeadline, deadline: Deadline, rung: Rung, ladder: Ladder) -> Alert:
    return Alert(
        deadline=row, rung=rung.name, due_at=row.due_at, raised_at=ladder.now, urgent=rung.urgent, say=rung.say,
        say_zh=rung.say_zh, tell=list(rung.tell), escalates_to=list(rung.escalates_to),
        escalates_at=_escalates_at(rung.escalates_after, ladder), rests_on=rests_on(deadline),
    )  # fmt: skip


def _raise_all(raised: list[tuple[Alert, Ladder]]) -> list[tuple[Alert, Ladder]]:
    if raised:
        alerts, now = [alert for alert, _ladder in raised], raised[0][1].now
        Alert.objects.bulk_create(alerts)
        note_that_raised(alerts, now)
        notifications.tell_of([(alert, ladder.participant) for alert, ladder in raised], now)
    return raised


def _escalates_at(wait: Duration | None, ladder: Ladder) -> datetime | None:
    """The wait counts, in whole minutes, from when people were told: after an outage that is later than the rung."""
    if wait is None:
        return None
    if wait.counting is Counting.ELAPSED:
        return (ladder.now + wait.elapsed).replace(second=0, microsecond=0)
    local = ladder.now.astimezone(ladder.participant.zone)
    day = wait.after_date(local.date())
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


def _look_at_what_is_new(alert: Alert, ladder: Ladder) -> None:
    """Void what was acknowledged or snoozed before a new result or a correction; tell anew what was acknowledged.

    What nobody had acknowledged goes on as it was: its escalation never waits longer because of something new.
    """
    deadline = ladder.answer(alert)
    if deadline is None or deadline.rung is None or alert.rests_on == rests_on(deadline):
        return
    is_new = recorded_since(alert, deadline)
    alert.rests_on = rests_on(deadline)
    if is_new and _void(alert, ladder.now):
        alert.round += 1
    if is_new and alert.status == AlertStatus.ACKNOWLEDGED:
        _tell_anew(alert, deadline.rung, ladder)
    alert.save()


def _void(alert: Alert, now: datetime) -> bool:
    """Write down that what was acknowledged or snoozed is void; whether there was any."""
    snoozed = is_snoozed(alert, now)
    acknowledged = alert.status == AlertStatus.ACKNOWLEDGED
    if acknowledged:
        note_that(AlertEventKind.ACKNOWLEDGEMENT_VOIDED, alert, now)
    if snoozed:
        note_that(AlertEventKind.SNOOZE_VOIDED, alert, now)
    return acknowledged or snoozed


def _tell_anew(alert: Alert, rung: Rung, ladder: Ladder) -> None:
    """Back to raised, with the escalation's whole wait before it; everybody who was told is told once more."""
    told = [*alert.tell, *(alert.escalates_to if alert.escalated_at else [])]
    alert.status, alert.renewed_at = AlertStatus.RAISED, ladder.now
    alert.acknowledged_by = alert.acknowledged_at = None
    alert.acknowledged_note = ""
    alert.escalated_at = None
    alert.escalates_at = _escalates_at(rung.escalates_after, ladder)
    notifications.renew(alert, ladder.participant, told, ladder.now)


def _waits(alert: Alert) -> bool:
    """Whether the alert will escalate unless somebody acknowledges it."""
    return alert.status == AlertStatus.RAISED and alert.escalated_at is None


def _escalate_if_due(alert: Alert, ladder: Ladder) -> None:
    if _waits(alert) and alert.escalates_at is not None and alert.escalates_at <= ladder.now:
        _escalate(alert, ladder)


def _escalate(alert: Alert, ladder: Ladder) -> None:
    alert.escalated_at = ladder.now
    alert.save(update_fields=["escalated_at"])
    note_that(AlertEventKind.ESCALATED, alert, ladder.now)
    notifications.escalate(alert, ladder.participant, ladder.now)


def _go_on_at_once(alert: Alert, ladder: Ladder) -> None:
    """Wait for no role whose addresses are refused: tell the next roles now, else the PI, and say so as a fault.

    Somebody who has acknowledged the alert has it: nobody else is needed then.
    """
    if alert.status != AlertStatus.RAISED:
        return
    if alert.escalates_to and alert.escalated_at is None:
        _escalate(alert, ladder)
    silent = notifications.silent_roles(alert)
    is_told = notifications.has_gone_on(alert) or notifications.tell_instead(
        alert, ladder.participant, silent, ladder.now
    )
    said = _("Others are told instead.") if is_told else _("Nobody else can be told.")
    fault = _("No message reaches %(roles)s: the address was refused.") % {"roles": ", ".join(silent)}
    if alert.fault != f"{fault} {said}"[:300]:
        alert.fault = f"{fault} {said}"[:300]
        alert.save(update_fields=["fault"])


def _resolve(alert: Alert, why: Resolution, ladder: Ladder) -> None:
    alert.status, alert.resolution, alert.resolved_at = AlertStatus.RESOLVED, why, ladder.now
    alert.save(update_fields=["status", "resolution", "resolved_at"])
    note_that(AlertEventKind.RESOLVED, alert, ladder.now, note=why.value)
    notifications.withdraw(alert, ladder.participant, ladder.now)

"""History: what happened to an alert, written down as it happens."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, QuerySet

from tracker.models import Alert, AlertEvent, AlertEventKind, User


def note_that(
    kind: AlertEventKind, alert: Alert, at: datetime, *, by: User | None = None, note: str = "",
    until: datetime | None = None,
) -> AlertEvent:  # fmt: skip
    """Add one event to the alert's history, in its present round. The caller's transaction changes the alert."""
    return AlertEvent.objects.create(
        alert=alert, kind=kind, at=at, by=by, note=note[:500], until=until, round=alert.round
    )


def note_that_raised(alerts: Iterable[Alert], at: datetime) -> None:
    """The first event of each alert's history, all of them together."""
    AlertEvent.objects.bulk_create(AlertEvent(alert=alert, kind=AlertEventKind.RAISED, at=at) for alert in alerts)


def snoozes_in_force(now: datetime) -> QuerySet[AlertEvent]:
    """Every snooze that has neither ended nor been voided; its next rung ends it too, as another alert."""
    return AlertEvent.objects.filter(kind=AlertEventKind.SNOOZED, until__gt=now, round=F("alert__round"))


def is_snoozed(alert: Alert, now: datetime) -> bool:
    """Whether anybody has snoozed the alert."""
    return snoozes_in_force(now).filter(alert=alert).exists()

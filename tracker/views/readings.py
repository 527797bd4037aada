"""What the database tells those who watch over Daymark: ages in seconds and counts, of nobody in particular."""

from datetime import datetime
from math import inf

from django.db.models import Count, Min, Q
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from tracker.models import UNSENT, Heartbeat, Notification, NotificationStatus, Participant

WORK = ("beat", "sweep", "deliver", "seal")


def readings(now: datetime) -> bytes:
    """The metrics in Prometheus's text format, read at `now`, the same from whichever web process is asked."""
    registry = CollectorRegistry()
    _read_heartbeats(registry, now)
    _read_participants(registry, now)
    _read_messages(registry, now)
    return generate_latest(registry)


def _read_heartbeats(registry: CollectorRegistry, now: datetime) -> None:
    meaning = "Since the beat last handed out work, and since each kind of work last ran to its end; +Inf: never"
    age = Gauge("daymark_heartbeat_age_seconds", meaning, ["work"], registry=registry)
    last = dict(Heartbeat.objects.values_list("name", "at"))
    for work in WORK:
        age.labels(work).set(_age(last[work], now) if work in last else inf)


def _read_participants(registry: CollectorRegistry, now: datetime) -> None:
    due = Participant.objects.filter(reassess_after__lte=now).aggregate(count=Count("pk"), first=Min("reassess_after"))
    overdue = Gauge("daymark_participants_overdue", "Participants whose reassessment is due", registry=registry)
    overdue.set(due["count"])
    aside = Gauge("daymark_participants_set_aside", "Participants whose reassessment fails", registry=registry)
    aside.set(Participant.objects.filter(set_aside_since__isnull=False).count())
    lag = Gauge("daymark_reassessment_lag_seconds", "How long the first of them has been due", registry=registry)
    lag.set(_age(due["first"], now))


def _read_messages(registry: CollectorRegistry, now: datetime) -> None:
    messages = Gauge("daymark_messages", "Messages by status", ["status"], registry=registry)
    counted = dict(Notification.objects.order_by().values_list("status").annotate(Count("pk")))
    for status in NotificationStatus.values:
        messages.labels(status).set(counted.get(status, 0))
    oldest = Gauge("daymark_oldest_unsent_message_seconds", "How long a message has waited", registry=registry)
    oldest.set(max(_age(since, now) for since in _waiting_since().values()))


def _waiting_since() -> dict[str, datetime | None]:
    """Since when the first message waits to be sent: one held during quiet hours, only from their end on."""
    underway = Q(status__in=(*UNSENT, NotificationStatus.SENDING))
    held = Q(status=NotificationStatus.HELD)
    return Notification.objects.aggregate(
        queued=Min("created_at", filter=underway), held=Min("held_until", filter=held)
    )


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds; 0 for what lies ahead: the end of quiet hours, or a heartbeat by a clock that runs before this one."""
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())

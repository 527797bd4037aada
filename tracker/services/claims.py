"""Claims: whose turn it is, and which process has it. A claim is a lease; whose lease ran out has nothing any more."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from tracker.models import UNSENT, AlertStatus, Notification, NotificationKind, NotificationStatus

LEASE = 12 * timedelta(seconds=settings.EMAIL_TIMEOUT or 10)
"""How long one process may take for one message, from its beginning, before another may have it.

From the greeting to the answer after the text, a mail server is waited for twelve times at most.
"""

CLAIM = LEASE / 4
"""How long messages that are claimed together may wait for their turn; after that, others may take them."""

TOGETHER = 50
"""How many messages are claimed at once, and sent over one connection."""

# The ORM takes three times as long to write this down as PostgreSQL takes to do it (docs/performance.md).
_GO_ON = """
UPDATE tracker_notification SET
    status = CASE WHEN id = %(sent)s THEN %(sent_status)s ELSE status END,
    sent_at = CASE WHEN id = %(sent)s THEN %(now)s ELSE sent_at END,
    last_error = CASE WHEN id = %(sent)s THEN '' ELSE last_error END,
    lease_until = CASE WHEN id = %(sent)s THEN NULL ELSE %(until)s END,
    attempts = CASE WHEN id = %(sent)s THEN attempts ELSE attempts + 1 END
WHERE status = %(sending)s AND (
    id = %(sent)s AND lease_until = %(sent_lease)s
    OR id = %(next)s AND lease_until = %(next_lease)s AND EXISTS (
        SELECT 1 FROM tracker_alert alert, tracker_user reader
        WHERE alert.id = alert_id AND (kind = %(withdrawal)s OR alert.status <> %(resolved)s)
            AND reader.id = recipient_id AND reader.email <> '' AND reader.refused_address = ''
    )
) RETURNING id
"""
_CHOICES = {
    "sent_status": NotificationStatus.SENT.value, "sending": NotificationStatus.SENDING.value,
    "withdrawal": NotificationKind.WITHDRAWN.value, "resolved": AlertStatus.RESOLVED.value,
}  # fmt: skip


def due(now: datetime) -> QuerySet[Notification]:
    """What is free and may be tried: its turn has come, or the lease of whoever had it ran out."""
    untouched = Q(status__in=UNSENT) & (Q(next_try_at=None) | Q(next_try_at__lte=now))
    released = Q(status=NotificationStatus.HELD, held_until__lte=now)
    abandoned = Q(status=NotificationStatus.SENDING, lease_until__lte=now)
    return Notification.objects.filter(untouched | released | abandoned)


def claim(now: datetime) -> list[Notification]:
    """Take the next messages, urgent first; those that another process is claiming right now are left to it.

    Each row keeps in `status` what it was before, so that it can be given back as it was.
    """
    urgent_first = F("alert__urgent").desc(nulls_last=True)
    with transaction.atomic():
        free = due(now).select_related("alert", "recipient", "site").order_by(urgent_first, "pk")
        # On SQLite the transaction holds the one write lock of the database.
        skips = connection.features.has_select_for_update_skip_locked
        rows = list(free.select_for_update(skip_locked=skips, of=("self",))[:TOGETHER])
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
            status=NotificationStatus.SENDING, lease_until=now + CLAIM
        )
    for row in rows:
        row.lease_until = now + CLAIM
    return rows


def go_on(sent: Notification | None, row: Notification, now: datetime, at: datetime) -> bool:
    """In one statement: note that one message went out, and begin the next one if it stands.

    It stands if it is ours, its alert still needs somebody (a withdrawal always does), and its reader can be reached:
    a completed test so stops what was queued already. Its lease is taken anew, counting from the instant `at`, and
    never runs out for what waited for its turn. `now` is when the one before was sent. False: not begun.
    """
    lease = sent.lease_until if sent else None
    instants = {"sent_lease": lease, "next_lease": row.lease_until, "until": at + LEASE, "now": now}
    adapted = {name: connection.ops.adapt_datetimefield_value(instant) for name, instant in instants.items()}
    with connection.cursor() as cursor:
        cursor.execute(_GO_ON, {**_CHOICES, **adapted, "sent": sent.pk if sent else None, "next": row.pk})
        begun = (row.pk,) in cursor.fetchall()
    if begun:
        row.lease_until, row.attempts = at + LEASE, row.attempts + 1
    return begun


def begin(row: Notification, at: datetime) -> bool:
    """Take the lease anew if the message is ours, and read the row as it is now."""
    began: dict[str, Any] = {"lease_until": at + LEASE, "attempts": F("attempts") + 1}
    if not mine(row).update(**began):
        return False
    row.refresh_from_db()
    return True


def give_back(rows: list[Notification]) -> None:
    """What was claimed and not begun waits as it waited before."""
    for row in rows:
        # What somebody had died over has been tried before.
        was = NotificationStatus.FAILED if row.status == NotificationStatus.SENDING else row.status
        mark(row, status=was, lease_until=None)


def mine(row: Notification) -> QuerySet[Notification]:
    """The message, unless the lease ran out and somebody else has it by now."""
    return Notification.objects.filter(pk=row.pk, status=NotificationStatus.SENDING, lease_until=row.lease_until)


def mark(row: Notification, **changes: object) -> None:
    """Write the outcome of what is still ours."""
    mine(row).update(**changes)

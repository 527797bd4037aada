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

_STANDS = Q(kind=NotificationKind.WITHDRAWN) | ~Q(alert__status=AlertStatus.RESOLVED)
"""Whether the alert still needs somebody; the withdrawal of an alert always holds."""

_REACHABLE = Q(recipient__refused_address="") & ~Q(recipient__email="")


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


def begin_if_it_stands(row: Notification, at: datetime) -> bool:
    """In one query: take the lease anew if the message is ours, its alert still stands, and its reader has an address.

    A lease so never runs out for what waited for its turn, and a completed test stops what was queued already.
    """
    return _begun(row, mine(row).filter(_STANDS & _REACHABLE), at)


def begin(row: Notification, at: datetime) -> bool:
    """Take the lease anew if the message is ours, and read the row as it is now."""
    if not _begun(row, mine(row), at):
        return False
    row.refresh_from_db()
    return True


def _begun(row: Notification, rows: QuerySet[Notification], at: datetime) -> bool:
    began: dict[str, Any] = {"lease_until": at + LEASE, "attempts": F("attempts") + 1}
    if not rows.update(**began):
        return False
    row.lease_until, row.attempts = at + LEASE, row.attempts + 1
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

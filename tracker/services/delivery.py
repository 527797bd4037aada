"""Delivery: empties the outbox. Claim with a lease, commit, check again, send outside any transaction, mark."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet

from tracker.models import UNSENT, AlertStatus, Heartbeat, Notification, NotificationKind, NotificationStatus
from tracker.services import addresses, digests
from tracker.services.backoff import LONGEST_OUTAGE_WAIT, wait_after
from tracker.services.mail_answers import FAILURES, is_about_this_message, numbers_of, refusal_of_the_address
from tracker.services.unsubscribing import headers_for

logger = logging.getLogger(__name__)

LEASE = 12 * timedelta(seconds=settings.EMAIL_TIMEOUT or 10)
"""How long one process may take for one message before another may have it.

From the greeting to the answer after the text, a mail server is waited for twelve times at most.
"""

BATCH = 200

_WAITING = (*UNSENT, NotificationStatus.SENDING)


class ConnectionUnusable(Exception):
    """The mail server itself cannot be reached: there is no point in trying the next message."""


def deliver_due(now: datetime) -> int:
    """Send what waits, urgent first; how many went out.

    A message whose alert was resolved meanwhile is withdrawn instead; a digest is written again as things stand now.
    What quiet hours hold goes out with the reader's digest, or by itself once its time has come. One that the server
    refuses waits longer after every attempt, and is never given up while it holds, unless the address itself was
    refused for good; a server that cannot be reached is tried again soon. Without a mail server everything that waits
    says so.
    """
    if settings.MAIL_CONFIGURED:
        sent = _deliver(now)
    else:
        sent = 0
        _mark_unsendable(now)
    Heartbeat.objects.update_or_create(name="deliver", defaults={"at": now})
    return sent


def _deliver(now: datetime) -> int:
    urgent_first = F("alert__urgent").desc(nulls_last=True)
    keys = list(_due(now).order_by(urgent_first, "pk").values_list("pk", flat=True)[:BATCH])
    if not keys:
        return 0
    started, sent = monotonic(), 0
    connection = get_connection()
    try:
        for pk in keys:
            # A lease counts from when it is taken, not from when the batch was begun.
            claimed = _claim(pk, now + timedelta(seconds=monotonic() - started))
            if claimed is not None:
                sent += _send(claimed, connection, now)
    except ConnectionUnusable:
        # The server is down: the others keep their place in the outbox, unclaimed.
        logger.warning("the mail server cannot be reached; %s messages wait", len(keys) - sent)
    finally:
        connection.close()
    return sent


def _due(now: datetime) -> QuerySet[Notification]:
    """What is free and may be tried: its turn has come, or the lease of whoever had it ran out."""
    untouched = Q(status__in=UNSENT) & (Q(next_try_at=None) | Q(next_try_at__lte=now))
    released = Q(status=NotificationStatus.HELD, held_until__lte=now)
    abandoned = Q(status=NotificationStatus.SENDING, lease_until__lte=now)
    return Notification.objects.filter(untouched | released | abandoned)


def _claim(pk: int, now: datetime) -> Notification | None:
    """Take one message by compare-and-set; None if another process has it or it was withdrawn."""
    taken = (
        _due(now)
        .filter(pk=pk)
        .update(status=NotificationStatus.SENDING, lease_until=now + LEASE, attempts=F("attempts") + 1)
    )
    return Notification.objects.select_related("alert", "recipient", "site").get(pk=pk) if taken else None


def _send(row: Notification, connection: BaseEmailBackend, now: datetime) -> bool:
    if not _still_holds(row, now):
        _mark(row, status=NotificationStatus.WITHDRAWN, lease_until=None)
        return False
    if row.recipient.is_unreachable:
        # Written while the address was being refused.
        with transaction.atomic():
            addresses.suppress(row.recipient, now)
            _mark(row, status=NotificationStatus.SUPPRESSED, lease_until=None)
        return False
    if not row.recipient.email:
        _mark_refused(row, "no e-mail address", now)
        return False
    try:
        # Opened once, it serves the whole batch.
        connection.open()
        connection.send_messages([_email(row, connection)])
    except FAILURES as error:
        _mark_after(error, row, now)
        return False
    _mark_sent(row, now)
    return True


def _mark_after(error: Exception, row: Notification, now: datetime) -> None:
    """Write down what became of an attempt that failed. Raises ConnectionUnusable where the next would fail too."""
    numbers, address_refused = numbers_of(error), refusal_of_the_address(error)
    if address_refused and _give_up_address(row, numbers, address_refused, now):
        return
    if is_about_this_message(error):
        _mark_refused(row, numbers, now)
        return
    _mark_failed(row, numbers, now + wait_after(row.attempts, row.message_id, longest=LONGEST_OUTAGE_WAIT))
    raise ConnectionUnusable from error


def _give_up_address(row: Notification, numbers: str, code: str, now: datetime) -> bool:
    """Write there no more; False where the person has another address by now."""
    with transaction.atomic():
        is_hers = addresses.refuse(row.recipient, code, now)
        if is_hers:
            _mark(row, status=NotificationStatus.ADDRESS_REFUSED, lease_until=None, last_error=numbers)
    return is_hers


def _still_holds(row: Notification, now: datetime) -> bool:
    """Whether the alert still needs somebody; the withdrawal of an alert always holds, a digest holds for its day."""
    if row.alert is None:
        return digests.made_current(row, now)
    return row.kind == NotificationKind.WITHDRAWN or row.alert.status != AlertStatus.RESOLVED


def _email(row: Notification, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    if row.kind == NotificationKind.DIGEST:
        headers |= headers_for(row.recipient)
    message = EmailMultiAlternatives(
        row.subject, row.text_body, to=[row.recipient.email], connection=connection, headers=headers
    )
    message.attach_alternative(row.html_body, "text/html")
    return message


def _mark_refused(row: Notification, error: str, now: datetime) -> None:
    """The message's own fault makes it wait long; what outages cost is not counted with it."""
    refusals = row.refusals + 1
    _mark_failed(row, error, now + wait_after(refusals, row.message_id), refusals=refusals)


def _mark_failed(row: Notification, error: str, next_try_at: datetime, **changes: object) -> None:
    failed = {"status": NotificationStatus.FAILED, "lease_until": None, "last_error": error}
    _mark(row, **failed, next_try_at=next_try_at, **changes)


def _mark_sent(row: Notification, now: datetime) -> None:
    """With a digest, everything that it brought has been sent."""
    with transaction.atomic():
        _mark(row, status=NotificationStatus.SENT, sent_at=now, lease_until=None, last_error="")
        if row.kind == NotificationKind.DIGEST:
            row.brings.filter(status=NotificationStatus.HELD).update(status=NotificationStatus.SENT, sent_at=now)


def _mark(row: Notification, **changes: object) -> None:
    """Write the outcome, unless the lease ran out and somebody else has the message by now."""
    Notification.objects.filter(pk=row.pk, status=NotificationStatus.SENDING, lease_until=row.lease_until).update(
        **changes
    )


def _mark_unsendable(now: datetime) -> None:
    released = Q(status=NotificationStatus.HELD, held_until__lte=now)
    waiting = Notification.objects.filter(Q(status__in=_WAITING) | released)
    over = waiting.filter(alert__status=AlertStatus.RESOLVED).exclude(kind=NotificationKind.WITHDRAWN)
    over.update(status=NotificationStatus.WITHDRAWN, lease_until=None)
    unsaid = waiting.exclude(status=NotificationStatus.NOT_SENT_NO_MAIL_SERVER)
    unsaid.update(status=NotificationStatus.NOT_SENT_NO_MAIL_SERVER, lease_until=None, next_try_at=None)

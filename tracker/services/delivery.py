"""Delivery: empties the outbox. Claim with a lease, commit, check again, send outside any transaction, mark."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q

from tracker.emails import Message
from tracker.models import ABOUT_THE_ACCOUNT, UNSENT, AlertStatus, Notification, NotificationKind, NotificationStatus
from tracker.services import account_mail, addresses, claims, digests
from tracker.services.backoff import LONGEST_OUTAGE_WAIT, wait_after
from tracker.services.claims import mark
from tracker.services.heartbeats import note_heartbeat
from tracker.services.mail_answers import FAILURES, is_about_this_message, numbers_of, refusal_of_the_address
from tracker.services.unsubscribing import headers_for

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 120
"""After so long a delivery ends, and the next one goes on: the time limit of a task lies well behind it."""

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
    note_heartbeat("deliver", now)
    return sent


def _deliver(now: datetime) -> int:
    """Batch after batch, until nothing is due or the time is over."""
    clock, sent = _Clock(now), 0
    connection = get_connection()
    try:
        while clock.seconds < BUDGET_SECONDS and (claimed := claims.claim(now)):
            sent += _send_all(claimed, connection, clock, now)
            # Many mail servers end long conversations by themselves, in the middle of a message.
            connection.close()
            now = clock.now
    except ConnectionUnusable:
        logger.warning("the mail server cannot be reached; %s messages wait", claims.due(now).count())
    finally:
        connection.close()
    return sent


class _Clock:
    """The instant at which the delivery was begun, going on: a lease counts from when it is taken."""

    def __init__(self, now: datetime) -> None:
        self._began_at, self._began = now, monotonic()

    @property
    def seconds(self) -> float:
        """How long the delivery has been running."""
        return monotonic() - self._began

    @property
    def now(self) -> datetime:
        """What the clock shows by now."""
        return self._began_at + timedelta(seconds=self.seconds)


def _send_all(rows: list[Notification], connection: BaseEmailBackend, clock: _Clock, now: datetime) -> int:
    """Send one batch over one connection; what becomes of it is noted at its own instant `now`."""
    sent, unnoted, waiting = 0, None, iter(rows)
    try:
        for row in waiting:
            begun = _begin(row, unnoted, now, clock.now)
            unnoted = row if begun and _send(row, connection, now) else None
            sent += unnoted is not None
    except ConnectionUnusable:
        # The server is down: the others keep their place in the outbox, untried.
        claims.give_back(list(waiting))
        raise
    finally:
        if unnoted is not None:
            _mark_sent(unnoted, now)
    return sent


def _begin(row: Notification, sent: Notification | None, now: datetime, at: datetime) -> bool:
    """Note the message before, and make sure that this one still holds, is still ours, and has somebody to reach.

    `at` is the instant itself, from which the lease counts; `now` that of the batch.
    """
    return claims.go_on(sent, row, now, at) or (claims.begin(row, at) and _may_be_sent(row, now))


def _may_be_sent(row: Notification, now: datetime) -> bool:
    """The closer look, at a digest and at whatever gave reason for it."""
    if not _still_holds(row, now):
        mark(row, status=NotificationStatus.WITHDRAWN, lease_until=None)
        return False
    if row.recipient.is_unreachable:
        # Written while the address was being refused.
        with transaction.atomic():
            addresses.suppress(row.recipient, now)
            mark(row, status=NotificationStatus.SUPPRESSED, lease_until=None)
        return False
    if not row.recipient.email:
        _mark_refused(row, "no e-mail address", now)
        return False
    return True


def _send(row: Notification, connection: BaseEmailBackend, now: datetime) -> bool:
    try:
        # Opened once, it serves many messages.
        connection.open()
        connection.send_messages([email_of(row, connection)])
    except FAILURES as error:
        _mark_after(error, row, now)
        return False
    if row.kind == NotificationKind.DIGEST:
        _mark_digest_sent(row, now)
    return True


def _mark_digest_sent(row: Notification, now: datetime) -> None:
    """With a digest, everything that it brought has been sent."""
    with transaction.atomic():
        _mark_sent(row, now)
        row.brings.filter(status=NotificationStatus.HELD).update(status=NotificationStatus.SENT, sent_at=now)


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
            mark(row, status=NotificationStatus.ADDRESS_REFUSED, lease_until=None, last_error=numbers)
    return is_hers


def _still_holds(row: Notification, now: datetime) -> bool:
    """Whether the alert still needs somebody; the withdrawal of an alert always holds, a digest holds for its day."""
    if row.kind in ABOUT_THE_ACCOUNT:
        return account_mail.still_holds(row, now)
    if row.alert is None:
        return digests.made_current(row, now)
    return row.kind == NotificationKind.WITHDRAWN or row.alert.status != AlertStatus.RESOLVED


def email_of(row: Notification, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The message as it goes out."""
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    if row.kind == NotificationKind.DIGEST:
        headers |= headers_for(row.recipient)
    kept = Message(row.subject, row.text_body, row.html_body)
    said = account_mail.with_its_link(row) if row.kind == NotificationKind.PASSWORD_RESET else kept
    message = EmailMultiAlternatives(
        said.subject, said.text, to=[row.recipient.email], connection=connection, headers=headers
    )
    message.attach_alternative(said.html, "text/html")
    return message


def _mark_refused(row: Notification, error: str, now: datetime) -> None:
    """The message's own fault makes it wait long; what outages cost is not counted with it."""
    refusals = row.refusals + 1
    _mark_failed(row, error, now + wait_after(refusals, row.message_id), refusals=refusals)


def _mark_failed(row: Notification, error: str, next_try_at: datetime, **changes: object) -> None:
    failed = {"status": NotificationStatus.FAILED, "lease_until": None, "last_error": error}
    mark(row, **failed, next_try_at=next_try_at, **changes)


def _mark_sent(row: Notification, now: datetime) -> None:
    mark(row, status=NotificationStatus.SENT, sent_at=now, lease_until=None, last_error="")


def _mark_unsendable(now: datetime) -> None:
    released = Q(status=NotificationStatus.HELD, held_until__lte=now)
    waiting = Notification.objects.filter(Q(status__in=_WAITING) | released)
    over = waiting.filter(alert__status=AlertStatus.RESOLVED).exclude(kind=NotificationKind.WITHDRAWN)
    over.update(status=NotificationStatus.WITHDRAWN, lease_until=None)
    unsaid = waiting.exclude(status=NotificationStatus.NOT_SENT_NO_MAIL_SERVER)
    unsaid.update(status=NotificationStatus.NOT_SENT_NO_MAIL_SERVER, lease_until=None, next_try_at=None)

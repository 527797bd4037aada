"""Sending again: another attempt at a message that did not arrive, asked for by somebody."""

from datetime import datetime

from django.db import transaction

from tracker.access import Action, demand, may
from tracker.errors import AddressStillRefused, NothingToSend, ReaderLeft
from tracker.models import (
    CAN_BE_SENT_AGAIN,
    AlertEventKind,
    AlertStatus,
    Notification,
    NotificationKind,
    NotificationStatus,
    User,
)
from tracker.services.history import note_that
from tracker.services.locking import lock


def can_be_sent_again(message: Notification) -> bool:
    """Whether a message did not arrive and still says something that holds. A digest is followed by tomorrow's."""
    if message.alert is None or message.status not in CAN_BE_SENT_AGAIN:
        return False
    return message.kind == NotificationKind.WITHDRAWN or message.alert.status != AlertStatus.RESOLVED


def send_again(*, message: Notification, by: User, now: datetime) -> None:
    """Put a message that failed or was refused back into the outbox: the same row, under the same Message-ID.

    Raises NotAllowed, NothingToSend, ReaderLeft, and AddressStillRefused while nobody has corrected or confirmed the
    address. Who asked is kept in the alert's history.
    """
    if message.alert is None:
        raise NothingToSend
    with transaction.atomic():
        participant = lock(message.alert.deadline.participant_id)
        today = now.astimezone(participant.zone).date()
        demand(by, Action.ACKNOWLEDGE, participant, today)
        row = Notification.objects.select_related("alert", "recipient").get(pk=message.pk)
        if row.alert is None or not can_be_sent_again(row):
            raise NothingToSend
        if not may(row.recipient, Action.VIEW, participant, today):
            raise ReaderLeft
        if row.recipient.is_unreachable:
            raise AddressStillRefused
        _put_back(row)
        note_that(AlertEventKind.SENT_AGAIN, row.alert, now, by=by)


def _put_back(row: Notification) -> None:
    """Compare and set: a sender may have taken up the message meanwhile."""
    there = Notification.objects.filter(pk=row.pk, status=row.status)
    if not there.update(status=NotificationStatus.PENDING, next_try_at=None, refusals=0):
        raise NothingToSend

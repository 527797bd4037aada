"""Addresses: what follows when a mail server refuses one for good, and how it is trusted again."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from tracker.models import UNSEEN, Notification, NotificationStatus, Participant, User

_STILL_TO_COME = (*UNSEEN, NotificationStatus.SENDING)


def refuse(reader: User, code: str, now: datetime) -> bool:
    """Note that the address at which a person was just written to is refused for good; whether she still has it.

    Nothing more goes there: what waits for her is suppressed. The participants whom that was about are reassessed at
    the next sweep, so that each alert which now reaches nobody goes on to the next role.
    """
    with transaction.atomic():
        same = User.objects.filter(pk=reader.pk, email=reader.email)
        is_hers = same.update(refused_address=F("email"), address_refused_at=now, address_refused_code=code)
        if is_hers:
            suppress(reader, now)
    return bool(is_hers)


def suppress(reader: User, now: datetime) -> None:
    """Send nothing of what waits for a person; the participants whom it was about are reassessed at the next sweep."""
    with transaction.atomic():
        about = _lock_those_written_about(reader)
        waiting = Notification.objects.filter(recipient=reader, status__in=UNSEEN)
        waiting.update(status=NotificationStatus.SUPPRESSED, next_try_at=None)
        Participant.objects.filter(pk__in=about).update(reassess_after=now)


def confirm(reader: User) -> None:
    """Trust a person's address again, as it is: the mail server was wrong, or takes it by now."""
    User.objects.filter(pk=reader.pk).update(refused_address="", address_refused_at=None, address_refused_code="")


def _lock_those_written_about(reader: User) -> list[int]:
    """The participants about whom something waits for a person; each is locked, so that no reassessment overtakes."""
    waiting = Notification.objects.filter(recipient=reader, status__in=_STILL_TO_COME, alert__isnull=False)
    keys = set(waiting.values_list("alert__deadline__participant", flat=True))
    locked = Participant.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return list(locked.values_list("pk", flat=True))

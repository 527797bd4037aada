"""Lock-outs: noted once, and told to the person and to every superuser."""

from datetime import datetime, timedelta

from django.db import transaction

from tracker.models import AccountEvent, AccountEventKind, User
from tracker.services.account_mail import tell_locked_out

ONCE_IN = timedelta(hours=1)
"""Whoever goes on guessing, from wherever, fills nobody's mailbox."""


def note(*, user: User, minutes: int, now: datetime) -> None:
    """Note that nobody can sign in with a person's name for so many minutes, unless that was told within the hour."""
    with transaction.atomic():
        # Two at once tell it once.
        User.objects.select_for_update().get(pk=user.pk)
        lately = AccountEvent.objects.filter(user=user, kind=AccountEventKind.LOCKED_OUT, at__gt=now - ONCE_IN)
        if lately.exists():
            return
        AccountEvent.objects.create(user=user, kind=AccountEventKind.LOCKED_OUT, at=now)
        tell_locked_out(user, minutes, now)

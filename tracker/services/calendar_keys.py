"""Calendar addresses: made, replaced and ended by each person for herself; only a digest of the key is kept."""

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction

from tracker.errors import NothingToShow
from tracker.models import Assignment, CalendarKey, User

KEY = "key"
"""What the secret is called in the address: behind the question mark, where no log keeps it."""

_BYTES = 32


def standing_key(user: User) -> CalendarKey | None:
    """The person's address that holds; None without one."""
    return CalendarKey.objects.filter(user=user, revoked_at=None).first()


def renew(*, by: User, now: datetime) -> str:
    """A new key, which is shown this once; the one before it ends. Raises NothingToShow for who has no role."""
    if not Assignment.objects.active_at(now).filter(user=by).exists():
        raise NothingToShow
    key = token_urlsafe(_BYTES)
    with transaction.atomic():
        # Two that are made at the same time meet here.
        User.objects.select_for_update().get(pk=by.pk)
        revoke(by=by, now=now)
        CalendarKey.objects.create(user=by, digest=_digest(key), made_at=now)
    return key


def revoke(*, by: User, now: datetime) -> None:
    """End the person's address. Doing it twice keeps the first."""
    CalendarKey.objects.filter(user=by, revoked_at=None).update(revoked_at=now)


def owner_of(key: str, now: datetime) -> User | None:
    """Whose calendar a key opens; None for one that is unknown or ended, or whose owner works here no longer.

    The key is as long as its digest is hard to guess: it is looked up, and needs no salt.
    """
    found = CalendarKey.objects.filter(digest=_digest(key), revoked_at=None).select_related("user").first()
    if found is None or not Assignment.objects.active_at(now).filter(user=found.user).exists():
        return None
    return found.user


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()

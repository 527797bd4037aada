"""Sign-ins: begun, seen again, ended by time, by the person, or because what they stood on is gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from tracker.models import Assignment, LastSeen, SignIn, SignInEnd, User

NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is noted when somebody was last seen: a page with ten parts is one visit."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a session may lie idle. `step` is how exactly that is known: a time-out may come so much too early."""

    idle: timedelta

    @property
    def step(self) -> timedelta:
        """How much later than noted somebody may have been seen."""
        return min(NOTED_EVERY, self.idle / 10)


def begin(*, user: User, device: str, now: datetime) -> SignIn:
    """Note that somebody has signed in."""
    with transaction.atomic():
        made = SignIn.objects.create(user=user, device=device, began_at=now, had_role=_has_role(user, now))
        LastSeen.objects.create(sign_in=made, at=now)
    return made


def note_seen(*, sign_in: SignIn, patience: Patience, now: datetime) -> None:
    """Note that somebody has just done something, unless that was noted a moment ago."""
    if sign_in.last_seen.at <= now - patience.step:
        with transaction.atomic():
            LastSeen.objects.filter(sign_in=sign_in, at__lte=now - patience.step).update(at=now)


def why_over(sign_in: SignIn, patience: Patience, now: datetime) -> SignInEnd | None:
    """Why a session cannot go on; None while it can. What was ended already says so itself."""
    if sign_in.ended_at is not None:
        return SignInEnd(sign_in.ended_why)
    if now - sign_in.last_seen.at >= patience.idle:
        return SignInEnd.IDLE
    if sign_in.had_role and not sign_in.user.is_superuser and not _has_role(sign_in.user, now):
        return SignInEnd.NO_ROLE
    return None


def open_of(user: User, patience: Patience, now: datetime) -> QuerySet[SignIn]:
    """Where somebody is signed in; a session that has timed out is none, whether or not anybody came back to it."""
    alive = SignIn.objects.filter(user=user, ended_at=None, last_seen__at__gt=now - patience.idle)
    return alive.select_related("last_seen").order_by("-last_seen__at", "-pk")


def end(*, sign_ins: QuerySet[SignIn], why: SignInEnd, by: User | None, now: datetime) -> int:
    """End sessions that stand open; how many there were. Whoever sits there is signed out by the next request."""
    return sign_ins.filter(ended_at=None).update(ended_at=now, ended_why=why, ended_by=by)


def end_all(*, user: User, why: SignInEnd, by: User | None, now: datetime, but: int = 0) -> int:
    """End every session of a person, but for the one with number `but`; how many there were."""
    return end(sign_ins=SignIn.objects.filter(user=user).exclude(pk=but), why=why, by=by, now=now)


def _has_role(user: User, now: datetime) -> bool:
    return Assignment.objects.active_at(now).filter(user=user).exists()

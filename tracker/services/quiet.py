"""Quiet: from when until when a reader is left in peace, and how long a message may wait for that."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.models import User

PATIENCE = timedelta(hours=3)
"""How long after the quiet hours a digest may come to bring what was held; a later one is not waited for."""

GRACE = timedelta(hours=1)
"""How long after the time of its digest a held message waits for it; then it goes out by itself."""


def instant_at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in the zone shows this.

    A time that is shown twice means the first. One that the clock skips is counted as if it had not yet been put
    forward: 02:30 is then what the clock calls 03:30.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def quiet_ends(reader: User, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours in which an instant lies end, on the clock of a zone; None where it lies in none.

    The first instant is quiet, the last is not. Hours that cross midnight belong to the day on which they begin.
    """
    if reader.quiet_from is None or reader.quiet_until is None:
        return None
    crossing = timedelta(days=reader.quiet_until <= reader.quiet_from)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        ends = instant_at(day + crossing, reader.quiet_until, zone)
        if instant_at(day, reader.quiet_from, zone) <= now < ends:
            return ends
    return None


def next_digest(reader: User, since: datetime, zone: ZoneInfo) -> datetime:
    """When the reader's digest is due next, at an instant or after it, on the clock of a zone."""
    today = since.astimezone(zone).date()
    times = (instant_at(today + timedelta(days=number), reader.digest_at, zone) for number in range(-1, 3))
    return next(instant for instant in times if instant >= since)


def held_until(ends: datetime, digest: datetime | None, not_beyond: Iterable[datetime]) -> datetime | None:
    """How long a message waits whose reader's quiet hours end at `ends`; None: it goes out at once.

    `digest` is the reader's next one from then on, None for somebody who gets none. No message waits past any of
    `not_beyond`: the rungs, the escalation and the due time of its deadline.
    """
    soonest = min(not_beyond, default=None)
    if soonest is not None and soonest < ends:
        return None
    if digest is None or digest - ends > PATIENCE or (soonest is not None and soonest < digest):
        return ends
    return min(digest + GRACE, soonest) if soonest is not None else digest + GRACE

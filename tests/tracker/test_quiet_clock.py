"""Quiet hours on the clock: on which instant they end, and that nothing ever waits past what follows it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import at
from tracker.models import Alert, Participant, User
from tracker.services import notifications
from tracker.services.quiet import PATIENCE, held_until, instant_at, next_digest, quiet_ends

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-03-29 01:59", "2026-03-29 03:30"),
        ("2026-03-28 23:00", "2026-03-29 03:30"),
        ("2026-03-29 03:29", "2026-03-29 03:30"),
        ("2026-03-29 03:30", None),
        ("2026-10-25 01:59", "2026-10-25 02:30"),
        ("2026-10-25 02:29", "2026-10-25 02:30"),
        ("2026-10-25 02:30", None),
        ("2026-10-25 22:59", None),
        ("2026-10-25 23:00", "2026-10-26 02:30"),
    ],
)
def test_hours_that_end_at_a_time_which_the_clock_skips_or_shows_twice(now: str, ends: str | None) -> None:
    reader = User(quiet_from=time(23, 0), quiet_until=time(2, 30))
    assert quiet_ends(reader, at(now, BERLIN), BERLIN) == (at(ends, BERLIN) if ends else None)


@pytest.mark.parametrize(("night", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)])
def test_a_night_is_as_long_as_the_clock_makes_it(night: date, hours: int) -> None:
    reader = User(quiet_from=time(22, 0), quiet_until=time(6, 0))
    begins = instant_at(night, time(22, 0), BERLIN)
    ends = quiet_ends(reader, begins, BERLIN)
    assert ends == begins + timedelta(hours=hours)
    assert quiet_ends(reader, begins - timedelta(seconds=1), BERLIN) is None


def test_hours_within_a_day_do_not_cross_midnight() -> None:
    reader = User(quiet_from=time(8, 0), quiet_until=time(16, 0))
    assert quiet_ends(reader, at("2026-04-17 08:00"), ZoneInfo("Asia/Shanghai")) == at("2026-04-17 16:00")
    assert quiet_ends(reader, at("2026-04-17 16:00"), ZoneInfo("Asia/Shanghai")) is None


zones = st.sampled_from([ZoneInfo(name) for name in (
    "Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe",
)])  # fmt: skip
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
instants = st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: at("2026-01-01 00:00") + timedelta(minutes=minutes))
readers = st.builds(User, quiet_from=clocks, quiet_until=clocks, digest_at=clocks)


@given(readers, zones, zones, instants, st.lists(st.timedeltas(timedelta(0), timedelta(days=4))))
def test_whatever_the_quiet_hours_no_message_waits_past_anything_that_follows_it(
    reader: User, zone: ZoneInfo, own: ZoneInfo, now: datetime, ahead: list[timedelta]
) -> None:
    ends = quiet_ends(reader, now, zone)
    if ends is None:
        return
    following = [now + each for each in ahead]
    release = held_until(ends, next_digest(reader, ends, own), following)
    assert now < ends <= now + timedelta(hours=26)
    assert release is None or (now < release and all(release <= each for each in following))
    assert release is None or ends <= release <= ends + PATIENCE + timedelta(hours=1)
    assert (release is None) == any(each < ends for each in following)


@given(readers, instants)
def test_whatever_the_quiet_hours_what_is_urgent_never_waits(reader: User, now: datetime) -> None:
    assert notifications._wait(Alert(urgent=True, due_at=None), Participant(), reader, now) is None

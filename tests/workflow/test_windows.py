"""Windows to the tick: in zones with and without summer time, when the clock jumps, in half-hour zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.builders import SHANGHAI, at
from tests.workflow.histories import zones
from workflow.durations import Duration
from workflow.site_calendar import TICK, SiteCalendar
from workflow.windows import Direction, Window

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SPRING, AUTUMN = "2026-03-29", "2026-10-25"  # the nights in Berlin
SECOND = timedelta(seconds=1)

lengths = st.sampled_from(["PT0H", "PT6H", "PT48H", "PT30M", "P0D", "P1D", "P7D", "P2W", "P1M", "P6M", "P1Y", "P1M3D"])
instants = st.integers(0, 725_000_000).map(
    lambda seconds: datetime(2009, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
days = st.dates(date(2009, 1, 1), date(2031, 12, 31))


def inside(window: Window, moment: datetime, anchor: datetime, calendar: SiteCalendar) -> bool:
    return window.opens_at(anchor, calendar) <= moment <= window.closes_at(anchor, calendar)


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN, NEW_YORK, ZoneInfo("Asia/Kolkata")], ids=str)
@pytest.mark.parametrize("day", [SPRING, AUTUMN, "2026-03-08", "2026-11-01", "2026-06-01"])
def test_forty_eight_hours_are_elapsed_time_to_the_second(day: str, zone: ZoneInfo) -> None:
    calendar, window = SiteCalendar(zone), Window.parse("PT48H before first_ld_dose")
    dose = at(f"{day} 09:00", zone) + timedelta(days=1)
    opens = dose - timedelta(hours=48)

    assert inside(window, opens, dose, calendar)
    assert inside(window, dose, dose, calendar)
    assert not inside(window, opens - SECOND, dose, calendar)
    assert not inside(window, dose + SECOND, dose, calendar)


@pytest.mark.parametrize(
    ("dose", "opens"),
    [
        ("2026-03-30 09:00", "2026-03-28 08:00"),  # an hour was skipped
        ("2026-10-26 09:00", "2026-10-24 10:00"),  # an hour came twice
        ("2026-06-30 09:00", "2026-06-28 09:00"),
    ],
)
def test_over_a_night_when_the_clock_jumps_forty_eight_hours_move_on_the_wall(dose: str, opens: str) -> None:
    window = Window.parse("PT48H before first_ld_dose")

    assert window.opens_at(at(dose, BERLIN), SiteCalendar(BERLIN)) == at(opens, BERLIN)


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN, NEW_YORK, ZoneInfo("Asia/Kathmandu")], ids=str)
@pytest.mark.parametrize("enrolment", ["2026-04-01 00:00", "2026-04-01 23:59", "2026-10-28 00:00", "2026-11-03 10:00"])
def test_seven_calendar_days_open_at_midnight_whatever_the_clock_did(enrolment: str, zone: ZoneInfo) -> None:
    calendar, window = SiteCalendar(zone), Window.parse("P7D before enrolment")
    first_day = date.fromisoformat(enrolment[:10]) - timedelta(days=7)
    opens = window.opens_at(at(enrolment, zone), calendar)

    assert opens == at(f"{first_day} 00:00", zone)
    assert inside(window, opens, at(enrolment, zone), calendar)
    assert not inside(window, opens - SECOND, at(enrolment, zone), calendar)


@pytest.mark.parametrize("direction", list(Direction))
@given(lengths, instants, instants, zones)
def test_the_first_anchor_beyond_is_where_a_moment_falls_out_of_the_window(
    direction: Direction, length: str, one: datetime, other: datetime, zone: ZoneInfo
) -> None:
    calendar, window = SiteCalendar(zone), Window.parse(f"{length} {direction} anchor")
    moment, anchor = min(one, other), max(one, other)
    beyond = window.first_anchor_beyond(moment, calendar)

    assert inside(window, moment, anchor, calendar) == (anchor < beyond)
    assert inside(window, moment, beyond - TICK, calendar)
    assert window.opens_at(beyond, calendar) > moment


def test_a_month_and_three_days_before_the_first_of_march_begin_after_28_january() -> None:
    window, calendar = Window.parse("P1M3D before visit"), SiteCalendar(SHANGHAI)

    assert window.first_anchor_beyond(at("2026-01-28 10:00"), calendar) == at("2026-03-01 00:00")


@given(lengths, days, zones)
def test_a_day_falls_out_of_a_window_when_its_first_instant_does(length: str, day: date, zone: ZoneInfo) -> None:
    calendar, window = SiteCalendar(zone), Window.parse(f"{length} before anchor")

    assert window.first_anchor_beyond(day, calendar) == window.first_anchor_beyond(calendar.midnight(day), calendar)


@given(lengths, instants, instants, zones)
def test_a_later_anchor_never_opens_its_window_earlier(
    length: str, one: datetime, other: datetime, zone: ZoneInfo
) -> None:
    calendar = SiteCalendar(zone)
    for direction in Direction:
        window = Window.parse(f"{length} {direction} anchor")
        earlier, later = min(one, other), max(one, other)

        assert window.opens_at(earlier, calendar) <= window.opens_at(later, calendar)
        assert window.closes_at(earlier, calendar) <= window.closes_at(later, calendar)
        assert window.opens_at(one, calendar) <= one <= window.closes_at(one, calendar)


@given(instants, zones)
def test_every_instant_lies_in_its_own_local_day(instant: datetime, zone: ZoneInfo) -> None:
    calendar = SiteCalendar(zone)
    day = calendar.local_date(instant)

    assert calendar.start(day) <= instant <= calendar.end(day)


@given(days, zones)
def test_each_day_begins_where_the_day_before_ends(day: date, zone: ZoneInfo) -> None:
    calendar = SiteCalendar(zone)

    assert calendar.end(day) + TICK == calendar.start(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", SPRING, 23), ("Europe/Berlin", AUTUMN, 25), ("America/New_York", "2026-03-08", 23),
        ("America/Santiago", "2026-09-06", 23),  # the clock skips midnight itself
        ("Australia/Lord_Howe", "2026-10-04", 23.5), ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Pacific/Apia", "2011-12-30", 0),  # a day that Samoa never had
        ("Asia/Shanghai", SPRING, 24), ("Asia/Shanghai", "1986-05-04", 23),  # summer time until 1991
    ],
)  # fmt: skip
def test_a_local_day_is_as_long_as_the_clock_makes_it(zone: str, day: str, hours: float) -> None:
    calendar, date_ = SiteCalendar(ZoneInfo(zone)), date.fromisoformat(day)

    assert calendar.end(date_) + TICK - calendar.start(date_) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("direction", "opens", "closes"),
    [
        ("before", "2026-04-04 00:00", "2026-04-07 10:00"),
        ("after", "2026-04-07 10:00", "2026-04-11 00:00"),
        ("around", "2026-04-04 00:00", "2026-04-11 00:00"),
    ],
)
def test_calendar_windows_hold_whole_days_on_the_side_they_name(direction: str, opens: str, closes: str) -> None:
    calendar, window = SiteCalendar(SHANGHAI), Window.parse(f"P3D {direction} visit")
    visit = at("2026-04-07 10:00")

    assert window.opens_at(visit, calendar) == at(opens)
    assert window.closes_at(visit, calendar) == at(closes) - (TICK if direction != "before" else timedelta(0))


@pytest.mark.parametrize(
    "line", ["P7D", "P7D enrolment", "within P7D of enrolment", "7 days before enrolment", "P7D near x"]
)
def test_a_window_without_a_direction_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        Window.parse(line)


def test_a_reminder_some_calendar_days_before_keeps_the_time_on_the_wall() -> None:
    calendar = SiteCalendar(BERLIN)
    due = at("2026-03-30 09:00", BERLIN)

    assert calendar.earlier_by(Duration.parse("P3D"), due) == at("2026-03-27 09:00", BERLIN)
    assert calendar.earlier_by(Duration.parse("PT72H"), due) == at("2026-03-27 08:00", BERLIN)


def test_a_reminder_some_calendar_days_before_crosses_the_turn_of_the_month_and_of_the_year() -> None:
    calendar, three_days = SiteCalendar(SHANGHAI), Duration.parse("P3D")

    assert calendar.earlier_by(three_days, at("2026-04-01 09:00")) == at("2026-03-29 09:00")
    assert calendar.earlier_by(three_days, at("2027-01-02 09:00")) == at("2026-12-30 09:00")


def test_what_the_calendar_answers_is_in_utc_because_subtraction_within_a_zone_goes_by_the_wall() -> None:
    calendar = SiteCalendar(BERLIN)

    assert calendar.midnight(date.fromisoformat(SPRING)).tzinfo is UTC
    assert calendar.earlier_by(Duration.parse("P3D"), datetime(2026, 3, 30, 9, tzinfo=BERLIN)).tzinfo is UTC
    assert calendar.earlier_by(Duration.parse("PT6H"), datetime(2026, 3, 30, 9, tzinfo=BERLIN)).tzinfo is UTC

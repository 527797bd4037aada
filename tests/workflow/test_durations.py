"""Durations: calendar time at the site and elapsed time are two things, and months are clipped."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.durations import Counting, Duration

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))
instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2060, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from(ZONES).map(ZoneInfo),
)
calendar_lengths = st.builds(
    lambda years, months, weeks, number: Duration.parse(f"P{years}Y{months}M{weeks}W{number}D"),
    st.integers(0, 20),
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(0, 400),
)
month_lengths = st.integers(0, 120).map(lambda number: Duration.parse(f"P{number}M"))
day_lengths = st.integers(0, 3000).map(lambda number: Duration.parse(f"P{number}D"))
elapsed_lengths = st.builds(
    lambda hours, minutes: Duration.parse(f"PT{hours}H{minutes}M"), st.integers(0, 9999), st.integers(0, 9999)
)


@given(st.one_of(calendar_lengths, elapsed_lengths))
def test_a_duration_is_written_as_it_was_read(length: Duration) -> None:
    assert Duration.parse(str(length)) == length


@pytest.mark.parametrize(
    ("text", "months", "days_"), [("P7D", 0, 7), ("P2W", 0, 14), ("P6M", 6, 0), ("P2Y", 24, 0), ("P1Y2M3W4D", 14, 25)]
)
def test_calendar_time_is_months_and_days(text: str, months: int, days_: int) -> None:
    length = Duration.parse(text)
    assert (length.counting, length.months, length.days) == (Counting.CALENDAR, months, days_)
    assert length.elapsed == timedelta(0)


@pytest.mark.parametrize(
    ("text", "elapsed"),
    [("PT48H", timedelta(hours=48)), ("PT90M", timedelta(minutes=90)), ("PT1H30M", timedelta(minutes=90))],
)
def test_elapsed_time_is_hours_and_minutes(text: str, elapsed: timedelta) -> None:
    length = Duration.parse(text)
    assert (length.counting, length.elapsed) == (Counting.ELAPSED, elapsed)
    assert (length.months, length.days) == (0, 0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "7D", "P7", "48H", "P48H", "PT7D", "-P7D", "P-7D", "P1.5D", "P1DT2H", "P7d"),
        *("P7D ", " P7D", "P7D\n"),
        *(
            "P2D1M",
            "PT30M1H",
            "PT1H1H",
            "PT10S",
            "P７D",
            "P٧D",
            "P1Y７D",
            "PT1H７M",
            "P1000Y",
            "P10000D",
            "PT10000H",
            "seven days",
        ),
    ],
)
def test_what_is_not_a_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="expected elapsed time like PT48H, or calendar time like P7D or P6M"):
        Duration.parse(text)


@given(st.text(alphabet="PT0123456789YMWDHS -.", max_size=12))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        length = Duration.parse(text)
    except ValueError:
        return
    assert length.text == text
    assert min(length.months, length.days, length.elapsed // timedelta(minutes=1)) >= 0


@pytest.mark.parametrize("length", ["P999Y", "P9999M", "P9999W", "P9999D"])
def test_the_longest_calendar_time_still_has_a_day_on_either_side(length: str) -> None:
    day = date(2026, 3, 3)
    assert Duration.parse(length).before_date(day) < day < Duration.parse(length).after_date(day)


@pytest.mark.parametrize(
    ("text", "day", "after"),
    [
        ("P1M", date(2025, 1, 31), date(2025, 2, 28)),
        ("P1M", date(2024, 1, 31), date(2024, 2, 29)),
        ("P6M", date(2024, 8, 31), date(2025, 2, 28)),
        ("P1Y", date(2024, 2, 29), date(2025, 2, 28)),
        ("P4Y", date(2024, 2, 29), date(2028, 2, 29)),
        ("P1M", date(2024, 12, 15), date(2025, 1, 15)),
        ("P12M", date(2024, 12, 31), date(2025, 12, 31)),
        ("P1M1D", date(2025, 1, 31), date(2025, 3, 1)),  # months first, then days
        ("P0D", date(2025, 1, 31), date(2025, 1, 31)),
    ],
)
def test_months_are_clipped_to_the_end_of_the_month_going_forward(text: str, day: date, after: date) -> None:
    assert Duration.parse(text).after_date(day) == after


@pytest.mark.parametrize(
    ("text", "day", "before"),
    [
        ("P1M", date(2025, 3, 31), date(2025, 2, 28)),
        ("P6M", date(2024, 8, 31), date(2024, 2, 29)),
        ("P1Y", date(2024, 2, 29), date(2023, 2, 28)),
        ("P1M", date(2025, 1, 15), date(2024, 12, 15)),
        ("P1M1D", date(2025, 3, 31), date(2025, 2, 27)),
        ("P7D", date(2025, 3, 3), date(2025, 2, 24)),
    ],
)
def test_months_are_clipped_to_the_end_of_the_month_going_back(text: str, day: date, before: date) -> None:
    assert Duration.parse(text).before_date(day) == before


@given(days, month_lengths)
def test_so_many_months_later_is_in_the_month_so_many_later(day: date, length: Duration) -> None:
    after = length.after_date(day)
    assert (after.year - day.year) * 12 + after.month - day.month == length.months
    assert after.day == day.day or (after.day < day.day and (after + timedelta(days=1)).day == 1)


@given(days, days, calendar_lengths)
def test_an_earlier_day_never_overtakes_a_later_one(one: date, other: date, length: Duration) -> None:
    earlier, later = sorted((one, other))
    assert length.after_date(earlier) <= length.after_date(later)
    assert length.before_date(earlier) <= length.before_date(later)


@given(days, calendar_lengths)
def test_before_lies_before_and_after_lies_after(day: date, length: Duration) -> None:
    assert length.before_date(day) <= day <= length.after_date(day)


@given(days, day_lengths)
def test_calendar_days_forth_and_back_end_on_the_same_day(day: date, length: Duration) -> None:
    assert length.before_date(length.after_date(day)) == day
    assert length.after_date(length.before_date(day)) == day


@given(days, month_lengths)
def test_months_forth_and_back_lose_only_what_the_end_of_the_month_clips(day: date, length: Duration) -> None:
    assert timedelta(0) <= day - length.before_date(length.after_date(day)) <= timedelta(days=3)


@given(instants, elapsed_lengths)
def test_elapsed_time_is_elapsed_in_every_zone(instant: datetime, length: Duration) -> None:
    before, after = length.before_instant(instant), length.after_instant(instant)
    assert before.tzinfo is after.tzinfo is UTC
    assert instant.astimezone(UTC) - before == after - instant.astimezone(UTC) == length.elapsed


@given(instants, instants, elapsed_lengths)
def test_an_earlier_instant_stays_earlier(one: datetime, other: datetime, length: Duration) -> None:
    in_order = one.astimezone(UTC) < other.astimezone(UTC)
    assert in_order == (length.before_instant(one) < length.before_instant(other))
    assert in_order == (length.after_instant(one) < length.after_instant(other))


@pytest.mark.parametrize(
    ("start", "two_days_on"),
    [
        # Berlin's clocks go forward on 30 March 2025 and back on 26 October 2025.
        (datetime(2025, 3, 29, 10, tzinfo=ZoneInfo("Europe/Berlin")), "2025-03-31T11:00:00+02:00"),
        (datetime(2025, 10, 25, 10, tzinfo=ZoneInfo("Europe/Berlin")), "2025-10-27T09:00:00+01:00"),
        (datetime(2025, 3, 29, 10, tzinfo=ZoneInfo("Asia/Shanghai")), "2025-03-31T10:00:00+08:00"),
    ],
)
def test_forty_eight_hours_are_not_two_days_where_the_clocks_change(start: datetime, two_days_on: str) -> None:
    end = Duration.parse("PT48H").after_instant(start)
    assert end == datetime.fromisoformat(two_days_on)
    assert Duration.parse("PT48H").before_instant(end) == start
    assert Duration.parse("P2D").after_date(start.date()) == datetime.fromisoformat(two_days_on).date()


def test_both_readings_of_a_repeated_hour_are_counted_apart() -> None:
    first = datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    hour = Duration.parse("PT1H")
    assert hour.after_instant(first) == first.replace(fold=1).astimezone(UTC)


@given(calendar_lengths, instants)
def test_calendar_time_is_never_counted_from_an_instant(length: Duration, instant: datetime) -> None:
    for counted in (length.before_instant, length.after_instant):
        with pytest.raises(ValueError, match="expected elapsed time"):
            counted(instant)


@given(elapsed_lengths, days)
def test_elapsed_time_is_never_counted_from_a_day(length: Duration, day: date) -> None:
    for counted in (length.before_date, length.after_date):
        with pytest.raises(ValueError, match="expected calendar time"):
            counted(day)


@pytest.mark.parametrize(
    ("text", "day", "last"),
    [
        ("P2Y", date(2028, 2, 29), date(2030, 3, 1)),
        ("P2Y", date(2027, 4, 30), date(2029, 4, 30)),
        ("P4Y", date(2024, 2, 29), date(2028, 2, 29)),
        ("P7D", date(2024, 2, 29), date(2024, 3, 7)),
    ],
)
def test_an_obligation_ends_a_day_later_where_the_month_is_too_short(text: str, day: date, last: date) -> None:
    assert Duration.parse(text).through_date(day) == last

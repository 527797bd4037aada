"""Whatever happened to somebody: nothing leaves the canvas, bars keep their order, labels keep apart."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.charts.drawn import chart, drawings, labels, overlapping, sheets, touching, voice_of
from tests.workflow.builders import Person
from tests.workflow.histories import instants, people, zones
from tracker.charts import rows_of
from tracker.charts.items import Item, Shape
from tracker.charts.marks import set_marks
from tracker.charts.places import Sheet
from tracker.charts.scale import Scale
from tracker.charts.text import in_lines, shortened, width_of
from workflow.site_calendar import SiteCalendar

languages = st.sampled_from(["en", "zh-hans"])
BERLIN = ZoneInfo("Europe/Berlin")


@given(people(), instants, languages)
def test_nothing_leaves_the_canvas(person: Person, now: datetime, language: str) -> None:
    for drawing in drawings(person, now, language):
        for sheet in sheets(drawing):
            assert all(box.x >= 0 and box.right <= drawing.width + 0.1 and box.width > 0 for box in sheet.boxes)
            assert all(point.radius <= point.x <= drawing.width - point.radius + 0.1 for point in sheet.points)
            bottoms = [box.y + box.height for box in sheet.boxes] + [point.y for point in sheet.points]
            assert all(0 < bottom <= drawing.height for bottom in bottoms)
        for label in labels(drawing):
            assert label.x >= 0, label
            assert label.right <= drawing.width + 0.1, label
            assert 0 < label.y <= drawing.height
        for x, y, width, height in [drawing.frame]:
            assert x >= 0
            assert x + width <= drawing.width + 0.1
            assert y + height <= drawing.height


@given(people(), instants, languages)
def test_labels_never_run_into_each_other_and_bars_never_cover_each_other(
    person: Person, now: datetime, language: str
) -> None:
    for drawing in drawings(person, now, language):
        for panel in drawing.panels:
            assert overlapping([*panel.sheet.labels, *panel.grid.titles]) == []
            stages = {Shape.STAGE, Shape.STAGE_AHEAD}
            assert touching([box for box in panel.sheet.boxes if box.shape not in stages]) == []


@given(people(), instants)
def test_what_begins_earlier_never_stands_further_right(person: Person, now: datetime) -> None:
    made = chart(person, now)
    for drawing in drawings(person, now):
        for sheet in sheets(drawing):
            bars = [(made.items[box.item].start, box.x) for box in sheet.boxes if not box.is_over]
            marks = [(made.items[point.item].start, point.x) for point in sheet.points]
            for places in (bars, marks):
                assert all(one[1] <= other[1] + 3 for one, other in pairwise(sorted(places)))


@given(people(), instants)
def test_the_table_tells_everything_that_is_drawn_and_now_in_time_order(person: Person, now: datetime) -> None:
    made = chart(person, now)
    rows = rows_of(voice_of(person, now), made)
    told = Counter(row.number for row in rows)
    for drawing in drawings(person, now):
        assert drawing.numbers == {number for number in told if number is not None}
    assert set(told.values()) == {1}
    assert told[None] == 1
    assert all(one.at <= other.at for one, other in pairwise(rows))


@given(zones, st.dates(date(2026, 1, 1), date(2026, 12, 20)), st.integers(0, 24 * 60 * 9))
def test_time_only_runs_to_the_right_and_every_day_is_as_wide_as_every_other(
    zone: ZoneInfo, first: date, minutes: int
) -> None:
    calendar = SiteCalendar(zone)
    scale = Scale(calendar, first, 10, 100, 1000)
    at = scale.opens + timedelta(minutes=minutes)
    assert scale.x(at) < scale.x(at + timedelta(minutes=1)) <= 1000
    for day, x in scale.dates():
        if calendar.local_date(calendar.midnight(day)) == day:
            assert scale.x(calendar.midnight(day)) == pytest.approx(x)


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_night_in_which_the_clock_is_changed_is_a_day_like_any_other(night: date) -> None:
    scale = Scale(SiteCalendar(BERLIN), night - timedelta(days=1), 10, 0, 1000)
    noon = datetime(night.year, night.month, night.day, 12, tzinfo=BERLIN)
    begins, ends = (scale.x(scale.calendar.midnight(night + timedelta(days=days))) for days in (0, 1))
    assert begins == pytest.approx(100)
    assert ends == pytest.approx(200)
    assert 145 < scale.x(noon) < 155


@given(st.text(alphabet="abc WM中文入组…", max_size=40), st.floats(0, 200))
def test_a_shortened_line_fits_and_begins_like_the_whole(text: str, room: float) -> None:
    short = shortened(text, room)
    assert width_of(short) <= max(room, 0) + 0.01
    assert text.startswith(short.removesuffix("…").rstrip()) or short == text
    assert all(width_of(line) <= room + 0.01 for line in in_lines(text, room, 2))


def test_of_two_marks_at_one_time_the_one_that_is_planned_keeps_its_label() -> None:
    calendar = SiteCalendar(BERLIN)
    scale, sheet = Scale(calendar, date(2026, 4, 1), 10, 0, 358), Sheet()
    at = calendar.midnight(date(2026, 4, 5))
    marks = [Item("steps", shape, at, "", "", "", shape.value) for shape in (Shape.MOVED, Shape.PLANNED)]
    set_marks(sheet, list(enumerate(marks)), scale, 20, rows=1)
    assert [label.text for label in sheet.labels] == ["plan"]
    assert len(sheet.points) == 2

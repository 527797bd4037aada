"""The two panels of a timeline: the whole journey on one line with its bars below, and ten days lane by lane."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracker.charts.bars import Rows, set_bars
from tracker.charts.chart import Chart
from tracker.charts.frames import Frame
from tracker.charts.heads import day_heads, journey_ticks
from tracker.charts.items import Item, Lane, Shape
from tracker.charts.marks import LINE, set_marks
from tracker.charts.places import Box, Label, Sheet
from tracker.charts.scale import Scale
from tracker.charts.text import in_lines, shortened

GAP = 18.0
"""Between the panels, where lines lead from the frame in the overview to the focus."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the vertical lines stand, what stands above them and where that ends, and the names of the lanes."""

    lines: tuple[float, ...]
    heads: tuple[Label, ...]
    below: float
    titles: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its grid, what stands in it, and where the present is (None: not within it)."""

    top: float
    bottom: float
    left: float
    right: float
    grid: Grid
    sheet: Sheet
    now: float | None

    @property
    def numbers(self) -> frozenset[int]:
        """Which of the chart's items stand in it."""
        return self.sheet.numbers


Numbered = Sequence[tuple[int, Item]]


def overview_panel(chart: Chart, scale: Scale, frame: Frame, language: str) -> Panel:
    """The whole journey: stages as a line with the steps on it, bars below, and a dot for each thing recorded."""
    sheet, top, line_y = Sheet(), 18.0, 32.0
    marks = {lane.key for lane in chart.lanes if lane.of_marks}
    stages = _where(chart, lambda item: item.shape in (Shape.STAGE, Shape.STAGE_AHEAD))
    _stage_line(sheet, stages, scale, line_y)
    on_line = _where(chart, lambda item: item.lane == "steps")
    y = set_marks(sheet, on_line, scale, line_y, rows=2 if frame.gutter else 1, small=True) + 2
    bars = _where(chart, lambda item: item.lane not in marks and item.lane != "stages")
    y = set_bars(sheet, bars, scale, Rows(12, "far" if frame.gutter else "none"), y)
    others = _where(chart, lambda item: item.lane in marks - {"steps"})
    y = set_marks(sheet, others, scale, y + 6, rows=0, small=True) if others else y
    ticks, heads = journey_ticks(chart, scale, language)
    grid = Grid(tuple(ticks), tuple(heads), top)
    return Panel(top, round(y + 2, 1), scale.left, scale.right, grid, sheet, _present(chart, scale))


def _stage_line(sheet: Sheet, stages: Numbered, scale: Scale, y: float) -> None:
    for number, item in stages:
        left = min(scale.x(item.start), scale.right - 1)
        right = max(scale.right if item.is_open else scale.x(item.last), left + 1)
        sheet.boxes.append(Box(number, item.shape, round(left, 1), y - 3, round(right - left, 1), 6))


def focus_panel(chart: Chart, scale: Scale, frame: Frame, language: str, top: float) -> Panel:
    """Ten days, lane by lane; a lane with nothing in them is left to the overview."""
    sheet, titles = Sheet(), []
    lines, heads, y = day_heads(chart, scale, frame, language, top)
    below = y - 4
    for lane in chart.lanes:
        items = [(number, item) for number, item in _of_lane(chart, lane) if item.shape is not Shape.LASTING]
        if not any(scale.shows(item.start, scale.closes if item.is_open else item.last) for _number, item in items):
            continue
        sheet.rules.append(round(y, 1))
        names = _titles(lane, frame, y)
        titles += names
        least = names[-1].y + 8
        y += 4 if frame.gutter else LINE + 6
        rows = Rows(14, "above") if frame.labels_above else Rows(18)
        placed = set_marks(sheet, items, scale, y + 12, rows=3) if lane.of_marks else 0.0
        y = max(placed or set_bars(sheet, items, scale, rows, y + 2), least)
    grid = Grid(tuple(lines), tuple(heads), round(below, 1), tuple(titles))
    return Panel(round(top, 1), round(y + 4, 1), scale.left, scale.right, grid, sheet, _present(chart, scale))


def _titles(lane: Lane, frame: Frame, y: float) -> list[Label]:
    """The name of a lane: in the gutter in up to two lines, else in one above the lane."""
    if not frame.gutter:
        return [Label(shortened(lane.title, frame.right - frame.left), frame.left, round(y + 18, 1), "title")]
    lines = in_lines(lane.title, frame.gutter - 12, 2)
    return [Label(line, 0.0, round(y + 18 + row * LINE, 1), "title") for row, line in enumerate(lines)]


def _of_lane(chart: Chart, lane: Lane) -> Numbered:
    return _where(chart, lambda item: item.lane == lane.key)


def _where(chart: Chart, wanted: Callable[[Item], bool]) -> Numbered:
    return [(number, item) for number, item in enumerate(chart.items) if wanted(item)]


def _present(chart: Chart, scale: Scale) -> float | None:
    return round(scale.x(chart.now), 1) if scale.shows(chart.now, chart.now) else None

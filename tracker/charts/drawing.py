"""A timeline drawn: every item given its place, as values that a template writes down as they stand."""

from dataclasses import dataclass
from datetime import datetime

from tracker.charts.chart import FOCUS_DAYS, Chart
from tracker.charts.frames import DESK, PHONE, Frame
from tracker.charts.panels import GAP, Panel, focus_panel, overview_panel
from tracker.charts.scale import Scale
from tracker.charts.text import width_of

__all__ = ["DESK", "PHONE", "Drawing", "draw"]

_FLAG_HEIGHT = 18.0


@dataclass(frozen=True, slots=True)
class Flag:
    """What the line of the present says at its foot."""

    text: str
    x: float
    y: float
    width: float
    height: float = _FLAG_HEIGHT

    @property
    def middle(self) -> float:
        """Where its text is centred."""
        return round(self.x + self.width / 2, 1)

    @property
    def baseline(self) -> float:
        """Where its text stands."""
        return round(self.y + 13, 1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole journey above, ten days below; `frame` is the focus as it lies in the overview: x, y, width, height."""

    name: str
    width: float
    height: float
    overview: Panel
    focus: Panel
    frame: tuple[float, float, float, float]
    flag: Flag | None

    @property
    def panels(self) -> tuple[Panel, Panel]:
        """Both, from the top."""
        return self.overview, self.focus

    @property
    def numbers(self) -> frozenset[int]:
        """Which of the chart's items are drawn."""
        return self.overview.numbers | self.focus.numbers


def draw(chart: Chart, frame: Frame, language: str, now_words: str) -> Drawing:
    """The chart at one width. `now_words` stands on the flag of the present.

    x is the gutter and a number of days times a scale, days counted from the site's midnight: the overview spreads the
    whole journey over the width, the focus ten days.
    """
    first, days = chart.span
    whole = Scale(chart.calendar, first, days, frame.left, frame.right)
    near = Scale(chart.calendar, chart.focus, FOCUS_DAYS, frame.left, frame.right)
    overview = overview_panel(chart, whole, frame, language)
    focus = focus_panel(chart, near, frame, language, overview.bottom + GAP)
    flag = _flag(chart.now, near, focus, now_words)
    bottom = flag.y + flag.height if flag else focus.bottom
    return Drawing(
        frame.name, frame.width, round(bottom + 4, 1), overview, focus, _frame(whole, near, overview), flag
    )  # fmt: skip


def _frame(whole: Scale, near: Scale, overview: Panel) -> tuple[float, float, float, float]:
    left, right = whole.x(near.opens), whole.x(near.closes)
    return round(left, 1), overview.top, round(right - left, 1), round(overview.bottom - overview.top, 1)


def _flag(now: datetime, scale: Scale, focus: Panel, words: str) -> Flag | None:
    if not scale.shows(now, now):
        return None
    width = width_of(words) + 12
    x = min(max(scale.x(now) - width / 2, scale.left), scale.right - width)
    return Flag(words, round(x, 1), focus.bottom, round(width, 1))

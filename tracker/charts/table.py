"""The same as a table: every item of a timeline in time order, and the present among them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tracker.charts.chart import Chart
from tracker.charts.items import Item, Shape
from tracker.wording import Voice


@dataclass(frozen=True, slots=True)
class Row:
    """One item in words. `number` is its place among the chart's items, None for the present."""

    number: int | None
    at: datetime
    when: str
    day: str
    what: str
    status: str
    shape: str
    outcome: str
    clause: str

    @property
    def mark(self) -> str:
        """Which mark of the picture stands beside its status; "" for a bar."""
        marks = {Shape.HAPPENED.value: "done", Shape.PLANNED.value: "plan", Shape.MOVED.value: "ghost"}
        return "" if self.outcome else marks.get(self.shape, "")

    @property
    def is_moved(self) -> bool:
        """Whether it is a plan that stands elsewhere now."""
        return self.shape == Shape.MOVED


def rows_of(voice: Voice, chart: Chart) -> list[Row]:
    """A row for each item, and one for now; what begins at the same instant keeps the order of the picture."""
    rows = [_row(chart, number, item) for number, item in enumerate(chart.items)]
    day = chart.days.number(chart.calendar.local_date(chart.now))
    this_minute = chart.now.replace(second=0, microsecond=0)
    rows.append(Row(None, chart.now, voice.at(this_minute), day, _("Now"), "", "", "", ""))
    return sorted(rows, key=_time)


def _row(chart: Chart, number: int, item: Item) -> Row:
    # The end of evidence is where it serves no longer, not where the hatching ends.
    last = item.expires or item.last
    return Row(
        number, item.start, item.when, _days(chart, item.start, last), item.what, item.status, item.shape.value,
        item.outcome, item.clause,
    )  # fmt: skip


def _days(chart: Chart, start: datetime, last: datetime) -> str:
    first, end = (chart.days.number(chart.calendar.local_date(each)) for each in (start, last))
    if first == end:
        return first
    return _("%(start)s to %(end)s") % {"start": first, "end": end}


def _time(row: Row) -> datetime:
    return row.at

"""Windows: closed stretches of time before, after or around an anchor, always directed."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from workflow.durations import Counting, Duration
from workflow.facts import Moment
from workflow.site_calendar import ONE_DAY, TICK, SiteCalendar

_LINE = re.compile(r"(?P<length>P\S+)\s+(?P<direction>before|after|around)\s+(?P<anchor>[a-z][a-z0-9_]*)")


class Direction(StrEnum):
    """On which side of its anchor a window lies."""

    BEFORE = "before"
    AFTER = "after"
    AROUND = "around"


@dataclass(frozen=True, slots=True)
class Window:
    """`PT48H before first_ld_dose`, `P7D after infusion`, `P3D around visit`: closed at both ends.

    A window before an anchor closes at the anchor's instant, one after it opens there. Elapsed lengths are counted in
    UTC; calendar lengths in whole local days, so that `P7D before` opens at the midnight that begins the seventh day
    before the anchor's day.
    """

    text: str
    length: Duration
    direction: Direction
    anchor: str

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Read a window line. Raises ValueError for one without a direction."""
        found = _LINE.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a directed window: expected a line like 'PT48H before first_ld_dose'")
        length = Duration.parse(found["length"])
        return cls(text.strip(), length, Direction(found["direction"]), found["anchor"])

    def opens_at(self, anchor: datetime, calendar: SiteCalendar) -> datetime:
        """The first instant of the window."""
        if self.direction is Direction.AFTER:
            return anchor
        if self.length.counting is Counting.ELAPSED:
            return self.length.before_instant(anchor)
        return calendar.midnight(self.length.before_date(calendar.local_date(anchor)))

    def closes_at(self, anchor: datetime, calendar: SiteCalendar) -> datetime:
        """The last instant of the window (closed)."""
        if self.direction is Direction.BEFORE:
            return anchor
        if self.length.counting is Counting.ELAPSED:
            return self.length.after_instant(anchor)
        return calendar.end(self.length.after_date(calendar.local_date(anchor)))

    def first_anchor_beyond(self, moment: Moment, calendar: SiteCalendar) -> datetime:
        """The first anchor whose window opens after `moment` (its start, if it is a whole day) and so leaves it out."""
        if self.direction is Direction.AFTER:
            return calendar.start(moment) + TICK
        if self.length.counting is Counting.ELAPSED:
            return self.length.after_instant(calendar.start(moment)) + TICK
        return calendar.midnight(self._first_day_beyond(moment, calendar))

    def _first_day_beyond(self, moment: Moment, calendar: SiteCalendar) -> date:
        day = calendar.first_day(moment)
        if not self.length.months:
            return self.length.after_date(day) + ONE_DAY
        anchor_day = self.length.after_date(day) - timedelta(days=_CLIPPING)
        while self.length.before_date(anchor_day) <= day:
            anchor_day += ONE_DAY
        return anchor_day


_CLIPPING = 4
"""How many days the end of a month may clip off when months are subtracted and added again."""

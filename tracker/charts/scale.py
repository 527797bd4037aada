"""From instants to places: every local day is as wide as every other, also one of 23 or 25 hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflow.site_calendar import ONE_DAY, SiteCalendar


@dataclass(frozen=True, slots=True)
class Scale:
    """`days` local days from `first` on, between `left` and `right`. Instants outside stand at the nearer edge."""

    calendar: SiteCalendar
    first: date
    days: int
    left: float
    right: float

    @property
    def day_width(self) -> float:
        """The width of one day."""
        return (self.right - self.left) / self.days

    @property
    def opens(self) -> datetime:
        """The first instant on the scale."""
        return self.calendar.midnight(self.first)

    @property
    def closes(self) -> datetime:
        """The first instant beyond the scale."""
        return self.calendar.midnight(self.first + timedelta(days=self.days))

    def x(self, instant: datetime) -> float:
        """Where an instant stands, within the edges."""
        day = self.calendar.local_date(instant)
        begins, ends = self.calendar.midnight(day), self.calendar.midnight(day + ONE_DAY)
        days = (day - self.first).days + (instant - begins) / (ends - begins)
        return min(max(self.left + days * self.day_width, self.left), self.right)

    def shows(self, start: datetime, last: datetime) -> bool:
        """Whether anything from `start` to `last` lies on the scale."""
        return start < self.closes and last >= self.opens

    def dates(self) -> Iterator[tuple[date, float]]:
        """Each day with the place where it begins."""
        for number in range(self.days):
            yield self.first + timedelta(days=number), self.left + number * self.day_width

"""The site's calendar: which instants a local day spans, and on which local day an instant falls."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from workflow.durations import Counting, Duration
from workflow.facts import Moment

TICK = timedelta(microseconds=1)
"""The smallest step of time: a closed end is over one tick later."""

ONE_DAY = timedelta(days=1)


class SiteCalendar:
    """Days as the site counts them. A day runs from local midnight up to, not including, the next local midnight."""

    __slots__ = ("zone",)

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def midnight(self, day: date) -> datetime:
        """The first instant of the local day, in UTC; where the clock skips midnight, the first instant that exists."""
        return _midnight(self.zone, day)

    def local_date(self, instant: datetime) -> date:
        """The local day on which an instant falls."""
        return instant.astimezone(self.zone).date()

    def first_day(self, moment: Moment) -> date:
        """The local day of a moment; a date is itself."""
        return self.local_date(moment) if isinstance(moment, datetime) else moment

    def start(self, moment: Moment) -> datetime:
        """The first instant a moment may mean: itself, or the first instant of its whole day."""
        return moment if isinstance(moment, datetime) else self.midnight(moment)

    def end(self, moment: Moment) -> datetime:
        """The last instant a moment may mean (closed): itself, or the last tick of its whole day."""
        return moment if isinstance(moment, datetime) else self.midnight(moment + ONE_DAY) - TICK

    def earlier_by(self, length: Duration, instant: datetime) -> datetime:
        """So long before an instant: elapsed time in UTC, or calendar days at the same time on the site's clock."""
        if length.counting is Counting.ELAPSED:
            return length.before_instant(instant)
        local = instant.astimezone(self.zone)
        day = length.before_date(local.date())
        return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


@lru_cache(maxsize=4096)
def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

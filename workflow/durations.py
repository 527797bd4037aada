"""Durations that keep what their text means: calendar days and months at the site, or elapsed hours."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

_NUMBER = "[0-9]{1,4}"  # more would leave the calendar, which ends with the year 9999
_CALENDAR = re.compile(
    rf"P(?=[0-9])(?:(?P<years>[0-9]{{1,3}})Y)?(?:(?P<months>{_NUMBER})M)?"
    rf"(?:(?P<weeks>{_NUMBER})W)?(?:(?P<days>{_NUMBER})D)?"
)
_ELAPSED = re.compile(rf"PT(?=[0-9])(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?")


class Counting(StrEnum):
    """How a duration is counted."""

    ELAPSED = "elapsed"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as the protocol writes it (ISO 8601, kept as text).

    `PT48H` is elapsed time. `P7D` and `P2W` are calendar days at the site, `P6M` and `P2Y` calendar months and years,
    clipped to the end of the month. The two kinds never mix, and there are no negative durations.
    """

    text: str
    counting: Counting
    months: int = 0
    days: int = 0
    elapsed: timedelta = timedelta(0)

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read `PT48H`, `P7D`, `P2W`, `P6M`, `P2Y`. Raises ValueError that says what was expected."""
        if found := _ELAPSED.fullmatch(text):
            hours, minutes = (int(part or 0) for part in found.group("hours", "minutes"))
            return cls(text, Counting.ELAPSED, elapsed=timedelta(hours=hours, minutes=minutes))
        if found := _CALENDAR.fullmatch(text):
            years, months, weeks, days = (int(part or 0) for part in found.group("years", "months", "weeks", "days"))
            return cls(text, Counting.CALENDAR, months=12 * years + months, days=7 * weeks + days)
        raise ValueError(
            f"{text!r} is not a duration: expected elapsed time like PT48H, or calendar time like P7D or P6M"
        )

    def __str__(self) -> str:
        return self.text

    def after_date(self, day: date) -> date:
        """The calendar day this long after `day`: months first, clipped to the end of the month, then days.

        Raises ValueError for elapsed time.
        """
        self._demand(Counting.CALENDAR)
        return _add_months(day, self.months) + timedelta(days=self.days)

    def before_date(self, day: date) -> date:
        """The calendar day this long before `day`. Raises ValueError for elapsed time."""
        self._demand(Counting.CALENDAR)
        return _add_months(day, -self.months) - timedelta(days=self.days)

    def through_date(self, day: date) -> date:
        """The last day of an obligation that lasts this long after `day`: where the month is too short, a day more.

        Two years after 29 February it ends on 1 March. Raises ValueError for elapsed time.
        """
        months_later = _add_months(day, self.months)
        clipped = timedelta(days=1) if months_later.day < day.day else timedelta(0)
        return self.after_date(day) + clipped

    def before_instant(self, instant: datetime) -> datetime:
        """The instant this elapsed time before `instant`, subtracted in UTC. Raises ValueError for calendar time."""
        self._demand(Counting.ELAPSED)
        return instant.astimezone(UTC) - self.elapsed

    def after_instant(self, instant: datetime) -> datetime:
        """The instant this elapsed time after `instant`, added in UTC. Raises ValueError for calendar time."""
        self._demand(Counting.ELAPSED)
        return instant.astimezone(UTC) + self.elapsed

    def _demand(self, counting: Counting) -> None:
        # Without this the other kind would count as nothing at all, and a window would silently have no length.
        if self.counting is not counting:
            raise ValueError(f"{self.text} is {self.counting} time: expected {counting} time")


def _add_months(day: date, months: int) -> date:
    if not months:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    in_every_month = day.day <= 28
    last = day.day if in_every_month else calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))

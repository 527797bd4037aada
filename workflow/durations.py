"""Durations that keep what their text means: calendar days and months at the site, or elapsed hours."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

_CALENDAR = re.compile(r"P(?=\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?")
_ELAPSED = re.compile(r"PT(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?")


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
        raise ValueError(f"{text!r} is not a duration: expected elapsed time like PT48H, or calendar time like P7D or P6M")

    def __str__(self) -> str:
        return self.text

    def after_date(self, day: date) -> date:
        """The calendar day this long after `day`: months first, clipped to the end of the month, then days."""
        return _add_months(day, self.months) + timedelta(days=self.days)

    def before_date(self, day: date) -> date:
        """The calendar day this long before `day`."""
        return _add_months(day, -self.months) - timedelta(days=self.days)

    def before_instant(self, instant: datetime) -> datetime:
        """The instant this elapsed time before `instant`, subtracted in UTC."""
        return instant.astimezone(UTC) - self.elapsed

    def after_instant(self, instant: datetime) -> datetime:
        """The instant this elapsed time after `instant`, added in UTC."""
        return instant.astimezone(UTC) + self.elapsed


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))

"""Instants and lengths of time as staff read them: in the site's zone, in English or Chinese."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from workflow.facts import Moment

_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_READ_IN_DAYS = 120
_TICK = timedelta(microseconds=1)


def is_chinese(language: str) -> bool:
    """Whether a language code (`en`, `zh-hans`) is a Chinese one."""
    return language.lower().startswith("zh")


def day_words(day: date, language: str, *, year: bool) -> str:
    """A calendar day: `Thu 10 Apr`, `4月10日 周四`; with its year on request."""
    if is_chinese(language):
        return (f"{day.year}年" if year else "") + f"{day.month}月{day.day}日 {_DAYS_ZH[day.weekday()]}"
    return f"{_DAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]}" + (f" {day.year}" if year else "")


def moment_words(moment: Moment, zone: ZoneInfo, language: str, as_of: datetime | None = None) -> str:
    """An instant in the site's zone, `Thu 10 Apr 10:00`, or a date without a time, `Thu 10 Apr`.

    The year is left out when it is that of `as_of` at the site; without `as_of` it is always said. Seconds are said
    only where there are some, so that no time is ever rounded. In the hour that the clock shows twice, the zone's
    letters say which it was: `Sun 25 Oct 02:30 CET`.
    """
    this_year = as_of.astimezone(zone).year if as_of else None
    if not isinstance(moment, datetime):
        return day_words(moment, language, year=moment.year != this_year)
    local = moment.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    letters = f" {local.tzname()}" if _is_shown_twice(local) else ""
    return f"{day_words(local.date(), language, year=local.year != this_year)} {clock}{letters}"


def last_moment_words(instant: datetime, zone: ZoneInfo, language: str, as_of: datetime | None = None) -> str:
    """A closed end: `Wed 9 Apr 08:00`; where it is the last tick of a local day, that day as a whole."""
    beyond = (instant + _TICK).astimezone(zone)
    if beyond.microsecond == 0 and beyond.second == beyond.minute == beyond.hour == 0:
        return moment_words(instant.astimezone(zone).date(), zone, language, as_of)
    return moment_words(instant, zone, language, as_of)


def length_words(length: timedelta) -> str:
    """An exact length: `48 h 00 min`, from 120 hours on `37 d 3 h 00 min`; seconds only where there are."""
    seconds = int(abs(length).total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours >= _READ_IN_DAYS and not left:
        return _("%(days)d d %(hours)d h %(minutes)02d min") % {
            "days": hours // 24,
            "hours": hours % 24,
            "minutes": minutes,
        }
    if left:
        return _("%(hours)d h %(minutes)02d min %(seconds)02d s") % {
            "hours": hours,
            "minutes": minutes,
            "seconds": left,
        }
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}


def distance_words(instant: datetime, now: datetime) -> str:
    """How far an instant lies from now: `in 24 h 10 min`, `in 5 d 3 h`, `16 h 50 min late`. Whole minutes, cut off."""
    minutes = int(abs(instant - now).total_seconds()) // 60
    hours, minute = divmod(minutes, 60)
    if hours >= 72:
        words = _("%(days)d d %(hours)d h") % {"days": hours // 24, "hours": hours % 24}
    elif hours:
        words = _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minute}
    else:
        words = _("%(minutes)d min") % {"minutes": minute}
    return (_("in %(length)s") if instant >= now else _("%(length)s late")) % {"length": words}


def clock_words(zone: ZoneInfo, at: datetime) -> str:
    """What a site's clock shows, beside a time field: `UTC+8`; where it is changed within a year, `UTC+1/UTC+2`."""
    return "/".join(sorted({zone_words(zone, at + month * timedelta(days=30)) for month in range(12)}))


def zone_words(zone: ZoneInfo, at: datetime) -> str:
    """The zone's offset at an instant, as it stands beside a time: `UTC+8`, `UTC−3:30`, `UTC`."""
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    if not offset:
        return "UTC"
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    return f"UTC{'+' if offset > timedelta(0) else '−'}{hours}" + (f":{minutes:02d}" if minutes else "")


def _is_shown_twice(local: datetime) -> bool:
    """Whether the clock shows this time again, or did before."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()

"""What stands above the panels: weeks or months of the whole journey, and each of the ten days with its number."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from tracker.charts.chart import Chart
from tracker.charts.frames import Frame
from tracker.charts.marks import LINE
from tracker.charts.places import Label
from tracker.charts.scale import Scale
from tracker.charts.text import width_of
from tracker.wording import day_words, is_chinese

_DAYS, _MONTHS = (1, 2, 7, 14), (1, 3, 6, 12, 24, 60)
_APART = 16.0


def journey_ticks(chart: Chart, scale: Scale, language: str) -> tuple[list[float], list[Label]]:
    """Where the overview's lines stand, and their dates as far as there is room."""
    this_year = chart.calendar.local_date(chart.now).year
    widest = width_of(_date(date(2000, 12, 28), language, year=False)) + _APART
    lines: list[float] = []
    labels: list[Label] = []
    for day in _ticks(scale, widest / scale.day_width):
        x = round(scale.left + (day - scale.first).days * scale.day_width, 1)
        label = Label(_date(day, language, year=day.year != this_year), x, 12.0, "quiet")
        lines.append(x)
        if label.right <= scale.right and (not labels or labels[-1].right + 6 <= x):
            labels.append(label)
    return lines, labels


def _ticks(scale: Scale, least: float) -> Iterator[date]:
    """Days so far apart that their labels may stand side by side: Mondays, or the first of every so many months."""
    last = scale.first + timedelta(days=scale.days)
    step = next((days for days in _DAYS if days >= least), None)
    if step:
        day = scale.first + timedelta(days=-scale.first.weekday() % 7 if step >= 7 else 0)
        while day < last:
            yield day
            day += timedelta(days=step)
        return
    months = next((months for months in _MONTHS if months * 28 >= least), _MONTHS[-1])
    number = scale.first.year * 12 + scale.first.month
    number += -number % months
    while (day := date(number // 12, number % 12 + 1, 1)) < last:
        yield day
        number += months


def day_heads(
    chart: Chart, scale: Scale, frame: Frame, language: str, top: float
) -> tuple[list[float], list[Label], float]:
    """The lines between the days, what stands above each, and where the heads end."""
    today = chart.calendar.local_date(chart.now)
    lines: list[float] = []
    labels: list[Label] = []
    if frame.labels_above:
        labels.append(Label(_range(scale, language), frame.left, round(top + LINE, 1), "title"))
        top += LINE + 2
    for day, x in scale.dates():
        lines.append(round(x, 1))
        for row, words in enumerate(_head(chart, day, scale, frame, language), start=1):
            middle = x + (scale.day_width - width_of(words)) / 2
            kind = "today" if day == today and row < 3 else "quiet" if row > 1 else ""
            labels.append(Label(words, round(max(middle, 0.0), 1), round(top + row * LINE, 1), kind))
    below = top + LINE * (1 + frame.labels_above + (chart.days.zero is not None)) + 8
    return [*lines, round(scale.right, 1)], labels, below


def _head(chart: Chart, day: date, scale: Scale, frame: Frame, language: str) -> Sequence[str]:
    words = day_words(day, language, year=False)
    if frame.labels_above:
        number = chart.days.number(day)
        weekday = words.split(" ")[1 if is_chinese(language) else 0]
        return weekday, str(day.day), f"D{number}" if number else ""
    if not is_chinese(language) and day != chart.focus and day.day != 1:
        words = words.rpartition(" ")[0]
    today = _("%(day)s, today") % {"day": words}
    is_today = day == chart.calendar.local_date(chart.now) and width_of(today) <= scale.day_width
    return today if is_today else words, chart.days.words(day)


def _range(scale: Scale, language: str) -> str:
    last = scale.first + timedelta(days=scale.days - 1)
    words = {"start": day_words(scale.first, language, year=False), "end": day_words(last, language, year=False)}
    return _("%(start)s to %(end)s") % words


def _date(day: date, language: str, *, year: bool) -> str:
    """`24 Feb`, `2月24日`, without the day of the week."""
    words = day_words(day, language, year=year)
    return words.split(" ")[0] if is_chinese(language) else words.split(" ", 1)[1]

"""Marks on a line, their labels below it in rows that keep them apart; a label without room is left to the table."""

from collections.abc import Sequence

from tracker.charts.items import Item, Shape
from tracker.charts.places import Arrow, Label, Point, Sheet
from tracker.charts.scale import Scale
from tracker.charts.text import shortened, width_of

LINE = 14.0
_APART = 8.0
_FIRST = (Shape.FAILED, Shape.PLANNED, Shape.HAPPENED, Shape.MOVED)
"""Whose label is placed first."""


def set_marks(
    sheet: Sheet, items: Sequence[tuple[int, Item]], scale: Scale, y: float, *, rows: int, small: bool = False
) -> float:
    """Place what the scale shows of these marks at `y`, labels in at most `rows` rows; returns where the last ends."""
    shown = [(number, item) for number, item in items if scale.shows(item.start, item.start)]
    radius = 5.0 if small else 9.0
    for number, item in shown:
        x = min(max(scale.x(item.start), scale.left + radius), scale.right - radius)
        sheet.points.append(Point(number, item.shape, round(x, 1), round(y, 1), is_small=small))
        if item.to is not None and not small:
            _arrow(sheet, number, x, scale.x(item.to), y)
    used = _labels(sheet, [item for _number, item in shown], scale, y + radius + 12, rows)
    return y + radius + 4 + used * LINE


def _arrow(sheet: Sheet, number: int, x: float, to: float, y: float) -> None:
    gap = 11.0 if to > x else -11.0
    if abs(to - x) > 3 * abs(gap):
        sheet.arrows.append(Arrow(number, round(x + gap, 1), round(to - gap, 1), round(y, 1)))


def _labels(sheet: Sheet, items: Sequence[Item], scale: Scale, y: float, rows: int) -> int:
    """Set each label centred below its mark in the first row with room; returns how many rows are used."""
    taken: list[list[tuple[float, float]]] = [[] for _row in range(rows)]
    for item in sorted(items, key=_urgency):
        text = shortened(item.label, scale.right - scale.left)
        width = width_of(text)
        x = min(max(scale.x(item.start) - width / 2, scale.left), scale.right - width)
        row = next((row for row, spans in enumerate(taken) if text and _is_free(spans, x, x + width)), None)
        if row is not None:
            taken[row].append((x, x + width))
            sheet.labels.append(Label(text, round(x, 1), round(y + row * LINE, 1), item.shape))
    return sum(bool(spans) for spans in taken)


def _urgency(item: Item) -> int:
    return _FIRST.index(item.shape) if item.shape in _FIRST else len(_FIRST)


def _is_free(spans: Sequence[tuple[float, float]], left: float, right: float) -> bool:
    return all(right + _APART <= begins or ends + _APART <= left for begins, ends in spans)

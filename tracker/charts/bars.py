"""Bars in rows: each in the first row in which neither it nor its label meets another."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.charts.items import Item, Shape
from tracker.charts.places import Box, Label, Point, Sheet
from tracker.charts.scale import Scale
from tracker.charts.text import SIZE, shortened, width_of

_BESIDE, _INSIDE, _APART = 6.0, 6.0, 8.0
_LEAST = 3.0
"""The width of the shortest bar: what lasted a minute is still seen."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How bars are set: their height, and whether labels stand above, beside, nowhere, or beside in full ("far")."""

    height: float
    labels: str = "beside"

    @property
    def headroom(self) -> float:
        """What a label above takes."""
        return SIZE + 3 if self.labels == "above" else 0.0

    @property
    def pitch(self) -> float:
        """From one row to the next."""
        return self.headroom + self.height + (4 if self.labels == "far" else 6)


@dataclass(frozen=True, slots=True)
class _Extent:
    """One bar on the scale: its boxes from left to right, its label, and all the room that they take."""

    number: int
    item: Item
    left: float
    over: float
    right: float
    label: str
    label_x: float

    @property
    def ends(self) -> tuple[float, float]:
        words = (self.label_x, self.label_x + width_of(self.label)) if self.label else (self.left, self.right)
        return min(self.left, words[0]), max(self.right, words[1])


def set_bars(sheet: Sheet, items: Sequence[tuple[int, Item]], scale: Scale, rows: Rows, top: float) -> float:
    """Place what the scale shows of these items, in time order, below `top`; returns where the last row ends."""
    taken: list[float] = []
    for number, item in items:
        if not scale.shows(item.start, scale.closes if item.is_open else item.last):
            continue
        extent = _extent(number, item, scale, rows)
        left, right = extent.ends
        # Stages follow each other without a gap.
        gap = 0.0 if item.shape in (Shape.STAGE, Shape.STAGE_AHEAD) else _APART
        row = next((row for row, end in enumerate(taken) if end + gap <= left), len(taken))
        taken[row : row + 1] = [right]
        _place(sheet, extent, rows, top + row * rows.pitch + rows.headroom)
    return top + len(taken) * rows.pitch


def _extent(number: int, item: Item, scale: Scale, rows: Rows) -> _Extent:
    if item.end is None:
        middle = scale.x(item.start)
        left, right = max(middle - 9, scale.left), min(middle + 9, scale.right)
        over = right
    else:
        left = min(scale.x(item.start), scale.right - _LEAST)
        right = max(scale.right if item.is_open else scale.x(item.end), left + _LEAST)
        over = right if item.expires is None else min(max(scale.x(item.expires), left), right)
    label, x = _label(item, (left, over, right), scale, rows)
    return _Extent(number, item, left, over, right, label, x)


def _label(item: Item, edges: tuple[float, float, float], scale: Scale, rows: Rows) -> tuple[str, float]:
    """The label and where it begins: above the bar; inside it where it fits; else to its right, else to its left."""
    left, over, right = edges
    words = item.far_label or item.label if rows.labels == "far" else item.label
    if rows.labels == "none" or not words:
        return "", left
    if rows.labels == "above":
        text = shortened(words, scale.right - scale.left)
        return text, max(min(left, scale.right - width_of(text)), scale.left)
    inside = (0.0 if item.end is None or rows.labels == "far" else over - left - 2 * _INSIDE, left + _INSIDE)
    after, before = scale.right - right - _BESIDE, left - _BESIDE - scale.left
    needed = width_of(words)
    for room, x in (inside, (after, right + _BESIDE), (before, left - _BESIDE - needed)):
        if needed <= room:
            return words, x
    room, x = max(inside, (after, right + _BESIDE), (right - left - 2 * _INSIDE, left + _INSIDE))
    if before > room:
        text = shortened(words, before)
        return text, left - _BESIDE - width_of(text)
    return shortened(words, room), x


def _place(sheet: Sheet, extent: _Extent, rows: Rows, y: float) -> None:
    number, item = extent.number, extent.item
    if item.end is None:
        sheet.points.append(Point(number, item.shape, *_rounded((extent.left + extent.right) / 2, y + rows.height / 2)))
    else:
        _boxes(sheet, extent, rows, y)
    if extent.label:
        baseline = y - 4 if rows.labels == "above" else y + rows.height / 2 + 4
        kind = "inside" if rows.labels != "above" and extent.left < extent.label_x < extent.right else ""
        sheet.labels.append(Label(extent.label, *_rounded(extent.label_x, baseline), f"{kind} {item.shape}".strip()))


def _boxes(sheet: Sheet, extent: _Extent, rows: Rows, y: float) -> None:
    """What is valid, then what is no longer; a part that the scale does not show has no box."""
    parts = [(extent.left, extent.over, False), (extent.over, extent.right, True)]
    for left, right, is_over in parts:
        if right > left:
            x, width = _rounded(left, right - left)
            sheet.boxes.append(Box(extent.number, extent.item.shape, x, round(y, 1), width, rows.height, is_over))


def _rounded(x: float, y: float) -> tuple[float, float]:
    return round(x, 1), round(y, 1)

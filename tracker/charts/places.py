"""Places: boxes, points, labels and arrows on a canvas, in its own units, y downwards."""

from dataclasses import dataclass, field

from tracker.charts.items import Shape
from tracker.charts.text import width_of


@dataclass(frozen=True, slots=True)
class Box:
    """A bar, or its part that is no longer valid (`is_over`)."""

    item: int
    shape: Shape
    x: float
    y: float
    width: float
    height: float
    is_over: bool = False

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Point:
    """A mark around its middle."""

    item: int
    shape: Shape
    x: float
    y: float
    is_small: bool = False

    @property
    def radius(self) -> float:
        """How far it reaches to every side."""
        return 5.0 if self.is_small else 9.0


@dataclass(frozen=True, slots=True)
class Arrow:
    """From where a plan stood to where it stands."""

    item: int
    x: float
    to: float
    y: float


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text; `x` is its left edge, `y` its baseline."""

    text: str
    x: float
    y: float
    kind: str = ""

    @property
    def right(self) -> float:
        """Where it ends at the latest."""
        return self.x + width_of(self.text)


@dataclass(slots=True)
class Sheet:
    """What has been placed so far."""

    boxes: list[Box] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    rules: list[float] = field(default_factory=list)

    @property
    def numbers(self) -> frozenset[int]:
        """Which items have a place."""
        return frozenset([box.item for box in self.boxes] + [point.item for point in self.points])

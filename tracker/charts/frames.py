"""The two widths at which a timeline is drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A canvas. `gutter` is kept free on the left for the lanes' names; without one they stand above the lanes."""

    name: str
    width: float
    gutter: float
    margin: float
    labels_above: bool

    @property
    def left(self) -> float:
        """Where the first day begins."""
        return self.gutter or self.margin

    @property
    def right(self) -> float:
        """Where the last day ends."""
        return self.width - self.margin


DESK = Frame("desk", 1000, gutter=150, margin=8, labels_above=False)
PHONE = Frame("phone", 358, gutter=0, margin=6, labels_above=True)

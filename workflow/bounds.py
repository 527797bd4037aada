"""Bounds: what may be said of every number that a result such as "<0.1" stands for."""

from fractions import Fraction
from typing import NamedTuple

SIGNS = {
    "<=": "<=", "=<": "<=", "≤": "<=", "≦": "<=", "⩽": "<=",
    ">=": ">=", "=>": ">=", "≥": ">=", "≧": ">=", "⩾": ">=",
    "<": "<", "《": "<", "〈": "<", ">": ">", "》": ">", "〉": ">", "=": "=",
}  # fmt: skip
"""How comparators are typed, the longer signs first: what a Chinese keyboard writes on the same key included."""

_FULL_WIDTH = str.maketrans("＜＞＝", "<>=")


def split_comparator(text: str) -> tuple[str, str]:
    """A result as its comparator and the rest: `＜ ０．１` is `<` and `０．１`; "=" where none is typed."""
    typed = text.strip().translate(_FULL_WIDTH)
    sign = next((sign for sign in SIGNS if typed.startswith(sign)), "")
    return SIGNS.get(sign, "="), typed.removeprefix(sign).strip()


class Span(NamedTuple):
    """Every number between two ends; `high` None has no end. An end counts itself where it is said to."""

    low: Fraction
    high: Fraction | None
    low_counts: bool = True
    high_counts: bool = True

    def holds(self, number: Fraction) -> bool:
        """Whether the number is one of them."""
        above = self.low < number or (self.low_counts and self.low == number)
        return above and (self.high is None or number < self.high or (self.high_counts and number == self.high))

    def meets(self, other: "Span") -> bool:
        """Whether any number is in both."""
        return not (_ends_before(self, other) or _ends_before(other, self))


def _ends_before(first: Span, second: Span) -> bool:
    if first.high is None or first.high > second.low:
        return False
    return first.high < second.low or not (first.high_counts and second.low_counts)


def span(number: Fraction, comparator: str) -> Span:
    """What a result stands for. No result here is below 0: "<0.1" is 0 or more, and less than 0.1."""
    if comparator in (">", ">="):
        return Span(number, None, low_counts=comparator == ">=")
    if comparator in ("<", "<="):
        return Span(Fraction(0), number, high_counts=comparator == "<=")
    return Span(number, number)


def exceeds(more: Span, less: Span, factor: Fraction, by: Fraction, *, strictly: bool) -> bool | None:
    """Whether `more` lies above `factor` (above 0) times `less` plus `by`; None if only for some of their numbers.

    `strictly` leaves out equality.
    """
    nearest = None if less.high is None else more.low - factor * less.high - by
    farthest = None if more.high is None else more.high - factor * less.low - by
    # An end that does not count is never reached: then a smallest surplus of 0 is enough, and a largest one is not.
    if nearest is not None and (
        nearest > 0 or (nearest == 0 and not (strictly and more.low_counts and less.high_counts))
    ):
        return True
    enough = more.high_counts and less.low_counts and not strictly
    if farthest is not None and (farthest < 0 or (farthest == 0 and not enough)):
        return False
    return None

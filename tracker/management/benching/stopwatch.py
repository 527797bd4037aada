"""A stopwatch for a machine that others use as well: it counts this process's own time on the processor only.

What is timed alternates with a reference that never changes, because a busy machine slows down the processor too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import process_time

REFERENCE_ROUNDS = 20_000


@dataclass(frozen=True)
class Times:
    """How long something kept the processor, each time it was done, in milliseconds."""

    milliseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the times were shorter."""
        return median(self.milliseconds)

    @property
    def spread(self) -> tuple[float, float]:
        """One time in twenty was shorter than the first, one in twenty longer than the second."""
        bounds = quantiles(self.milliseconds, n=20, method="inclusive")
        return bounds[0], bounds[-1]


def reference() -> int:
    """A fixed piece of plain Python: what an evaluation costs is told as a multiple of it."""
    total = 0
    for number in range(REFERENCE_ROUNDS):
        total += number & 7
    return total


def timed(work: Callable[[], object], rounds: int) -> tuple[Times, Times]:
    """How long the work took in each round, and the reference right before it: a busy moment slows down both."""
    pairs = [(_once(reference), _once(work)) for _ in range(rounds)]
    references, works = zip(*pairs, strict=True)
    return Times(works), Times(references)


def _once(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return 1000 * (process_time() - start)

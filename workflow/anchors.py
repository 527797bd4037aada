"""Anchors: the named instants other times count from, and their occurrences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflow.facts import Fact


@dataclass(frozen=True, slots=True)
class Anchor:
    """One instant to count from: when it happened, when it is planned, or the instant asked about.

    `at` is None when the anchor is the instant asked about itself, which only the horizon may read.
    """

    at: datetime | None


NOW = Anchor(at=None)
"""The anchor of a step that is asked about: it starts at the very instant of the question."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The n-th time an anchor happened, or is planned to happen; without a fact when it is neither yet."""

    number: int
    fact: Fact | None = None
    actual: bool = False


def occurrences(starts: Iterable[Fact], plan: Fact | None, used_up: datetime | None) -> tuple[Occurrence, ...]:
    """Every occurrence of an anchor, in order; there is always at least one, even if nothing is planned.

    A plan recorded after `used_up`, the last actual start, opens the next occurrence; an earlier one is used up.
    """
    happened = [Occurrence(number, fact, actual=True) for number, fact in enumerate(starts, start=1)]
    if plan and (used_up is None or plan.recorded_at > used_up):
        happened.append(Occurrence(len(happened) + 1, plan))
    return tuple(happened) or (Occurrence(1),)

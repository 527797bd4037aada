"""A change between two values of the same thing, or of several things measured on the same two days."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from workflow.bounds import Span, exceeds, span
from workflow.context import Context
from workflow.decimals import fraction
from workflow.durations import Duration
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.limits import Limit
from workflow.rules.condition import CalendarDuration, Condition, Definition, LimitLine

Day = Mapping[str, Fact]
"""The last value of each concept on one local day on which all of them were measured."""


class Movement(Definition):
    """`{falls_more_than: 10 %}`: by how much a value moves. Percentages are of the earlier value (relative)."""

    rises_at_least: LimitLine | None = None
    rises_more_than: LimitLine | None = None
    falls_at_least: LimitLine | None = None
    falls_more_than: LimitLine | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError("a change has exactly one of " + ", ".join(type(self).model_fields))
        return self

    @cached_property
    def limit(self) -> tuple[str, Limit]:
        """The direction with its strictness, and the size."""
        return next((name, limit) for name in type(self).model_fields if (limit := getattr(self, name)) is not None)

    def size(self, earlier: Fraction, later: Fraction) -> Fraction | None:
        """How far it moved in the direction asked about, in the limit's own terms; None from a zero in percent."""
        name, limit = self.limit
        moved = later - earlier if name.startswith("rises") else earlier - later
        if limit.unit != "%":
            return moved
        return 100 * moved / earlier if earlier else None

    def holds(self, earlier: Span, later: Span) -> bool | None:
        """Whether the value moved far enough, whatever the two stand for; None if that depends on it.

        "More than" does not include the limit itself. A percentage of zero is no movement.
        """
        name, limit = self.limit
        strictly, rises = name.endswith("more_than"), name.startswith("rises")
        if limit.unit != "%":
            more, less = (later, earlier) if rises else (earlier, later)
            return exceeds(more, less, Fraction(1), fraction(limit.number), strictly=strictly)
        if earlier.high == 0:
            return False
        return self._by_share(earlier, later, fraction(limit.number) / 100, rises=rises, strictly=strictly)

    def _by_share(self, earlier: Span, later: Span, share: Fraction, *, rises: bool, strictly: bool) -> bool | None:
        """The same for a share of the earlier value, written so that the earlier value stands on one side only."""
        if rises:
            answer = exceeds(later, earlier, 1 + share, Fraction(0), strictly=strictly)
        elif share < 1:
            answer = exceeds(earlier, later, 1 / (1 - share), Fraction(0), strictly=strictly)
        else:  # no value falls by more than all of itself
            gone = later.high == 0 and share == 1 and not strictly
            possible = later.low == 0 and later.low_counts and share == 1 and not strictly
            answer = True if gone else None if possible else False
        return None if answer and earlier.holds(Fraction(0)) else answer


class Change(Condition):
    """`change: {mrss: {rises_at_least: 3}}` `apart_at_most: P6M`.

    The later value is the latest of the episode, the earlier one any before it, also from before the consent, at most
    so many calendar months (or days) before the later one's day. Several concepts are paired by local day: all must
    have moved far enough between the same two days. A value given only as a bound ("<5") counts where every number that
    it may stand for gives the same answer.
    """

    change: dict[str, Movement] = Field(min_length=1)
    apart_at_most: CalendarDuration

    @cached_property
    def _printed(self) -> str:
        return ", ".join(f"{name} {limit.text}" for name, limit in (each.limit for each in self.change.values()))

    def concepts(self) -> tuple[str, ...]:
        """The concepts compared."""
        return tuple(self.change)

    def judge(self, context: Context) -> Finding:
        """Met if any earlier day will do, fail if none does, missing while there are not two days to compare."""
        days = self._days(context)
        current = next((day for day in reversed(days) if self._in_episode(days[day], context)), None)
        if current is None:
            return self._finding(Outcome.MISSING, Reason.NOTHING_RECORDED, ())
        length: Duration = self.apart_at_most
        first = length.before_date(current)
        earlier = [days[day] for day in days if first <= day < current]
        if not earlier:
            return self._finding(Outcome.MISSING, Reason.ONE_VALUE_ONLY, tuple(days[current].values()))
        moved = [(self._moved_enough(day, days[current]), day) for day in earlier]
        for answer, outcome, reason in _SETTLED:
            if (found := next((day for said, day in moved if said is answer), None)) is not None:
                return self._finding(outcome, reason, (*days[current].values(), *found.values()))
        largest = self._largest(earlier, days[current])
        return self._finding(Outcome.FAIL, Reason.CHANGED_TOO_LITTLE, (*days[current].values(), *largest.values()))

    def _days(self, context: Context) -> dict[date, Day]:
        by_day: dict[date, dict[str, Fact]] = {}
        for fact in self._measured(context):
            by_day.setdefault(context.calendar.first_day(fact.at), {})[fact.concept] = fact
        return {day: by_day[day] for day in sorted(by_day) if len(by_day[day]) == len(self.change)}

    def _measured(self, context: Context) -> Iterator[Fact]:
        for concept in self.change:
            for fact in context.facts(concept):
                out = fact.resulted_at is None or context.horizon.reached(fact.resulted_at)
                if out and isinstance(fact.value, Decimal):
                    yield fact

    def _in_episode(self, day: Day, context: Context) -> bool:
        start = context.episode_start
        return start is None or all(context.calendar.end(fact.at) >= start for fact in day.values())

    def _moved_enough(self, earlier: Day, later: Day) -> bool | None:
        """Whether all of them did; None where none surely did not, and one of them does not tell."""
        answers = {
            movement.holds(_span(earlier[concept]), _span(later[concept])) for concept, movement in self.change.items()
        }
        return False if False in answers else None if None in answers else True

    def _largest(self, earlier: list[Day], later: Day) -> Day:
        concept, movement = next(iter(self.change.items()))
        return max(earlier, key=lambda day: movement.size(_number(day[concept]), _number(later[concept])) or 0)

    def _finding(self, outcome: Outcome, reason: Reason, evidence: tuple[Fact, ...]) -> Finding:
        clearing = None if outcome.passes else _NEW_VALUE
        return Finding(
            outcome, reason, subject=next(iter(self.change)), evidence=evidence, limit=self._printed,
            window=str(self.apart_at_most), clearing=clearing,
        )  # fmt: skip


_NEW_VALUE = Clearing(Remedy.NEW_VALUE)
_SETTLED = (
    (True, Outcome.MET, Reason.CHANGED_ENOUGH),
    (None, Outcome.MISSING, Reason.CANNOT_TELL_FROM_COMPARATOR),
)


def _span(fact: Fact) -> Span:
    return span(_number(fact), fact.comparator)


def _number(fact: Fact) -> Fraction:
    return fraction(fact.value) if isinstance(fact.value, Decimal) else Fraction(0)

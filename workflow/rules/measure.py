"""A measured or calculated number against a limit."""

from dataclasses import replace
from fractions import Fraction
from typing import Self

from pydantic import model_validator

from workflow.context import Context
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.limits import Comparison, Limit
from workflow.readings import Reading, in_unit, latest_reading
from workflow.rules.condition import Condition, LimitLine


class Measure(Condition):
    """`measure: anc` `at_least: 1000 /uL`; `measure: alt` `at_most: 3 x ULN`.

    The most recently collected value of the episode decides, unrounded, in exact arithmetic. `at_least` and `at_most`
    include the limit, `more_than` and `less_than` do not. A multiple of the upper limit of normal uses the limit of the
    laboratory that measured the value. A value given only as a bound ("<0.5") passes or fails if the bound settles it.
    """

    measure: str
    at_least: LimitLine | None = None
    at_most: LimitLine | None = None
    more_than: LimitLine | None = None
    less_than: LimitLine | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if sum(getattr(self, comparison.value) is not None for comparison in Comparison) != 1:
            raise ValueError("a measure has exactly one of at_least, at_most, more_than, less_than")
        return self

    def limit(self) -> tuple[Comparison, Limit]:
        """How the number is compared, and with what."""
        return next((c, limit) for c in Comparison if (limit := getattr(self, c.value)) is not None)

    def concepts(self) -> tuple[str, ...]:
        """The concept measured."""
        return (self.measure,)

    def judge(self, context: Context) -> Finding:
        """Met, fail, stale, missing or pending, by the latest reading."""
        reading = latest_reading(self.measure, context)
        comparison, limit = self.limit()
        finding = Finding(
            reading.outcome, reading.reason, subject=reading.subject, evidence=reading.evidence,
            number=reading.number, unit=reading.unit, limit=f"{comparison.symbol} {limit.text}",
        )  # fmt: skip
        if reading.outcome is not Outcome.MET:
            return replace(finding, clearing=_remedy(reading.outcome))
        return self._compare(reading, finding, context)

    def _compare(self, reading: Reading, finding: Finding, context: Context) -> Finding:
        comparison, limit = self.limit()
        if limit.times_upper_limit and reading.upper_limit is None:
            clearing = Clearing(Remedy.ADD_UPPER_LIMIT)
            return replace(finding, outcome=Outcome.MISSING, reason=Reason.UPPER_LIMIT_MISSING, clearing=clearing)
        bound = self._bound(reading, limit, context)
        if bound is None:
            clearing = Clearing(Remedy.NEW_VALUE)
            return replace(finding, outcome=Outcome.MISSING, reason=Reason.UNIT_DOES_NOT_CONVERT, clearing=clearing)
        number, bounded_by = bound
        finding = replace(finding, limit_number=bounded_by if limit.times_upper_limit else None)
        return _decided(finding, holds=_holds(number, reading.comparator, comparison, bounded_by))

    def _bound(self, reading: Reading, limit: Limit, context: Context) -> tuple[Fraction, Fraction] | None:
        """The number and its limit in one unit; None if they have none in common."""
        if limit.times_upper_limit and reading.number is not None and reading.upper_limit is not None:
            return reading.number, Fraction(limit.number) * reading.upper_limit
        number = in_unit(reading, limit.unit or reading.unit, context, self.measure)
        return None if number is None else (number, Fraction(limit.number))


def _holds(number: Fraction, comparator: str, comparison: Comparison, bound: Fraction) -> bool | None:
    """Whether the comparison holds for every number the reading may stand for; None if only for some of them."""
    lowest_ok = _compares(number, comparison, bound)
    if comparator == "=":
        return lowest_ok
    wants_more = comparison in (Comparison.AT_LEAST, Comparison.MORE_THAN)
    reading_is_more = comparator in (">", ">=")
    strictly_beyond = comparator in (">", "<")
    if wants_more == reading_is_more:
        settled = lowest_ok or (strictly_beyond and number == bound)
        return True if settled else None
    settled = not lowest_ok or (strictly_beyond and number == bound)
    return False if settled else None


def _compares(number: Fraction, comparison: Comparison, bound: Fraction) -> bool:
    return {
        Comparison.AT_LEAST: number >= bound,
        Comparison.AT_MOST: number <= bound,
        Comparison.MORE_THAN: number > bound,
        Comparison.LESS_THAN: number < bound,
    }[comparison]


def _decided(finding: Finding, *, holds: bool | None) -> Finding:
    if holds:
        return replace(finding, outcome=Outcome.MET, reason=Reason.WITHIN_LIMIT)
    clearing = Clearing(Remedy.NEW_VALUE)
    if holds is None:
        return replace(finding, outcome=Outcome.MISSING, reason=Reason.CANNOT_TELL_FROM_COMPARATOR, clearing=clearing)
    return replace(finding, outcome=Outcome.FAIL, reason=Reason.OUTSIDE_LIMIT, clearing=clearing)


def _remedy(outcome: Outcome) -> Clearing:
    return Clearing(Remedy.WAIT_FOR_RESULT if outcome is Outcome.PENDING else Remedy.NEW_VALUE)

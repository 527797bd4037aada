"""A measured or calculated number against a limit."""

from fractions import Fraction
from functools import cached_property
from operator import ge, gt, le, lt
from typing import NamedTuple, Self

from pydantic import model_validator

from workflow.context import Context
from workflow.decimals import fraction
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

    @cached_property
    def limit(self) -> tuple[Comparison, Limit]:
        """How the number is compared, and with what."""
        return next((c, limit) for c in Comparison if (limit := getattr(self, c.value)) is not None)

    @cached_property
    def _printed(self) -> str:
        comparison, limit = self.limit
        return f"{comparison.symbol} {limit.text}"

    def concepts(self) -> tuple[str, ...]:
        """The concept measured."""
        return (self.measure,)

    def judge(self, context: Context) -> Finding:
        """Met, fail, stale, missing or pending, by the latest reading."""
        reading = latest_reading(self.measure, context)
        verdict = self._verdict(reading, context)
        return Finding(
            verdict.outcome, verdict.reason, subject=reading.subject, evidence=reading.evidence, number=reading.number,
            unit=reading.unit, limit=self._printed, limit_number=verdict.laboratory_limit,
            clearing=verdict.clearing,
        )  # fmt: skip

    def _verdict(self, reading: Reading, context: Context) -> "_Verdict":
        comparison, limit = self.limit
        if reading.outcome is not Outcome.MET:
            clearing = _RESULT if reading.outcome is Outcome.PENDING else _NEW_VALUE
            return _Verdict(reading.outcome, reading.reason, clearing)
        if limit.times_upper_limit and reading.upper_limit is None:
            return _Verdict(Outcome.MISSING, Reason.UPPER_LIMIT_MISSING, Clearing(Remedy.ADD_UPPER_LIMIT))
        pair = self._in_one_unit(reading, limit, context)
        if pair is None:
            return _Verdict(Outcome.MISSING, Reason.UNIT_DOES_NOT_CONVERT, _NEW_VALUE)
        number, bound = pair
        decided = _DECIDED[_holds(number, reading.comparator, comparison, bound)]
        return decided._replace(laboratory_limit=bound) if limit.times_upper_limit else decided

    def _in_one_unit(self, reading: Reading, limit: Limit, context: Context) -> tuple[Fraction, Fraction] | None:
        """The number and its limit; None if they have no unit in common."""
        if limit.times_upper_limit and reading.number is not None and reading.upper_limit is not None:
            return reading.number, fraction(limit.number) * reading.upper_limit
        number = in_unit(reading, limit.unit or reading.unit, context, self.measure)
        return None if number is None else (number, fraction(limit.number))


class _Verdict(NamedTuple):
    """What became of a reading; the laboratory's own limit, where the protocol gives a multiple of it."""

    outcome: Outcome
    reason: Reason
    clearing: Clearing | None = None
    laboratory_limit: Fraction | None = None


_NEW_VALUE, _RESULT = Clearing(Remedy.NEW_VALUE), Clearing(Remedy.WAIT_FOR_RESULT)
_DECIDED = {
    True: _Verdict(Outcome.MET, Reason.WITHIN_LIMIT),
    False: _Verdict(Outcome.FAIL, Reason.OUTSIDE_LIMIT, _NEW_VALUE),
    None: _Verdict(Outcome.MISSING, Reason.CANNOT_TELL_FROM_COMPARATOR, _NEW_VALUE),
}
_COMPARES = {Comparison.AT_LEAST: ge, Comparison.AT_MOST: le, Comparison.MORE_THAN: gt, Comparison.LESS_THAN: lt}


def _holds(number: Fraction, comparator: str, comparison: Comparison, bound: Fraction) -> bool | None:
    """Whether the comparison holds for every number the reading may stand for; None if only for some of them."""
    lowest_ok = bool(_COMPARES[comparison](number, bound))
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

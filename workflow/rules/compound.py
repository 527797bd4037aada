"""All or any of several conditions, in three-valued logic: what is not known neither passes nor fails by itself."""

from typing import TYPE_CHECKING

from pydantic import Field

from workflow.context import Context
from workflow.findings import Finding, Outcome, Reason
from workflow.rules.condition import Condition

if TYPE_CHECKING:
    from workflow.rules.condition import Condition as AnyCondition

_WORST_FIRST = (Outcome.FAIL, Outcome.MISSING, Outcome.STALE, Outcome.PENDING)
_BEST_FIRST = (Outcome.MET, Outcome.PENDING, Outcome.STALE, Outcome.MISSING)


class AllOf(Condition):
    """`all: [...]`: one failing part fails it; else the worst that is not known; else met."""

    all: tuple["AnyCondition", ...] = Field(min_length=1)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions that must all hold."""
        return self.all

    def judge(self, context: Context) -> Finding:
        """Judge every part, so that the explanation is complete."""
        return _compound(tuple([part.judge(context) for part in self.all]), _WORST_FIRST, Outcome.MET)


class AnyOf(Condition):
    """`any: [...]`: one met part is enough; it fails only when all parts fail."""

    any: tuple["AnyCondition", ...] = Field(min_length=1)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions of which one is enough."""
        return self.any

    def judge(self, context: Context) -> Finding:
        """Judge every part, so that the explanation is complete."""
        return _compound(tuple([part.judge(context) for part in self.any]), _BEST_FIRST, Outcome.FAIL)


def _compound(parts: tuple[Finding, ...], precedence: tuple[Outcome, ...], otherwise: Outcome) -> Finding:
    outcomes = [part.outcome for part in parts]
    outcome = next(filter(outcomes.__contains__, precedence), otherwise)
    decisive = parts[outcomes.index(outcome)] if outcome in outcomes else parts[0]
    return Finding(
        outcome, Reason.PARTS, evidence=decisive.evidence, clearing=decisive.clearing, parts=parts,
        valid_until=decisive.valid_until,
    )  # fmt: skip

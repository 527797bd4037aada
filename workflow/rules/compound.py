"""All or any of several conditions, in three-valued logic: what is not known neither passes nor fails by itself."""

from typing import TYPE_CHECKING

from pydantic import Field

from workflow.context import Context
from workflow.findings import Finding, Outcome, Reason
from workflow.rules.condition import Condition

if TYPE_CHECKING:
    from workflow.rules.condition import Condition as AnyCondition

_WORST_FIRST = (Outcome.FAIL, Outcome.MISSING, Outcome.STALE, Outcome.PENDING, Outcome.MET)
_BEST_FIRST = (Outcome.MET, Outcome.PENDING, Outcome.STALE, Outcome.MISSING, Outcome.FAIL)


class AllOf(Condition):
    """`all: [...]`: one failing part fails it; else the worst that is not known; else met."""

    all: tuple["AnyCondition", ...] = Field(min_length=1)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions that must all hold."""
        return self.all

    def judge(self, context: Context) -> Finding:
        """Judge every part, so that the explanation is complete."""
        return _compound(tuple([part.judge(context) for part in self.all]), _WORST_FIRST)


class AnyOf(Condition):
    """`any: [...]`: one met part is enough; it fails only when all parts fail."""

    any: tuple["AnyCondition", ...] = Field(min_length=1)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions of which one is enough."""
        return self.any

    def judge(self, context: Context) -> Finding:
        """Judge every part, so that the explanation is complete."""
        return _compound(tuple([part.judge(context) for part in self.any]), _BEST_FIRST)


def _compound(parts: tuple[Finding, ...], precedence: tuple[Outcome, ...]) -> Finding:
    """The first of the parts whose outcome comes first decides."""
    decisive = min(parts, key=lambda part: precedence.index(part.outcome))
    return Finding(
        decisive.outcome, Reason.PARTS, evidence=decisive.evidence, clearing=decisive.clearing, parts=parts,
        valid_until=decisive.valid_until,
    )  # fmt: skip

"""A condition that depends on another: if, then, else."""

from typing import TYPE_CHECKING

from pydantic import Field

from workflow.context import Context
from workflow.findings import Finding, Outcome, Reason
from workflow.rules.condition import Condition

if TYPE_CHECKING:
    from workflow.rules.condition import Condition as AnyCondition


class Branch(Condition):
    """`if: documented_gilbert_syndrome` `then: ...` `else: ...`.

    While it is not known which branch holds, both are judged: if they agree, that is the answer; if not, it is missing.
    """

    if_: "AnyCondition" = Field(alias="if")
    then: "AnyCondition"
    else_: "AnyCondition" = Field(alias="else")

    def parts(self) -> tuple[Condition, ...]:
        """The deciding condition and both branches."""
        return (self.if_, self.then, self.else_)

    def judge(self, context: Context) -> Finding:
        """The branch that holds, or what both branches agree on."""
        decided = self.if_.judge(context)
        if decided.outcome is Outcome.MET:
            return _with_decider(self.then.judge(context), decided)
        if decided.outcome is Outcome.FAIL:
            return _with_decider(self.else_.judge(context), decided)
        then, otherwise = self.then.judge(context), self.else_.judge(context)
        if then.outcome is otherwise.outcome:
            return _with_decider(otherwise, decided)
        return Finding(
            Outcome.MISSING, Reason.DEPENDS_ON_UNKNOWN, subject=decided.subject, evidence=then.evidence,
            clearing=decided.clearing, parts=(decided, then, otherwise),
        )  # fmt: skip


def _with_decider(finding: Finding, decided: Finding) -> Finding:
    return finding._replace(evidence=finding.evidence + decided.evidence, parts=(*finding.parts, decided))

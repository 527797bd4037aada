"""The participant's sex, for conditions that name to whom a clause applies."""

from functools import cached_property

from workflow.context import Context
from workflow.facts import Sex
from workflow.findings import Finding, Outcome, Reason
from workflow.rules.condition import Condition


class SexIs(Condition):
    """`sex: female`."""

    sex: Sex

    def judge(self, context: Context) -> Finding:
        """Met or fail; never missing, since a participant is registered with it."""
        return self._met if context.timeline.subject.sex is self.sex else self._otherwise

    @cached_property
    def _met(self) -> Finding:
        return Finding(Outcome.MET, Reason.ANSWERED_AS_REQUIRED, subject="sex", limit=self.sex)

    @cached_property
    def _otherwise(self) -> Finding:
        return Finding(Outcome.FAIL, Reason.ANSWERED_OTHERWISE, subject="sex", limit=self.sex)

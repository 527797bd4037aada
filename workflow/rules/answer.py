"""A yes/no attested by somebody, or a coded laboratory result: the latest one must be as required."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from workflow.context import Context
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.rules.condition import Condition, WindowLine
from workflow.site_calendar import TICK
from workflow.windows import Window


class Answer(Condition):
    """`answer: serum_hcg` `is: negative` `within: PT48H before first_ld_dose` `out_by: first_ld_dose`.

    The latest answer of the episode decides, so that a later positive beats an earlier negative; a later sample whose
    result is not out is pending. Outside its window a matching answer is stale, not failing. A rejected sample is no
    evidence. `out_by` demands that the result was out by that anchor: one that came later does not serve that start.
    """

    REJECTED: ClassVar[str] = "rejected"

    answer: str
    is_: str = Field(alias="is")
    within: WindowLine | None = None
    out_by: str | None = None

    def concepts(self) -> tuple[str, ...]:
        """The concept asked about."""
        return (self.answer,)

    def window(self) -> Window | None:
        """Where the evidence must lie."""
        return self.within

    def judge(self, context: Context) -> Finding:
        """Met, fail, stale, missing or pending, by the latest answer."""
        latest = self._latest(context)
        if latest is None:
            return self._without_answer(context)
        out = latest.resulted_at
        if latest.value is None or (out and not context.horizon.reached(out)):
            return self._finding(Outcome.PENDING, Reason.WAITING_FOR_RESULT, latest, Clearing(Remedy.WAIT_FOR_RESULT))
        if latest.value != self.is_:
            return self._finding(Outcome.FAIL, Reason.ANSWERED_OTHERWISE, latest, self._renewal(context))
        if out and not self._in_time(out, context):
            return self._finding(Outcome.STALE, Reason.RESULT_TOO_LATE, latest, self._renewal(context))
        return self._in_window(latest, context)

    def _latest(self, context: Context) -> Fact | None:
        latest = context.latest(self.answer)
        if latest is None or latest.value != self.REJECTED:
            return latest
        return next((fact for fact in context.in_episode(self.answer) if fact.value != self.REJECTED), None)

    def _without_answer(self, context: Context) -> Finding:
        earlier = tuple(fact for fact in reversed(context.facts(self.answer)) if fact.value != self.REJECTED)[:1]
        outcome, reason = (
            (Outcome.STALE, Reason.OUTSIDE_WINDOW) if earlier else (Outcome.MISSING, Reason.NOTHING_RECORDED)
        )
        return Finding(
            outcome, reason, subject=self.answer, evidence=earlier, limit=self.is_, window=self._window_text(),
            clearing=self._renewal(context),
        )  # fmt: skip

    def _in_time(self, out: datetime, context: Context) -> bool:
        by = context.anchor(self.out_by) if self.out_by else None
        return by is None or context.anchor_reached(out, by)

    def _in_window(self, fact: Fact, context: Context) -> Finding:
        if self.within is None:
            return self._finding(Outcome.MET, Reason.ANSWERED_AS_REQUIRED, fact)
        anchor = context.anchor(self.within.anchor)
        if anchor is None:
            return self._finding(Outcome.STALE, Reason.NO_ANCHOR, fact, self._renewal(context))
        last = self.within.first_anchor_beyond(fact.at, context.calendar) - TICK
        if context.surely_inside(fact.at, self.within, anchor):
            return self._finding(Outcome.MET, Reason.ANSWERED_AS_REQUIRED, fact, valid_until=last)
        possible = context.possibly_inside(fact.at, self.within, anchor)
        reason = Reason.TIME_OF_DAY_UNKNOWN if possible else Reason.OUTSIDE_WINDOW
        return self._finding(Outcome.STALE, reason, fact, self._renewal(context), last)

    def _renewal(self, context: Context) -> Clearing:
        if self.within is None:
            return Clearing(Remedy.RECORD)
        anchor = context.anchor(self.within.anchor)
        if anchor is None or anchor.at is None:
            return Clearing(Remedy.NEW_SAMPLE)
        opens = self.within.opens_at(anchor.at, context.calendar)
        return Clearing(Remedy.NEW_SAMPLE, draw_from=opens, draw_by=anchor.at)

    def _window_text(self) -> str:
        return self.within.text if self.within else ""

    def _finding(
        self, outcome: Outcome, reason: Reason, fact: Fact, clearing: Clearing | None = None,
        valid_until: datetime | None = None,
    ) -> Finding:  # fmt: skip
        return Finding(
            outcome, reason, subject=self.answer, evidence=(fact,), limit=self.is_, window=self._window_text(),
            valid_until=valid_until, clearing=clearing,
        )  # fmt: skip

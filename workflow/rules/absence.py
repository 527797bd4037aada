"""Nothing of a kind may lie in a window, and somebody must have looked."""

from workflow.anchors import Anchor
from workflow.context import Context
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.rules.condition import Condition, LookBackLine
from workflow.site_calendar import ONE_DAY
from workflow.windows import Window


class Absence(Condition):
    """`none: transfusion` `within: P7D before eligibility_assessment` `looked_for_by: transfusion_review`.

    An event with an end counts from its start through its end, one without an end yet for ever; a date without a time
    counts as its whole day. That nothing is recorded proves nothing: a review covers the whole local days from its day
    minus the window through its day, so that one on the anchor's own day, and no other, covers the window.
    """

    none: str
    within: LookBackLine
    looked_for_by: str

    def concepts(self) -> tuple[str, ...]:
        """The event and its review."""
        return (self.none, self.looked_for_by)

    def window(self) -> Window:
        """Where the evidence must lie."""
        return self.within

    def judge(self, context: Context) -> Finding:
        """Fail when an event is found; met only when the look-back is documented; else stale or missing."""
        anchor = context.anchor(self.within.anchor)
        if anchor is None:
            return self._finding(Outcome.MISSING, Reason.NO_ANCHOR, (), Clearing(Remedy.RECORD))
        events = context.facts(self.none)
        found = tuple([fact for fact in events if self._reaches_into_window(fact, context, anchor)])
        if found:
            return self._finding(Outcome.FAIL, Reason.EVENT_IN_WINDOW, found[::-1], self._end_of(found, context))
        return self._judge_look_back(context, anchor)

    def _reaches_into_window(self, fact: Fact, context: Context, anchor: Anchor) -> bool:
        if is_ongoing(fact, context):
            return True
        beyond = self.within.first_anchor_beyond(context.calendar.end(fact.until or fact.at), context.calendar)
        return not context.anchor_reached(beyond, anchor)

    def _end_of(self, found: tuple[Fact, ...], context: Context) -> Clearing:
        if any(is_ongoing(fact, context) for fact in found):
            return Clearing(Remedy.END_OF_EVENT)
        calendar = context.calendar
        ends = [calendar.end(fact.until or fact.at) for fact in found]
        return Clearing(Remedy.WAIT_UNTIL, starts_from=self.within.first_anchor_beyond(max(ends), calendar))

    def _judge_look_back(self, context: Context, anchor: Anchor) -> Finding:
        reviews = context.facts(self.looked_for_by)
        if not reviews:
            return self._finding(Outcome.MISSING, Reason.LOOK_BACK_NOT_DOCUMENTED, (), _LOOK_BACK)
        latest = (reviews[-1],)
        if _looked_on_the_day(reviews, context, anchor):
            return self._finding(Outcome.MET, Reason.NONE_FOUND, latest)
        return self._finding(Outcome.STALE, Reason.LOOK_BACK_INCOMPLETE, latest, _LOOK_BACK)

    def _finding(
        self, outcome: Outcome, reason: Reason, evidence: tuple[Fact, ...], clearing: Clearing | None = None
    ) -> Finding:
        return Finding(
            outcome, reason, subject=self.none, evidence=evidence, window=self.within.text, clearing=clearing
        )


_LOOK_BACK = Clearing(Remedy.DOCUMENT_LOOK_BACK)


def is_ongoing(fact: Fact, context: Context) -> bool:
    """Whether an event that has an end is not known to have ended."""
    return fact.until is None and context.vocabulary.has_end(fact.concept)


def _looked_on_the_day(reviews: list[Fact], context: Context, anchor: Anchor) -> bool:
    """Whether somebody looked on the anchor's own local day.

    Such a review covers the whole window, and no earlier one covers that day: no joining of reviews is needed. The
    latest one of a day that had begun decides: where its day was over, those of the reviews before it were as well.
    """
    calendar = context.calendar
    days = (calendar.first_day(review.at) for review in reversed(reviews))
    day = next((day for day in days if context.anchor_reached(calendar.midnight(day), anchor)), None)
    return day is not None and not context.anchor_reached(calendar.midnight(day + ONE_DAY), anchor)

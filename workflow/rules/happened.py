"""Something must have happened, and not been undone since."""

from workflow.context import Context
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.rules.condition import Condition


class Happened(Condition):
    """`event: consent` `later_than_any: [consent_declined]`: the latest event counts; a later contrary one fails it.

    `since: leukapheresis_started` leaves out what lies before the latest of these: a second collection begins again.
    """

    event: str
    since: str = ""
    later_than_any: tuple[str, ...] = ()

    def concepts(self) -> tuple[str, ...]:
        """The event, what undoes it, and what it must not lie before."""
        return (self.event, *self.later_than_any, *([self.since] if self.since else []))

    def judge(self, context: Context) -> Finding:
        """Met, missing, or fail when something undid it."""
        latest = next((fact for fact in context.in_episode(self.event) if self._counts(fact, context)), None)
        undone = self._undone_by(latest, context)
        if undone:
            return Finding(Outcome.FAIL, Reason.WITHDRAWN, subject=self.event, evidence=(undone,), clearing=_AGAIN)
        if latest is None:
            return Finding(Outcome.MISSING, Reason.NOTHING_RECORDED, subject=self.event, clearing=_AGAIN)
        return Finding(Outcome.MET, Reason.HAPPENED, subject=self.event, evidence=(latest,))

    def _undone_by(self, latest: Fact | None, context: Context) -> Fact | None:
        start = context.calendar.start
        contrary = (fact for concept in self.later_than_any for fact in context.facts(concept))
        counted = (fact for fact in contrary if self._counts(fact, context))
        return next((fact for fact in counted if latest is None or start(fact.at) >= start(latest.at)), None)

    def _counts(self, fact: Fact, context: Context) -> bool:
        begun = next(context.in_episode(self.since), None) if self.since else None
        return begun is None or context.calendar.end(fact.at) >= context.calendar.start(begun.at)


_AGAIN = Clearing(Remedy.RECORD)

"""Something must have happened, and not been undone since."""

from datetime import datetime

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
        begun = self._begun(context)
        latest = self._latest(begun, context)
        undone = self._undone_by(latest, begun, context)
        if undone:
            return Finding(Outcome.FAIL, Reason.WITHDRAWN, subject=self.event, evidence=(undone,), clearing=_AGAIN)
        if latest is None:
            return Finding(Outcome.MISSING, Reason.NOTHING_RECORDED, subject=self.event, clearing=_AGAIN)
        return Finding(Outcome.MET, Reason.HAPPENED, subject=self.event, evidence=(latest,))

    def _begun(self, context: Context) -> datetime | None:
        """Before what instant nothing counts."""
        since = context.latest(self.since) if self.since else None
        return context.calendar.start(since.at) if since else None

    def _latest(self, begun: datetime | None, context: Context) -> Fact | None:
        if begun is None:
            return context.latest(self.event)
        end = context.calendar.end
        return next((fact for fact in context.in_episode(self.event) if end(fact.at) >= begun), None)

    def _undone_by(self, latest: Fact | None, begun: datetime | None, context: Context) -> Fact | None:
        contrary = [fact for concept in self.later_than_any for fact in context.facts(concept)]
        if not contrary:
            return None
        start, end = context.calendar.start, context.calendar.end
        counted = (fact for fact in contrary if begun is None or end(fact.at) >= begun)
        return next((fact for fact in counted if latest is None or start(fact.at) >= start(latest.at)), None)


_AGAIN = Clearing(Remedy.RECORD)

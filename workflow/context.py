"""What a rule sees: a timeline up to an anchor, asked through a horizon that notes when the answer will change."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property

from workflow.anchors import NOW, Anchor
from workflow.facts import Fact, Moment
from workflow.site_calendar import SiteCalendar
from workflow.timeline import Timeline
from workflow.vocabulary import Vocabulary
from workflow.windows import Direction, Window


class Horizon:
    """The one keeper of the instant asked about.

    Nobody reads it; one may only ask whether it has reached another instant. Every instant that it has not reached yet
    is noted, so that `changes_at` is the first at which any comparison made so far would come out differently: until
    then the same questions get the same replies, and the evaluation cannot change.
    """

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self.changes_at: datetime | None = None

    def reached(self, instant: datetime) -> bool:
        """Whether the instant asked about is at or after this one."""
        if self._as_of >= instant:
            return True
        if self.changes_at is None or instant < self.changes_at:
            self.changes_at = instant
        return False

    def how_many_reached(self, ascending: Sequence[datetime], among: int) -> int:
        """How many of the first so many instants, given in order, it has reached; if not all, the next one is noted."""
        count = bisect_right(ascending, self._as_of, 0, among)
        if count < among:
            self.reached(ascending[count])
        return count


class Context:
    """One gate's view: facts up to its own anchor, in the current episode, under one horizon."""

    def __init__(
        self, vocabulary: Vocabulary, timeline: Timeline, horizon: Horizon, own_event: str = "", own: Anchor = NOW
    ) -> None:
        self.vocabulary = vocabulary
        self.timeline = timeline
        self.horizon = horizon
        self.own_event = own_event
        self.own = own
        self.calendar: SiteCalendar = timeline.calendar
        self._facts: dict[str, list[Fact]] = {}
        self._latest: dict[str, Fact | None] = {}

    def of_step(self, own_event: str) -> "Context":
        """What the rules of another step see that starts at the same anchor: the same facts, looked up only once."""
        other = Context.__new__(Context)
        vars(other).update(vars(self), own_event=own_event)
        return other

    def anchor_reached(self, instant: datetime, anchor: Anchor | None = None) -> bool:
        """Whether an anchor (by default the gate's own) lies at or after an instant."""
        at = (anchor or self.own).at
        return self.horizon.reached(instant) if at is None else at >= instant

    def facts(self, concept: str) -> list[Fact]:
        """What happened up to the gate's own anchor and up to now, earliest first."""
        found = self._facts.get(concept)
        if found is None:
            found = self._facts[concept] = self._look_up(concept)
        return found

    def _look_up(self, concept: str) -> list[Fact]:
        starts = self.timeline.starts(concept)
        if not starts:
            return []
        up_to_anchor = len(starts) if self.own.at is None else bisect_right(starts, self.own.at)
        return self.timeline.done(concept)[: self.horizon.how_many_reached(starts, up_to_anchor)]

    def in_episode(self, concept: str) -> Iterator[Fact]:
        """The facts that count in the current episode, latest first."""
        facts = self.facts(concept)
        start = self._counts_from(concept)
        return (fact for fact in reversed(facts) if start is None or self.calendar.end(fact.at) >= start)

    def latest(self, concept: str) -> Fact | None:
        """The latest fact that counts in the current episode."""
        if concept not in self._latest:
            self._latest[concept] = self._look_up_latest(concept)
        return self._latest[concept]

    def _look_up_latest(self, concept: str) -> Fact | None:
        facts = self.facts(concept)
        start = self._counts_from(concept)
        for fact in reversed(facts):
            if start is None or self.calendar.end(fact.at) >= start:
                return fact
        return None

    def _counts_from(self, concept: str) -> datetime | None:
        return None if self.vocabulary.carries_over(concept) else self.episode_start

    @cached_property
    def episode_start(self) -> datetime | None:
        """The first consent after the last screen failure; None before any consent."""
        failures = self.facts("screen_failed")
        after = self.calendar.start(failures[-1].at) if failures else None
        consents = (self.calendar.start(fact.at) for fact in self.facts("consent"))
        return next((at for at in consents if after is None or at >= after), None)

    def anchor(self, name: str) -> Anchor | None:
        """A named anchor: the gate's own, else when it last happened, else its plan."""
        event = self.vocabulary.event_of(name)
        if event == self.own_event:
            return self.own
        if happened := self.facts(event):
            return Anchor(self.calendar.start(happened[-1].at))
        plan = self.timeline.latest_plan(event)
        return Anchor(self.calendar.start(plan.at)) if plan else None

    def surely_inside(self, moment: Moment, window: Window, anchor: Anchor) -> bool:
        """Whether a moment lies in a window, whatever the time of a date without one."""
        if window.direction is not Direction.BEFORE:
            return self._between(self.calendar.start(moment), self.calendar.end(moment), window, anchor)
        if not self.anchor_reached(self.calendar.end(moment), anchor):
            return False
        return not self.anchor_reached(window.first_anchor_beyond(moment, self.calendar), anchor)

    def possibly_inside(self, moment: Moment, window: Window, anchor: Anchor) -> bool:
        """Whether a moment may lie in a window, at some time of a date without one."""
        if window.direction is not Direction.BEFORE:
            return self._between(self.calendar.end(moment), self.calendar.start(moment), window, anchor)
        if not self.anchor_reached(self.calendar.start(moment), anchor):
            return False
        return not self.anchor_reached(window.first_anchor_beyond(self.calendar.end(moment), self.calendar), anchor)

    def _between(self, opening: datetime, closing: datetime, window: Window, anchor: Anchor) -> bool:
        if anchor.at is None:
            return False
        return window.opens_at(anchor.at, self.calendar) <= opening and closing <= window.closes_at(
            anchor.at, self.calendar
        )

"""Suggesting: the earliest starts of several steps in a row that nothing known now stands against."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from workflow.prospects import Prospect, look_ahead
from workflow.protocol import Protocol
from workflow.site_calendar import ONE_DAY, TICK, SiteCalendar
from workflow.stages import Step
from workflow.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Slots:
    """When a step may begin at a site: every day at one time of its clock. Where the clock skips it, an hour later."""

    calendar: SiteCalendar
    clock: time

    def on(self, day: date) -> datetime:
        """The slot of a local day, in UTC."""
        return datetime.combine(day, self.clock, self.calendar.zone).astimezone(UTC)

    def first_from(self, instant: datetime) -> datetime:
        """The first slot at or after an instant."""
        day = self.calendar.local_date(instant)
        slot = self.on(day)
        return slot if slot >= instant else self.on(day + ONE_DAY)

    def last_until(self, instant: datetime) -> datetime:
        """The last slot at or before an instant."""
        day = self.calendar.local_date(instant)
        slot = self.on(day)
        return slot if slot <= instant else self.on(day - ONE_DAY)


@dataclass(frozen=True, slots=True)
class Search:
    """What a suggestion is looked for in: closed from `since` to `until`, on `slots`.

    `not_before` holds, for some steps, the first instant at which whoever asks would have them start. `plans` stay as
    they are, but for those of the steps that are looked for. `versions` are those that a consent may name.
    """

    protocol: Protocol
    timeline: Timeline
    slots: Slots
    since: datetime
    until: datetime
    not_before: Mapping[Step, datetime] = field(default_factory=dict)
    plans: Mapping[Step, datetime] = field(default_factory=dict)
    versions: Mapping[str, Protocol] = field(default_factory=dict)

    def earliest(self, *steps: Step) -> tuple[Prospect, ...]:
        """The starts of these steps, one after the other, of which the last comes earliest; () if there are none.

        Where several end as early, the first step comes as early as it can, then the second, and so on. Every instant
        at which an answer may change is asked about, so that none is missed.
        """
        step, *rest = steps
        best: tuple[Prospect, ...] = ()
        bound = self.until
        slot: datetime | None = self._first(step)
        # Once nothing can end earlier than the last step may begin, no other start of the steps before it can help.
        while slot is not None and slot <= bound and self._first(steps[-1]) <= bound:
            found = look_ahead(self.protocol, self.timeline, step, slot, self.plans, versions=self.versions)
            if found.allowed and not rest:
                return (found,)
            if found.allowed and (following := self._after(found, bound).earliest(*rest)):
                best, bound = (found, *following), following[-1].at - TICK
            slot = self._next(found)
        return best

    def _first(self, step: Step) -> datetime:
        return self.slots.first_from(max(self.since, self.not_before.get(step, self.since)))

    def _after(self, found: Prospect, bound: datetime) -> "Search":
        """The search for what follows a start."""
        return replace(self, since=found.at + TICK, until=bound, plans={**self.plans, found.step: found.at})

    def _next(self, found: Prospect) -> datetime | None:
        """The next slot that may answer otherwise; every slot where the step is allowed: what follows may need it."""
        if found.allowed:
            return self.slots.first_from(found.at + TICK)
        return self.slots.first_from(found.changes_at) if found.changes_at else None

    def nearest_later(self, step: Step, at: datetime) -> datetime | None:
        """The first slot after an instant that nothing forbids; None if there is none."""
        slot: datetime | None = self.slots.first_from(at + TICK)
        while slot is not None and slot <= self.until:
            found = look_ahead(self.protocol, self.timeline, step, slot, self.plans, versions=self.versions)
            if not found.forbids:
                return slot
            slot = self.slots.first_from(found.changes_at) if found.changes_at else None
        return None

    def nearest_earlier(self, step: Step, at: datetime) -> datetime | None:
        """The last slot before an instant that nothing forbids; None if there is none."""
        slot = self.slots.last_until(at - TICK)
        while slot >= self.since:
            if not look_ahead(self.protocol, self.timeline, step, slot, self.plans, versions=self.versions).forbids:
                return slot
            slot = self.slots.last_until(slot - TICK)
        return None

"""One participant's facts in order, and questions about them."""

from collections.abc import Callable, Container, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from workflow.facts import Fact, FactStatus, Subject
from workflow.site_calendar import SiteCalendar


class Timeline:
    """What is known about a participant: her own facts and those of the study, each in its latest known version.

    The order in which facts arrive plays no part: only which are known. Facts are sorted by when they happened
    (a date without a time by its first instant), then by when they were recorded. `concepts` is everything that
    anything was ever recorded about, withdrawn entries included.
    """

    def __init__(self, subject: Subject, facts: Iterable[Fact], zone: ZoneInfo) -> None:
        self.subject = subject
        self.calendar = SiteCalendar(zone)
        self.every_version = tuple(facts)
        self.concepts = frozenset([fact.concept for fact in self.every_version])
        self._done: dict[str, list[Fact]] = {}
        self._starts: dict[str, list[datetime]] = {}
        self._plans: dict[str, list[Fact]] = {}
        for start, _recorded_at, _key, fact in sorted(map(self._placed, _latest_versions(self.every_version))):
            if fact.status is FactStatus.DONE:
                self._done.setdefault(fact.concept, []).append(fact)
                self._starts.setdefault(fact.concept, []).append(start)
            elif fact.status is not FactStatus.ENTERED_IN_ERROR:
                self._plans.setdefault(fact.concept, []).append(fact)

    def _placed(self, fact: Fact) -> tuple[datetime, datetime, str, Fact]:
        """A fact behind what it is sorted by; keys differ, so that facts themselves are never compared."""
        return self.calendar.start(fact.at), fact.recorded_at, fact.key, fact

    def done(self, concept: str) -> list[Fact]:
        """What happened, earliest first."""
        return self._done.get(concept, [])

    def starts(self, concept: str) -> list[datetime]:
        """When each of these began: the first instant of a date without a time."""
        return self._starts.get(concept, [])

    def latest_plan(self, concept: str) -> Fact | None:
        """The plan recorded last, or None if there is none or it was cancelled."""
        plans = self._plans.get(concept)
        latest = max(plans, key=lambda fact: (fact.recorded_at, fact.key)) if plans else None
        return latest if latest and latest.status is FactStatus.PLANNED else None

    def recordings(self, concepts: Container[str]) -> set[datetime]:
        """Every instant at which anything about the concepts was recorded, withdrawn entries included."""
        return {fact.recorded_at for fact in self.every_version if fact.concept in concepts}

    def first_recorded(self, fact: Fact) -> datetime:
        """When the first version of a thing was recorded."""
        return min(version.recorded_at for version in self.every_version if version.key == fact.key)

    def recorded_as_done(self, fact: Fact) -> datetime:
        """Since when it is on record that a thing happened, at whatever time; a plan did not happen yet."""
        versions = [version for version in self.every_version if version.key == fact.key]
        otherwise = max((each.version for each in versions if each.status is not FactStatus.DONE), default=0)
        return min(version.recorded_at for version in versions if version.version > otherwise)

    def known_before(self, instant: datetime) -> "Timeline":
        """The timeline as it was known strictly before an instant."""
        return self._cut(lambda fact: fact.recorded_at < instant)

    def known_at(self, instant: datetime) -> "Timeline":
        """The timeline as it was known at an instant, what was recorded at that instant included."""
        return self._cut(lambda fact: fact.recorded_at <= instant)

    def _cut(self, keep: Callable[[Fact], bool]) -> "Timeline":
        return Timeline(self.subject, filter(keep, self.every_version), self.calendar.zone)


def _latest_versions(facts: Iterable[Fact]) -> Iterable[Fact]:
    latest: dict[str, Fact] = {}
    for fact in facts:
        known = latest.get(fact.key)
        if known is None or fact.version > known.version:
            latest[fact.key] = fact
    return latest.values()

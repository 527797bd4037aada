"""Who speaks: one protocol's labels, one site's clock, one language, at one instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tracker.wording.instants import is_chinese, last_moment_words, length_words, moment_words
from tracker.wording.numbers import number_words, with_unit
from workflow.concepts import Concept
from workflow.durations import Counting, Duration
from workflow.facts import Fact, Moment
from workflow.protocol import Protocol
from workflow.site_calendar import SiteCalendar
from workflow.windows import Direction, Window


@dataclass(frozen=True, slots=True)
class Voice:
    """Words for the things a sentence is made of. `as_of` decides which years need saying, and what "now" is."""

    protocol: Protocol
    zone: ZoneInfo
    language: str
    as_of: datetime | None = None

    def at(self, moment: Moment) -> str:
        """A moment in the site's zone."""
        return moment_words(moment, self.zone, self.language, self.as_of)

    def through(self, instant: datetime) -> str:
        """A closed end in the site's zone."""
        return last_moment_words(instant, self.zone, self.language, self.as_of)

    def label(self, thing: object) -> str:
        """The label of anything in the protocol file that has one in both languages."""
        return str(getattr(thing, "label_zh" if is_chinese(self.language) else "label"))

    def concept(self, name: str) -> str:
        """What staff call a concept; its id where the protocol does not know it."""
        found = self.protocol.concepts.get(name)
        return self.label(found) if found else name

    def anchor(self, name: str) -> str:
        """What staff call the event an anchor stands for."""
        return self.concept(self.protocol.event_of(name)) if name in self.protocol.anchors else name

    def code(self, code: str) -> str:
        """The words of a coded answer."""
        found = self.protocol.answers.get(code)
        return self.label(found) if found else code

    def value(self, fact: Fact) -> str:
        """What a fact says: a number with its unit, digit for digit as entered, or the words of its code."""
        if fact.value is None:
            return self.concept(fact.concept)
        if isinstance(fact.value, Decimal):
            return with_unit(("" if fact.comparator == "=" else f"{fact.comparator} ") + f"{fact.value:f}", fact.unit)
        return self.code(fact.value)

    def dated(self, fact: Fact) -> str:
        """A value and when: `Negative, collected Mon 7 Apr 08:00`."""
        return self.when(fact) % {"what": self.value(fact), "when": self.at(fact.at)}

    def when(self, fact: Fact) -> str:
        """The sentence pattern that says when a fact of this kind holds from."""
        concept = self.protocol.concepts.get(fact.concept)
        if concept is None or concept.kind in ("event", "interval", "date"):
            return _("%(what)s, %(when)s")
        if concept.kind in ("answer", "review"):
            return _("%(what)s, attested %(when)s")
        return _("%(what)s, collected %(when)s") if is_sample(concept) else _("%(what)s, measured %(when)s")

    def event(self, fact: Fact) -> str:
        """An event with its time, or with its start and end."""
        name, start = self.concept(fact.concept), self.at(fact.at)
        if fact.until is not None:
            return _("%(what)s from %(start)s to %(end)s") % {"what": name, "start": start, "end": self.at(fact.until)}
        if self.protocol.has_end(fact.concept):
            return _("%(what)s since %(start)s, no end recorded") % {"what": name, "start": start}
        return _("%(what)s, %(when)s") % {"what": name, "when": start}

    def number(self, number: Fraction, unit: str | None, limit: Fraction | None = None) -> str:
        """A compared number with its unit."""
        return with_unit(number_words(number, limit), unit)

    def length(self, duration: Duration) -> str:
        """A duration as the protocol means it: elapsed hours, or days, weeks, months of the calendar."""
        if duration.counting is Counting.ELAPSED:
            return length_words(duration.elapsed)
        if duration.months:
            return _("%(number)d months") % {"number": duration.months}
        return _("%(number)d days") % {"number": duration.days}

    def window(self, text: str) -> str:
        """A window line: `within 48 h 00 min before: First dose of lymphodepletion`."""
        try:
            window = Window.parse(text)
        except ValueError:
            return _("within %(length)s of each other") % {"length": self.length(Duration.parse(text))}
        pattern = {
            Direction.BEFORE: _("within %(length)s before: %(anchor)s"),
            Direction.AFTER: _("within %(length)s after: %(anchor)s"),
            Direction.AROUND: _("within %(length)s around: %(anchor)s"),
        }[window.direction]
        return pattern % {"length": self.length(window.length), "anchor": self.anchor(window.anchor)}

    def age_at(self, fact: Fact, start: datetime, text: str) -> str:
        """How old evidence is at a start, counted as its window counts."""
        calendar = SiteCalendar(self.zone)
        if not isinstance(fact.at, datetime) or Window.parse(text).length.counting is Counting.CALENDAR:
            days = calendar.local_date(start) - calendar.first_day(fact.at)
            return _("%(number)d days") % {"number": days // timedelta(days=1)}
        return length_words(start - fact.at)


def is_sample(concept: Concept) -> bool:
    """Whether a concept's time is that of a collected sample."""
    return concept.kind == "result" or bool(concept.panel)

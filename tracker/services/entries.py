"""What people type for a fact, and every reason why it cannot be taken: the only place that validates facts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from tracker.errors import FactInvalid
from tracker.models import Laboratory
from tracker.services.numbers import read_number, read_unit
from tracker.services.questions import question
from workflow.bounds import split_comparator
from workflow.concepts import Concept
from workflow.facts import Moment
from workflow.protocol import Protocol
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step
from workflow.units import convert
from workflow.versions import CONSENT

COMPARATORS = ("<=", ">=", "<", ">", "=")
EXIT_CONCEPTS = {
    Step.SCREEN_FAIL: "screen_failed", Step.WITHDRAW: "consent_withdrawn", Step.RECORD_DEATH: "death",
    Step.LOSE_TO_FOLLOW_UP: "lost_to_follow_up", Step.RESCREEN: CONSENT,
}  # fmt: skip
"""The concept that is recorded by a step which the protocol file does not list."""
_LONGEST = {"detail": 500, "dose": 60, "route": 60}
DATA_USE_WITHDRAWN = "data_use_withdrawn"
"""The concept of an end after which nothing recorded may be used."""


@dataclass(frozen=True, slots=True)
class FactEntry:
    """A fact as it was typed. Times are aware instants, or dates where only the day at the site is known.

    `value`, `unit` and `upper_limit` are text exactly as typed; a blank `value` of a laboratory result is a sample
    whose result is not out. `resulted_at` is when the result was out. `kept` says that the person was asked
    about a number that people rarely have, and keeps it.
    """

    concept: str
    at: Moment
    value: str = ""
    unit: str = ""
    upper_limit: str = ""
    comparator: str = "="
    until: Moment | None = None
    resulted_at: datetime | None = None
    detail: str = ""
    dose: str = ""
    route: str = ""
    laboratory: Laboratory | None = None
    kept: bool = False


@dataclass(slots=True)
class Check:
    """One entry held against its concept, the calendar and the clock; errors gather by field.

    `versions` are those of the protocol that may be consented to.
    """

    entry: FactEntry
    protocol: Protocol
    calendar: SiteCalendar
    now: datetime
    birth_date: date | None = None
    versions: tuple[str, ...] = ()
    errors: dict[str, list[str]] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The entry as the columns of a recorded fact. Raises FactInvalid with everything that is wrong."""
        concept = self.protocol.concepts.get(self.entry.concept)
        columns: dict[str, Any] = {}
        if concept is None or concept.kind == "derived":
            self.reject(
                "concept", _("“%(concept)s” is not something that is recorded.") % {"concept": self.entry.concept}
            )
        else:
            self._times(concept)
            columns = self._value(concept)
        for name, longest in _LONGEST.items():
            if len(getattr(self.entry, name)) > longest:
                self.reject(name, _("At most %(number)d characters.") % {"number": longest})
        if self.errors:
            raise FactInvalid(self.errors)
        return {**columns, **self._columns()}

    def reject(self, name: str, message: str) -> None:
        """Note one thing that is wrong."""
        self.errors.setdefault(name, []).append(message)

    def _columns(self) -> dict[str, Any]:
        entry, start = self.entry, self.calendar.start
        return {
            "concept": entry.concept, "at": start(entry.at), "at_is_date": not isinstance(entry.at, datetime),
            "until": None if entry.until is None else start(entry.until),
            "until_is_date": entry.until is not None and not isinstance(entry.until, datetime),
            "detail": entry.detail.strip(), "dose": entry.dose.strip(), "route": entry.route.strip(),
        }  # fmt: skip

    def _times(self, concept: Concept) -> None:
        entry, start = self.entry, self.calendar.start
        if concept.kind == "date":
            if isinstance(entry.at, datetime):
                self.reject("at", _("Give a date without a time."))
        elif start(entry.at) > self.now:
            self.reject("at", _("This time lies in the future. Record it when it has happened."))
        if self.birth_date and self.calendar.first_day(entry.at) < self.birth_date:
            self.reject("at", _("This lies before the date of birth."))
        self._end(concept)
        self._result_time()

    def _end(self, concept: Concept) -> None:
        until, start = self.entry.until, self.calendar.start
        if until is None:
            return
        if concept.kind != "interval":
            self.reject("until", _("Only something that lasts has an end."))
        if self.calendar.end(until) < start(self.entry.at):
            self.reject("until", _("The end lies before the start."))
        if start(until) > self.now:
            self.reject("until", _("This end lies in the future. Record it when it has come."))

    def _result_time(self) -> None:
        out = self.entry.resulted_at
        if out is None:
            return
        if out < self.calendar.start(self.entry.at):
            self.reject("resulted_at", _("The result cannot be out before the sample was collected."))
        if out > self.now:
            self.reject("resulted_at", _("This time lies in the future. Record the result when it is out."))

    def _value(self, concept: Concept) -> dict[str, Any]:
        if concept.kind == "quantity":
            return self._quantity(concept)
        if concept.kind in ("answer", "result"):
            return self._choice(concept)
        if concept.id == CONSENT:
            return self._version()
        if self.entry.value.strip():
            self.reject("value", _("This takes no value; write what is worth knowing under details."))
        return {}

    def _version(self) -> dict[str, Any]:
        """A consent's value: the version of the protocol that was consented to."""
        version = self.entry.value.strip()
        if version not in self.versions:
            words = {"value": version, "choices": ", ".join(self.versions)}
            self.reject("value", _("“%(value)s” is not one of: %(choices)s.") % words)
        return {"value": version}

    def _choice(self, concept: Concept) -> dict[str, Any]:
        value, codes = self.entry.value.strip(), [choice.code for choice in concept.choices]
        if value in codes:
            return {"value": value, "resulted_at": self._out(concept)}
        if value:
            self.reject(
                "value", _("“%(value)s” is not one of: %(choices)s.") % {"value": value, "choices": ", ".join(codes)}
            )
        elif concept.kind == "answer":
            self.reject("value", _("Choose an answer."))
        elif self.entry.resulted_at:
            self.reject("value", _("Give the result that came out at this time."))
        return {}

    def _quantity(self, concept: Concept) -> dict[str, Any]:
        comparator, text = self._comparator()
        if not text:
            self._nothing_typed(concept)
            return {}
        number, unit = self._number("value", text), self._unit(concept)
        if number is not None and unit:
            self._must_be_possible(concept, Fraction(number), unit)
        return {
            "value": str(number), "unit": unit, "comparator": comparator,
            "upper_limit": self._upper_limit(), "resulted_at": self._out(concept),
            "typed": self.entry.value.strip()[:100], "questioned": self._kept_although_asked(),
            **({"laboratory_id": self.entry.laboratory.pk} if self.entry.laboratory else {}),
        }  # fmt: skip

    def _kept_although_asked(self) -> str:
        """The range of what people usually have, where the person keeps a number outside it."""
        entry = self.entry
        asked = question(self.protocol, entry.concept, entry.value, entry.unit) if entry.kept else None
        return asked.usual if asked else ""

    def _comparator(self) -> tuple[str, str]:
        """The comparator and the number: `<1.2` may be typed in one, and `＜１．２` on a Chinese keyboard."""
        typed, text = split_comparator(self.entry.value)
        comparator = (self.entry.comparator or "=") if typed == "=" else typed
        if comparator not in COMPARATORS:
            self.reject(
                "comparator",
                _("“%(value)s” is not one of: %(choices)s.") % {"value": comparator, "choices": ", ".join(COMPARATORS)},
            )
        return comparator, text

    def _nothing_typed(self, concept: Concept) -> None:
        if not concept.panel:
            self.reject("value", _("Give a value."))
        elif self.entry.resulted_at:
            self.reject("value", _("Give the result that came out at this time."))

    def _out(self, concept: Concept) -> datetime | None:
        """When the result was out. A laboratory result without that time counts as out only now, never earlier."""
        from_a_sample = concept.kind == "result" or bool(concept.panel)
        return self.entry.resulted_at or (self.now if from_a_sample else None)

    def _unit(self, concept: Concept) -> str:
        if not self.entry.unit.strip() and len(concept.units) == 1:
            return concept.unit
        unit, problem = read_unit(self.entry.unit, concept)
        if problem:
            self.reject("unit", problem)
        return unit

    def _number(self, name: str, text: str) -> Decimal | None:
        number, problem = read_number(text)
        if problem:
            self.reject(name, problem)
        return number

    def _upper_limit(self) -> str:
        if not self.entry.upper_limit.strip():
            return ""
        limit = self._number("upper_limit", self.entry.upper_limit)
        if limit == 0:
            self.reject("upper_limit", _("The upper limit of normal is above 0."))
        return str(limit)

    def _must_be_possible(self, concept: Concept, number: Fraction, unit: str) -> None:
        """Hold a number against what the protocol file says is possible at all; both bounds are possible."""
        for bound, is_beyond in ((concept.lowest, Fraction.__lt__), (concept.highest, Fraction.__gt__)):
            if bound is None:
                continue
            comparable = convert(number, unit, bound.unit or concept.unit, concept.bridge)
            if is_beyond(comparable, Fraction(bound.number)):
                self.reject("value", _("Not possible: the bound is %(bound)s.") % {"bound": bound.text})

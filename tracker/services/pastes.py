"""Pastes: what would become of each line of a sheet, in words for whoever pasted it; nothing is written."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches

from django.utils.translation import gettext as _

from tracker import access
from tracker.errors import FactInvalid, Refused
from tracker.evaluation import protocol_of
from tracker.models import (
    FactStatus,
    Laboratory,
    Outcome,
    Participant,
    RecordedFact,
    User,
)
from tracker.services import facts
from tracker.services.entries import FactEntry
from tracker.services.laboratories import upper_limit_on
from tracker.services.numbers import read_unit
from tracker.services.pasting import Line, Names, lines_of, moment_of
from tracker.services.questions import question
from workflow.concepts import Concept
from workflow.facts import Moment
from workflow.protocol import Protocol
from workflow.site_calendar import SiteCalendar

MOST = 500
"""How many values one paste may hold."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is pasted, and what holds for every line that does not say otherwise."""

    participant: Participant
    text: str
    collected: datetime | None = None
    resulted: datetime | None = None
    laboratory: Laboratory | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One line, what would become of it, and why; `entry` where it could be read, `fact` where it is on record."""

    line: Line
    outcome: Outcome
    why: str = ""
    participant: Participant | None = None
    entry: FactEntry | None = None
    fact: RecordedFact | None = None
    twin: int | None = None


class SetAside(Exception):
    """A line that cannot be recorded as it is; the text says why, for the person."""


def judge(sheet: Sheet, *, by: User, now: datetime) -> list[Judged]:
    """What would become of every line; nothing is written. Each line has exactly one outcome."""
    return _Judge(sheet, by, now).lines()


def digest(judged: Iterable[Judged]) -> str:
    """A mark of what was shown: whoever records compares it, and nobody records what she did not see."""
    told = [
        (each.line, str(each.outcome), each.why, each.participant and each.participant.pk, _read(each.entry))
        for each in judged
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _read(entry: FactEntry | None) -> tuple[str, ...]:
    """What would be recorded of a line; but for the time of the result, which may be the present one."""
    if entry is None:
        return ()
    return (str(entry.at), entry.value, entry.unit, entry.upper_limit, str(entry.laboratory and entry.laboratory.pk))


def counts(judged: Iterable[Judged]) -> dict[Outcome, int]:
    """How many lines have which outcome."""
    found = Counter(each.outcome for each in judged)
    return {outcome: found[outcome] for outcome in Outcome}


class _Judge:
    """One paste held against what is on record and against itself."""

    def __init__(self, sheet: Sheet, by: User, now: datetime) -> None:
        self.sheet, self.by, self.now = sheet, by, now
        self.protocol: Protocol = protocol_of(sheet.participant)
        self.names = Names(self.protocol)
        self.visible = access.participants_visible_to(by, now).filter(study=sheet.participant.study)
        self._people: dict[str, Participant | None] = {}
        self._before: dict[tuple[int, str, datetime], tuple[int, FactEntry]] = {}

    def lines(self) -> list[Judged]:
        """Every line judged. Raises Refused where there are none, or too many to look at."""
        lines = lines_of(self.sheet.text, self.names)
        if not lines:
            raise Refused(_("There is no line to read."))
        if len(lines) > MOST:
            raise Refused(_("At most %(number)d values at a time.") % {"number": MOST})
        return [self._judged(line) for line in lines]

    def _judged(self, line: Line) -> Judged:
        participant: Participant | None = None
        entry: FactEntry | None = None
        try:
            participant = self._participant(line)
            concept = self._concept(line)
            entry = self._entry(line, participant, concept)
            self._must_be_recordable(participant, entry)
            return self._against_the_record(line, participant, entry)
        except SetAside as why:
            return Judged(line, Outcome.QUARANTINED, str(why), participant, entry)

    def _participant(self, line: Line) -> Participant:
        """Whose line it is. Another site's subject is answered like one that nobody knows."""
        if not line.subject:
            found: Participant | None = self.sheet.participant
        else:
            key = line.subject.casefold()
            if key not in self._people:
                rows = self.visible.filter(subject_number__iexact=line.subject).select_related("study", "site")
                self._people[key] = rows.first()
            found = self._people[key]
        if found is None:
            raise SetAside(unknown_subject(line.subject))
        today = self.now.astimezone(found.zone).date()
        if not access.may(self.by, access.Action.RECORD_FACT, found, today):
            raise SetAside(_("Your roles there do not include recording facts."))
        return found

    def _concept(self, line: Line) -> Concept:
        found = self.names.find(line.analyte)
        if found is None:
            labels = [concept.id for concept in self.protocol.concepts.values() if concept.kind == "quantity"]
            close = get_close_matches(line.analyte.lower(), labels, n=2)
            words = {"name": line.analyte, "close": ", ".join(close)}
            said = (
                _("Not a known test: “%(name)s”. Perhaps %(close)s?") if close else _("Not a known test: “%(name)s”.")
            )
            raise SetAside(said % words)
        return found

    def _entry(self, line: Line, participant: Participant, concept: Concept) -> FactEntry:
        if not line.value:
            raise SetAside(_("There is no value."))
        if not line.unit and len(concept.units) > 1:
            raise SetAside(_("There is no unit. Expected: %(units)s.") % {"units": ", ".join(concept.units)})
        at = self._moment(line.collected, participant, self.sheet.collected, _("when it was collected"))
        out = self._moment(line.resulted, participant, self.sheet.resulted, "") if concept.panel else None
        limit = line.upper_limit or self._limit(concept, participant, at, line.unit)
        return FactEntry(
            concept=concept.id, at=at, value=line.value, unit=line.unit, upper_limit=limit,
            resulted_at=out if isinstance(out, datetime) else None, laboratory=self._laboratory(participant),
        )  # fmt: skip

    def _laboratory(self, participant: Participant) -> Laboratory | None:
        """The laboratory that measured, where it is one of the subject's site."""
        named = self.sheet.laboratory
        return named if named and named.site_id == participant.site_id else None

    def _moment(self, text: str, participant: Participant, otherwise: Moment | None, what: str) -> Moment:
        if not text:
            if otherwise is None and what:
                raise SetAside(_("It is not said %(what)s.") % {"what": what})
            return otherwise or self.now.replace(second=0, microsecond=0)
        found = moment_of(text)
        if found is None:
            raise SetAside(_("Not a date that is understood: “%(text)s”. Write 2025-04-10 08:00.") % {"text": text})
        if not isinstance(found, datetime):
            return found
        instant = found.replace(tzinfo=participant.zone).astimezone(UTC)
        if instant.astimezone(participant.zone).replace(tzinfo=None) != found:
            raise SetAside(_("This time does not exist on that day: the clocks go forward."))
        return instant

    def _limit(self, concept: Concept, participant: Participant, at: Moment, unit: str) -> str:
        """The upper limit that the laboratory is known for, in the unit that is pasted."""
        laboratory = self._laboratory(participant)
        if not concept.needs_upper_limit or laboratory is None:
            return ""
        on = SiteCalendar(participant.zone).first_day(at)
        known = upper_limit_on(laboratory, concept.id, participant.sex, on)
        code, _problem = read_unit(unit or concept.unit, concept)
        return known.value if known and known.unit == code else ""

    def _must_be_recordable(self, participant: Participant, entry: FactEntry) -> None:
        try:
            facts.would_be(participant=participant, entry=entry, now=self.now)
        except FactInvalid as invalid:
            raise SetAside(" ".join(said for messages in invalid.errors.values() for said in messages)) from invalid
        if asked := question(protocol_of(participant), entry.concept, entry.value, entry.unit):
            words = {"typed": asked.typed, "range": asked.usual}
            raise SetAside(_("%(typed)s? People usually have %(range)s.") % words)

    def _against_the_record(self, line: Line, participant: Participant, entry: FactEntry) -> Judged:
        """Whether the same value of the same sample is known already, here or on record."""
        columns = facts.would_be(participant=participant, entry=entry, now=self.now)
        key = (participant.pk, entry.concept, columns["at"])
        mine = RecordedFact(**columns)
        if key in self._before:
            number, earlier = self._before[key]
            if _same(mine, RecordedFact(**facts.would_be(participant=participant, entry=earlier, now=self.now))):
                said = _("The same as line %(number)d.") % {"number": number}
                return Judged(line, Outcome.DUPLICATE, said, participant, entry, twin=number)
            raise SetAside(_("Another value of the same sample stands in line %(number)d.") % {"number": number})
        known = _on_record(participant, mine)
        if known is not None and not known.value:
            raise SetAside(_("This sample is on record and waits for its result: enter it there."))
        if known is not None and _same(mine, known):
            return Judged(line, Outcome.DUPLICATE, _("On record already."), participant, entry, fact=known)
        if known is not None:
            said = _("Another value of this sample is on record: %(value)s. Correct that one instead.")
            raise SetAside(said % {"value": f"{known.value} {known.unit}".strip()})
        self._before[key] = (line.number, entry)
        return Judged(line, Outcome.ACCEPTED, "", participant, entry)


def unknown_subject(number: str) -> str:
    """What is said of a subject who is nobody here, and of another site's alike."""
    return _("This subject is not known here: %(subject)s.") % {"subject": number}


def _on_record(participant: Participant, mine: RecordedFact) -> RecordedFact | None:
    """The fact of the same sample that stands: with its value, else while it waits for one."""
    rows = RecordedFact.objects.filter(participant=participant, concept=mine.concept).order_by("version")
    latest = {row.key: row for row in rows}.values()
    alike = [row for row in latest if row.at == mine.at and row.status == FactStatus.DONE]
    return max(alike, key=lambda row: bool(row.value), default=None)


def _same(one: RecordedFact, other: RecordedFact) -> bool:
    return (Decimal(one.value), one.unit, one.comparator) == (Decimal(other.value), other.unit, other.comparator)

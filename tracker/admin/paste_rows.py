"""The rows of a paste as they are shown: before they are recorded, and afterwards."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.admin.alert_card import person
from tracker.admin.fact_card import value_words
from tracker.models import Fate, ImportLine, Outcome, RecordedFact
from tracker.services import pastes
from tracker.services.pastes import Judged
from tracker.wording import Voice
from tracker.wording.joining import phrased

_STATES = {Outcome.ACCEPTED: "met", Outcome.DUPLICATE: "not_applicable", Outcome.QUARANTINED: "stale"}
OUTCOMES: Mapping[Outcome, Callable[[], str]] = {
    Outcome.ACCEPTED: lambda: _("recorded"),
    Outcome.DUPLICATE: lambda: _("on record already"),
    Outcome.QUARANTINED: lambda: _("set aside"),
}
_BEFORE: Mapping[Outcome, Callable[[], str]] = {
    Outcome.ACCEPTED: lambda: _("Will be recorded"),
    Outcome.DUPLICATE: lambda: _("On record already"),
    Outcome.QUARANTINED: lambda: _("Set aside"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: how it came, what it is taken for, and what becomes of it."""

    number: int
    pk: int | None
    came: str
    subject: str
    read: str
    when: str
    state: str
    state_label: str
    why: str
    waits: bool = False
    since: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The rows before they are recorded, and how many have which outcome: the counts add up to all."""

    rows: tuple[Row, ...]
    counts: tuple[tuple[str, str, int], ...]

    @property
    def total(self) -> int:
        """How many lines there are."""
        return len(self.rows)


def judged_rows(voice: Voice, judged: Iterable[Judged]) -> Told:
    """What would become of every line."""
    lines = list(judged)
    found = pastes.counts(lines)
    counts = tuple((_STATES[outcome], _BEFORE[outcome](), found[outcome]) for outcome in Outcome)
    return Told(tuple(_judged_row(voice, each) for each in lines), counts)


def kept_rows(voice: Voice, lines: Iterable[ImportLine]) -> list[Row]:
    """What became of every line."""
    return [_kept_row(voice, line) for line in lines]


def _judged_row(voice: Voice, each: Judged) -> Row:
    entry, cells = each.entry, each.line.cells()
    read = voice.concept(entry.concept) if entry else ""
    if entry:
        read = f"{read} {entry.value} {entry.unit}".strip()
    return Row(
        each.line.number, None, _came(cells), each.participant.subject_number if each.participant else cells["subject"],
        read, voice.at(entry.at) if entry else cells["collected"], _STATES[each.outcome], _BEFORE[each.outcome](),
        each.why,
    )  # fmt: skip


def _kept_row(voice: Voice, line: ImportLine) -> Row:
    outcome, fact = Outcome(line.outcome), line.fact
    subject = line.participant.subject_number if line.participant else line.typed.get("subject", "")
    return Row(
        line.number, line.pk, _came(line.typed), subject, _read(voice, fact), voice.at(fact.moment) if fact else "",
        _STATES[outcome], OUTCOMES[outcome](), line.why, line.fate == Fate.WAITING, _since(voice, line),
    )  # fmt: skip


def _read(voice: Voice, fact: RecordedFact | None) -> str:
    return f"{voice.concept(fact.concept)} {value_words(voice, fact)}" if fact else ""


def _since(voice: Voice, line: ImportLine) -> str:
    if line.settled_at is None or line.settled_by is None:
        return _("waits for you: mend it or dismiss it") if line.fate == Fate.WAITING else ""
    word = _("mended and recorded") if line.fate == Fate.MENDED else _("dismissed")
    return phrased([word, voice.at(line.settled_at), person(line.settled_by), line.reason])


def _came(cells: Mapping[str, str]) -> str:
    return " · ".join(text for text in cells.values() if text)

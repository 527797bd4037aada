"""A journey file: one participant, what happened and when it became known, and the answers to be found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tracker.replaying.kinds import recordings_of
from tracker.replaying.questions import DeadlineQuestion, GateQuestion, Question
from tracker.replaying.reading import Entry, Unreadable, open_entry
from tracker.replaying.recordings import Recording
from workflow.facts import Sex
from workflow.stages import GUARDED_STEPS, Step

_GATES = tuple(step.value for step in GUARDED_STEPS)


@dataclass(frozen=True, slots=True)
class JourneyFile:
    """One file, read. Recordings stand in the order in which they became known."""

    file: Path
    zone: ZoneInfo
    sex: Sex
    birth_date: date
    recordings: tuple[Recording, ...]
    questions: tuple[Question, ...]

    @property
    def begins_at(self) -> datetime:
        """An instant before which nothing is known or asked."""
        known = [recording.known for recording in self.recordings]
        return min([*known, *(question.at for question in self.questions)])


def read_journey(file: Path) -> JourneyFile:
    """Read one file. Raises Unreadable, which names the file, the key and what was expected."""
    entry = open_entry(file)
    entry.only(
        "id", "title", "timezone", "tags", "why", "readings", "participant", "facts", "queries", "expect_deadlines"
    )
    zone, person = entry.zone("timezone"), entry.mapping("participant")
    facts = entry.mappings("facts")
    if not facts:
        raise entry.reject("facts", "a list of facts")
    return JourneyFile(
        file=file, zone=zone, sex=Sex(person.choice("sex", "female", "male")), birth_date=person.day("date_of_birth"),
        recordings=_in_order(recording for fact in facts for recording in recordings_of(fact, zone)),
        questions=(*map(_query, entry.mappings("queries")), *map(_deadline, entry.mappings("expect_deadlines"))),
    )  # fmt: skip


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The journey files among paths: files themselves, and every YAML file below a folder, by name."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(each for each in path.rglob("*") if each.suffix in (".yaml", ".yml") and each.is_file())
        if not found:
            raise Unreadable(str(path), "no file", "a folder with YAML files")
        yield from found


def _in_order(recordings: Iterable[Recording]) -> tuple[Recording, ...]:
    """By when they became known; what became known at the same instant stays in the order of the file."""
    return tuple(sorted(recordings, key=lambda recording: recording.known))


def _query(entry: Entry) -> GateQuestion:
    entry.only("ask", "to", "at", "expect", "note")
    entry.choice("ask", "can_transition")
    expected = entry.mapping("expect")
    expected.only("allowed", "blocking")
    blocking = {each.text("clause"): each.codes("status") for each in expected.mappings("blocking")}
    return GateQuestion(
        at=entry.instant("at"), step=Step(entry.choice("to", *_GATES)), allowed=expected.flag("allowed"),
        blocking=blocking if expected.has("blocking") else None,
    )  # fmt: skip


def _deadline(entry: Entry) -> DeadlineQuestion:
    instants = ("opens_at", "due_at", "negative_valid_until", "raised_at")
    entry.only("as_of", "clause", "status", "required_through", "to", "note", *instants)
    status = entry.codes("status")
    if not status:
        raise entry.reject("status", "a status or a list of them")
    times: dict[str, datetime | date] = {name: entry.instant(name) for name in instants if entry.has(name)}
    if entry.has("required_through"):
        times["required_through"] = entry.day("required_through")
    return DeadlineQuestion(at=entry.instant("as_of"), clause=entry.text("clause"), status=status, times=times)

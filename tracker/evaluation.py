"""Rows in, Evaluation out: the one place where the tracker asks the workflow."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.models import Deviation, DeviationStatus, Participant, RecordedFact, StepRecord, Study
from tracker.wording import clause_title
from workflow.answers import Evaluation
from workflow.evaluation import evaluate
from workflow.facts import Fact, FactStatus
from workflow.loading import shipped_protocol, shipped_versions
from workflow.protocol import Protocol
from workflow.timeline import Timeline

_DEVIATION = "deviation-"
"""What the keys of deviations begin with; their number follows."""

STUDY_ZONE = ZoneInfo("UTC")
"""Where a study's own dates are counted: they have no site, and mean the same date everywhere."""


def protocol_of(owner: Study | Participant) -> Protocol:
    """The rules that a participant is under; of a study, those that new participants consent to.

    Raises FileNotFoundError if the file does not come with the program.
    """
    return shipped_protocol(owner.protocol_id)


def versions_of(participant: Participant) -> Mapping[str, Protocol]:
    """Every version of the trial that comes with the program, by its version. Raises FileNotFoundError."""
    return shipped_versions(participant.first_protocol_id)


def first_protocol_of(participant: Participant) -> Protocol:
    """The version that holds before any of her consents names one. Raises FileNotFoundError."""
    return shipped_protocol(participant.first_protocol_id)


def _answer(participant: Participant, timeline: Timeline, as_of: datetime) -> Evaluation:
    return evaluate(first_protocol_of(participant), timeline, as_of, versions_of(participant))


class FactRow(NamedTuple):
    """The columns of a recorded fact that the rules read: a whole model of each would take longer than the rules do."""

    participant_id: int | None
    study_id: int | None
    pk: int
    key: UUID
    version: int
    concept: str
    at: datetime
    at_is_date: bool
    until: datetime | None
    until_is_date: bool
    resulted_at: datetime | None
    recorded_at: datetime
    value: str
    unit: str
    comparator: str
    upper_limit: str
    status: str
    detail: str


Corrections = Mapping[int, Sequence[StepRecord]]


@dataclass(frozen=True, slots=True)
class Records:
    """Everything on record about one participant and the study, in the order in which it was written.

    `corrections` are the rows that corrected the steps of the deviations, by the first row of each step.
    """

    facts: Iterable[RecordedFact | FactRow]
    deviations: Iterable[Deviation]
    corrections: Corrections


def records_of(participants: Sequence[Participant]) -> dict[int, Records]:
    """What is on record about each of them, by their keys: three queries, however many they are."""
    keys = [participant.pk for participant in participants]
    about = Q(participant__in=keys) | Q(study__in={participant.study_id for participant in participants})
    facts: defaultdict[tuple[int | None, int | None], list[FactRow]] = defaultdict(list)
    for row in _rows(RecordedFact.objects.filter(about)):
        facts[row.participant_id, row.study_id].append(row)
    drafted = list(_of_steps(Deviation.objects.filter(participant__in=keys)))
    corrections = _corrections_of(drafted)
    deviations: defaultdict[int, list[Deviation]] = defaultdict(list)
    for deviation in drafted:
        deviations[deviation.participant_id].append(deviation)
    written = {
        each.pk: sorted([*facts[each.pk, None], *facts[None, each.study_id]], key=_written) for each in participants
    }
    return {each.pk: Records(written[each.pk], deviations[each.pk], corrections) for each in participants}


def _rows(facts: QuerySet[RecordedFact]) -> Iterator[FactRow]:
    return map(FactRow._make, facts.values_list(*FactRow._fields))


def _written(row: RecordedFact | FactRow) -> tuple[datetime, int]:
    return row.recorded_at, row.pk


def timeline_of(
    participant: Participant, *, before: StepRecord | None = None, without: StepRecord | None = None
) -> Timeline:
    """Everything recorded about the participant and the study up to now, every version of it.

    A deviation of a step is a hold as well: until it is closed, the steps that a hold guards wait for it. `before`
    leaves out what was written with that step or after it: rows are told apart by the order in which they were written,
    because two people may record within one tick of the clock. `without` leaves out one step and the holds that came of
    it, in every version; so does `before` with the step that it corrects, whose start is judged anew.
    """
    rows = RecordedFact.objects.filter(Q(participant=participant) | Q(study=participant.study_id))
    if before is not None:
        rows, without = rows.filter(pk__lt=before.fact_id), without or before.corrects
    if without is not None:
        rows = rows.exclude(key=without.fact.key)
    deviations = list(_of_other_steps(participant, without))
    records = Records(_rows(rows), deviations, _corrections_of(deviations))
    return _timeline(participant, records, None if before is None else before.recorded_at)


def _timeline(participant: Participant, records: Records, before: datetime | None = None) -> Timeline:
    """The facts, and the holds that deviations are; `before` leaves out holds that were known then or later."""
    protocol, zone = protocol_of(participant), participant.zone
    facts = [fact_of(row, protocol, STUDY_ZONE if row.participant_id is None else zone) for row in records.facts]
    for deviation in records.deviations:
        holds = holds_of(deviation, protocol, records.corrections)
        facts.extend(hold for hold in holds if before is None or hold.recorded_at < before)
    return Timeline(participant.subject, facts, zone)


def _of_steps(deviations: QuerySet[Deviation]) -> QuerySet[Deviation]:
    return deviations.filter(step_record__isnull=False).select_related("step_record")


def _of_other_steps(participant: Participant, without: StepRecord | None) -> QuerySet[Deviation]:
    """The deviations of steps, but for those of one step."""
    deviations = _of_steps(participant.deviations.all())
    if without is None:
        return deviations
    first = without.first.pk
    return deviations.exclude(Q(step_record=first) | Q(step_record__original=first))


def evaluate_participant(
    participant: Participant, *, as_of: datetime, known: datetime | None = None, strictly_before: bool = False
) -> Evaluation:
    """What the protocol says about the participant at `as_of`, over everything recorded up to now.

    `known` asks over what was recorded by that instant instead, it included; `strictly_before` leaves it out.
    """
    timeline = timeline_of(participant)
    if known is not None:
        timeline = timeline.known_before(known) if strictly_before else timeline.known_at(known)
    return _answer(participant, timeline, as_of)


def evaluate_with(participant: Participant, entered: Iterable[RecordedFact], *, as_of: datetime) -> Evaluation:
    """What the protocol would say at `as_of` if these rows, which are not saved, stood on record as well."""
    recorded = records_of([participant])[participant.pk]
    records = replace(recorded, facts=[*recorded.facts, *entered])
    return _answer(participant, _timeline(participant, records), as_of)


def evaluate_timeline(participant: Participant, timeline: Timeline, *, as_of: datetime) -> Evaluation:
    """What the protocol says about the participant at `as_of`, over a timeline that was read already."""
    return _answer(participant, timeline, as_of)


def evaluate_all(participants: Sequence[Participant], *, as_of: datetime) -> list[Evaluation]:
    """What the protocol says about each of them at `as_of`, over everything recorded up to now."""
    records = records_of(participants)
    return [_answer(each, _timeline(each, records[each.pk]), as_of) for each in participants]


def evaluate_without(record: StepRecord, at: datetime) -> Evaluation:
    """What the protocol says at an instant over everything recorded up to now, but for one step."""
    participant = record.participant
    return _answer(participant, timeline_of(participant, without=record), at)


def evaluate_decision(record: StepRecord) -> Evaluation:
    """What the protocol said when a step was recorded: for its own start, over all that was written before it.

    For a corrected start, the step as it was recorded before is left out.
    """
    participant = record.participant
    timeline = timeline_of(participant, before=record)
    return _answer(participant, timeline, record.happened_at)


def fact_of(row: RecordedFact | FactRow, protocol: Protocol, zone: ZoneInfo) -> Fact:
    """One row as the value the rules read."""
    until = None if row.until is None else _moment(row.until, zone, is_date=row.until_is_date)
    return Fact(
        key=str(row.key), concept=row.concept, at=_moment(row.at, zone, is_date=row.at_is_date),
        recorded_at=row.recorded_at, value=_value(row, protocol), unit=row.unit or None, comparator=row.comparator,
        upper_limit=Decimal(row.upper_limit) if row.upper_limit else None, until=until, resulted_at=row.resulted_at,
        status=FactStatus(row.status), version=row.version, detail=row.detail,
    )  # fmt: skip


def holds_of(deviation: Deviation, protocol: Protocol, corrections: Corrections) -> Iterator[Fact]:
    """A deviation of a step as the hold it is, from that step on; its later versions are what became of both.

    It is known since it was drafted. Staff enter times in minutes: the hold ends with the minute it was signed in, so
    that what is recorded right afterwards is not held. It begins at the corrected time once the step's time was
    corrected, and never was one once the step was taken back.
    """
    if deviation.step_record is None:
        return
    title = clause_title(protocol, deviation.clause, get_language() or "en")
    hold = Fact(
        key=f"{_DEVIATION}{deviation.pk}", concept=protocol.hold.concept, at=deviation.step_record.happened_at,
        recorded_at=deviation.drafted_at, detail=_("deviation not signed: %(clause)s") % {"clause": title},
    )  # fmt: skip
    yield hold
    became = _became(deviation, deviation.step_record, corrections)
    for number, (instant, change) in enumerate(sorted(became, key=_when), start=2):
        hold = replace(hold, version=number, recorded_at=instant, **change)
        yield hold


def _became(
    deviation: Deviation, record: StepRecord, corrections: Corrections
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """What became of a deviation's hold, and when: it was signed, its step was moved or taken back."""
    if deviation.status == DeviationStatus.CLOSED and deviation.closed_at is not None:
        until = deviation.closed_at.replace(second=0, microsecond=0)
        yield deviation.closed_at, {"until": max(record.happened_at, until)}
    # What came before the row that the deviation is about is part of how it was recorded.
    for later in corrections.get(_first_of(record), ()):
        if later.pk > record.pk:
            change = {"status": FactStatus.ENTERED_IN_ERROR} if later.in_error else {"at": later.happened_at}
            yield later.recorded_at, change


def _corrections_of(deviations: Iterable[Deviation]) -> Corrections:
    """What corrected the steps of these deviations, in the order in which it was written: one query."""
    firsts = {_first_of(each.step_record) for each in deviations if each.step_record}
    found: defaultdict[int, list[StepRecord]] = defaultdict(list)
    for row in StepRecord.objects.filter(original__in=firsts).order_by("pk"):
        found[_first_of(row)].append(row)
    return found


def _first_of(record: StepRecord) -> int:
    """The key of the row with which a step was first recorded."""
    return record.original_id or record.pk


def _when(became: tuple[datetime, dict[str, Any]]) -> datetime:
    return became[0]


def deviation_key(key: str) -> int | None:
    """The deviation that a fact's key stands for; None for a recorded fact."""
    return int(key.removeprefix(_DEVIATION)) if key.startswith(_DEVIATION) else None


def _moment(at: datetime, zone: ZoneInfo, *, is_date: bool) -> datetime | date:
    return at.astimezone(zone).date() if is_date else at


def _value(row: RecordedFact | FactRow, protocol: Protocol) -> Decimal | str | None:
    if not row.value:
        return None
    concept = protocol.concepts.get(row.concept)
    return Decimal(row.value) if concept and concept.kind == "quantity" else row.value

"""Rows in, Evaluation out: the one place where the tracker asks the workflow."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.models import Deviation, Participant, RecordedFact, StepRecord, Study
from tracker.wording import clause_title
from workflow.answers import Evaluation
from workflow.evaluation import evaluate
from workflow.facts import Fact, FactStatus
from workflow.loading import shipped_protocol
from workflow.protocol import Protocol
from workflow.timeline import Timeline

_DEVIATION = "deviation-"
"""What the keys of deviations begin with; their number follows."""

STUDY_ZONE = ZoneInfo("UTC")
"""Where a study's own dates are counted: they have no site, and mean the same date everywhere."""


def protocol_of(study: Study) -> Protocol:
    """The rules of a study. Raises FileNotFoundError if its protocol does not come with the program."""
    return shipped_protocol(study.protocol_id)


def timeline_of(participant: Participant, *, before: StepRecord | None = None) -> Timeline:
    """Everything recorded about the participant and the study up to now, every version of it. Two queries.

    A deviation of a step is a hold as well: until it is closed, the steps that a hold guards wait for it. `before`
    leaves out what was written with that step or after it: rows are told apart by the order in which they were written,
    because two people may record within one tick of the clock.
    """
    rows = RecordedFact.objects.filter(Q(participant=participant) | Q(study=participant.study_id))
    if before is not None:
        rows = rows.filter(pk__lt=before.fact_id)
    protocol, zone = protocol_of(participant.study), participant.zone
    facts = [fact_of(row, protocol, STUDY_ZONE if row.participant_id is None else zone) for row in rows]
    for deviation in participant.deviations.filter(step_record__isnull=False).select_related("step_record"):
        holds = holds_of(deviation, protocol)
        facts.extend(hold for hold in holds if before is None or hold.recorded_at < before.recorded_at)
    return Timeline(participant.subject, facts, zone)


def evaluate_participant(
    participant: Participant, *, as_of: datetime, known: datetime | None = None, strictly_before: bool = False
) -> Evaluation:
    """What the protocol says about the participant at `as_of`, over everything recorded up to now.

    `known` asks over what was recorded by that instant instead, it included; `strictly_before` leaves it out.
    """
    timeline = timeline_of(participant)
    if known is not None:
        timeline = timeline.known_before(known) if strictly_before else timeline.known_at(known)
    return evaluate(protocol_of(participant.study), timeline, as_of)


def evaluate_decision(record: StepRecord) -> Evaluation:
    """What the protocol said when a step was recorded: for its own start, over all that was written before it."""
    participant = record.participant
    timeline = timeline_of(participant, before=record)
    return evaluate(protocol_of(participant.study), timeline, record.happened_at)


def fact_of(row: RecordedFact, protocol: Protocol, zone: ZoneInfo) -> Fact:
    """One row as the value the rules read."""
    until = None if row.until is None else _moment(row.until, zone, is_date=row.until_is_date)
    return Fact(
        key=str(row.key), concept=row.concept, at=_moment(row.at, zone, is_date=row.at_is_date),
        recorded_at=row.recorded_at, value=_value(row, protocol), unit=row.unit or None, comparator=row.comparator,
        upper_limit=Decimal(row.upper_limit) if row.upper_limit else None, until=until, resulted_at=row.resulted_at,
        status=FactStatus(row.status), version=row.version, detail=row.detail,
    )  # fmt: skip


def holds_of(deviation: Deviation, protocol: Protocol) -> Iterator[Fact]:
    """A deviation of a step as the hold it is, from that step on; closing it is the hold's second version.

    It is known since it was drafted. Staff enter times in minutes: the hold ends with the minute it was signed in, so
    that what is recorded right afterwards is not held.
    """
    if deviation.step_record is None:
        return
    title = clause_title(protocol, deviation.clause, get_language() or "en")
    hold = Fact(
        key=f"{_DEVIATION}{deviation.pk}", concept=protocol.hold.concept, at=deviation.step_record.happened_at,
        recorded_at=deviation.drafted_at, detail=_("deviation not signed: %(clause)s") % {"clause": title},
    )  # fmt: skip
    yield hold
    if deviation.closed_at is not None:
        until = max(hold.at, deviation.closed_at.replace(second=0, microsecond=0))
        yield replace(hold, version=2, recorded_at=deviation.closed_at, until=until)


def deviation_key(key: str) -> int | None:
    """The deviation that a fact's key stands for; None for a recorded fact."""
    return int(key.removeprefix(_DEVIATION)) if key.startswith(_DEVIATION) else None


def _moment(at: datetime, zone: ZoneInfo, *, is_date: bool) -> datetime | date:
    return at.astimezone(zone).date() if is_date else at


def _value(row: RecordedFact, protocol: Protocol) -> Decimal | str | None:
    if not row.value:
        return None
    concept = protocol.concepts.get(row.concept)
    return Decimal(row.value) if concept and concept.kind == "quantity" else row.value

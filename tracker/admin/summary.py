"""One participant on paper: the journey, every decision, what is owed, deviations and signatures; no measured value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.admin.alert_card import person
from tracker.admin.deviation_card import DeviationWords, deviation_words
from tracker.admin.end_card import end_notices
from tracker.admin.journey_card import stops
from tracker.admin.plan_card import OWED, deadline_row, owed_first
from tracker.admin.signature_card import signature_rows
from tracker.evaluation import evaluate_participant, timeline_of
from tracker.models import Participant, StepRecord
from tracker.replaying.decisions import decisions
from tracker.wording import Voice, clause_title
from tracker.wording.joining import listed
from workflow.findings import Finding
from workflow.stages import Stage


@dataclass(frozen=True, slots=True)
class Taken:
    """One step as it stands in the journal. `stopped_by` names the conditions that it was taken against."""

    step: str
    happened: str
    recorded: str
    by: str
    reason: str
    afterwards: bool
    guarded: bool
    conditions: int
    stopped_by: str
    difference: str


@dataclass(frozen=True, slots=True)
class Departure:
    """One deviation: what was not kept, and what was written about it."""

    words: DeviationWords
    cause: str
    impact: str
    action: str


def summary_of(voice: Voice, participant: Participant, now: datetime) -> dict[str, Any]:
    """What the summary shows, as it stands now."""
    timeline, evaluation = timeline_of(participant), evaluate_participant(participant, as_of=now)
    standing = list(participant.steps.standing().select_related("recorded_by", "fact"))
    for record in standing:
        record.participant = participant
    owed = sorted(participant.deadlines.filter(status__in=OWED), key=owed_first)
    planned = [(voice.label(voice.protocol.steps[each.step]), voice.at(each.anchor))
               for each in evaluation.planned if each.anchor]  # fmt: skip
    return {
        "stops": stops(voice, participant, timeline, standing, Stage(participant.stage)),
        "ends": end_notices(voice, timeline, evaluation, standing),
        "taken": list(_taken(voice, standing)),
        "planned": planned,
        "deadlines": [deadline_row(voice, row, now) for row in owed],
        "departures": _departures(voice, participant),
        "signatures": signature_rows(voice, participant),
    }


def _taken(voice: Voice, standing: list[StepRecord]) -> Iterator[Taken]:
    judged = {each.record.pk: each for each in decisions(standing)}
    for record in standing:
        decision = judged.get(record.pk)
        blocking = decision.gate.blocking if decision else ()
        yield Taken(
            step=str(record.get_step_display()), happened=voice.at(record.happened_at),
            recorded=voice.at(record.recorded_at), by=person(record.recorded_by),
            reason=record.reason, afterwards=record.reported_afterwards, guarded=decision is not None,
            conditions=len(decision.gate.findings) if decision else 0, stopped_by=_titles(voice, blocking),
            difference=decision.difference if decision else "",
        )  # fmt: skip


def _titles(voice: Voice, findings: tuple[Finding, ...]) -> str:
    return listed(clause_title(voice.protocol, finding.clause, voice.language) for finding in findings)


def _departures(voice: Voice, participant: Participant) -> list[Departure]:
    """Every deviation, the first first; one of a step that was taken back is void, and says so."""
    rows = participant.deviations.select_related("step_record", "reported_by").order_by("drafted_at", "pk")
    return [Departure(deviation_words(voice, each), each.cause, each.impact, each.action) for each in rows]

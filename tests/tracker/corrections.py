"""What stories of corrected steps share: how a step is moved, taken back and judged, and how a deviation is signed."""

from typing import Any

from tests.builders import (
    House,
    at,
    fresh,
)
from tracker.evaluation import evaluate_participant
from tracker.models import Deviation, Participant, StepRecord
from tracker.replaying.decisions import decisions
from tracker.services import deviations, step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Step

TEXTS = {"cause": "The clock was misread", "impact": "None seen", "action": "The clock was set"}


def move(step: StepRecord, when: str, *, by: Any, now: str, reason: str = "The clock was misread") -> StepRecord:
    return step_corrections.correct_time(
        record=step, happened_at=at(when), reason=reason, by=by, now=at(now), signature=Signing(by)
    )  # fmt: skip


def undo(step: StepRecord, *, by: Any, now: str, reason: str = "The wrong participant") -> StepRecord:
    return step_corrections.take_back(record=step, reason=reason, by=by, now=at(now), signature=Signing(by))


def last(participant: Participant) -> StepRecord:
    found = participant.steps.standing().last()
    assert found is not None
    return found


def stopped(participant: Participant, step: Step, when: str) -> set[str]:
    gate = evaluate_participant(fresh(participant), as_of=at(when)).gates[step]
    return {finding.clause for finding in gate.blocking}


def everything_replays() -> int:
    """How many decisions come out as they were recorded; all of them must."""
    found = list(decisions(StepRecord.objects.order_by("pk")))
    assert [decision.difference for decision in found] == [""] * len(found)
    return len(found)


def close(deviation: Deviation, house: House, by: str, *, now: str) -> None:
    deviations.complete(deviation=deviation, **TEXTS, by=house["crc"], now=at(now))
    deviations.close(deviation=deviation, by=house[by], now=at(now), signing=Signing(house[by]))

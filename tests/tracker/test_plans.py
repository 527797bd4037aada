"""Plans: made, moved and cancelled, each version kept."""

import pytest

from tests.builders import ENROLLED, House, at, collected_woman, hcg, plan, record, screened_woman, take
from tracker.errors import NotAllowed, StepInvalid
from tracker.models import FactStatus, RecordedFact
from tracker.services import facts
from workflow.stages import Step

NOW = "2026-03-05 09:00"


def test_a_moved_plan_is_a_new_version_with_a_reason(house: House) -> None:
    participant = screened_woman(house)
    first = plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now=NOW)
    with pytest.raises(StepInvalid, match="reason"):
        plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now=NOW)
    moved = plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now=NOW, reason="No bed")
    assert (moved.key, moved.version, moved.reason, moved.at) == (first.key, 2, "No bed", at("2026-03-10 10:00"))


def test_a_cancelled_plan_stays_readable_and_the_next_one_is_another(house: House) -> None:
    participant = screened_woman(house)
    first = plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now=NOW)
    cancelled = facts.cancel_plan(
        participant=participant, step=Step.ENROL, reason="Wishes to think", by=house["crc"], now=at(NOW)
    )
    assert (cancelled.key, cancelled.status) == (first.key, FactStatus.CANCELLED)
    again = plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now="2026-03-06 09:00")
    assert again.key != first.key
    assert RecordedFact.objects.filter(concept="enrolment").count() == 3


def test_nothing_planned_can_not_be_cancelled(house: House) -> None:
    with pytest.raises(StepInvalid, match="Nothing is planned"):
        facts.cancel_plan(
            participant=screened_woman(house), step=Step.ENROL, reason="?", by=house["crc"], now=at(NOW)
        )  # fmt: skip


def test_a_plan_lies_in_the_future(house: House) -> None:
    with pytest.raises(StepInvalid, match="future"):
        plan(screened_woman(house), Step.ENROL, "2026-03-05 08:59", by=house["crc"], now=NOW)


def test_a_day_without_a_time_can_be_planned_on_that_day(house: House) -> None:
    planned = plan(screened_woman(house), Step.ENROL, "2026-03-05", by=house["crc"], now=NOW)
    assert planned.at_is_date


def test_a_plan_that_was_used_is_followed_by_another(house: House) -> None:
    participant = collected_woman(house)
    first = plan(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["crc"], now="2026-04-04 09:00")
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["ward_nurse"])
    record(participant, "infusion_cancelled", "2026-04-13 09:00", by=house["crc"])
    second = plan(participant, Step.LYMPHODEPLETION, "2026-04-25 09:00", by=house["crc"], now="2026-04-13 10:00")
    assert (second.key == first.key, second.version) == (False, 1)


@pytest.mark.parametrize("step", [Step.WITHDRAW, Step.COMPLETE, Step.RESCREEN])
def test_what_has_no_gate_is_not_planned(house: House, step: Step) -> None:
    with pytest.raises(StepInvalid, match="not planned"):
        plan(screened_woman(house), step, ENROLLED, by=house["crc"], now=NOW)


def test_a_plan_of_what_has_none_cannot_be_cancelled(house: House) -> None:
    with pytest.raises(StepInvalid, match="not planned"):
        facts.cancel_plan(
            participant=screened_woman(house), step=Step.WITHDRAW, reason="?", by=house["crc"], now=at(NOW)
        )


def test_nothing_is_planned_after_the_end(house: House) -> None:
    participant = screened_woman(house)
    take(participant, Step.WITHDRAW, ENROLLED, by=house["pi"])
    with pytest.raises(StepInvalid, match="ended"):
        plan(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["crc"], now="2026-03-10 09:00")


def test_who_may_not_plan_plans_nothing(house: House) -> None:
    with pytest.raises(NotAllowed):
        plan(screened_woman(house), Step.ENROL, ENROLLED, by=house["monitor"], now=NOW)

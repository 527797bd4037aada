"""A plan whose time passes without its step: somebody is asked what became of it."""

import pytest

from tests.builders import ENROLLED, House, at, collected_woman, hcg, plan, screened_woman, take
from tests.stories.seen import live_until, owed, standing, told
from tracker.models import Alert, Participant
from tracker.services import facts
from workflow.stages import Step

DOSE = "2026-04-20 09:00"


@pytest.fixture
def forgotten(house: House) -> Participant:
    """A woman whose tested and planned first dose nobody has recorded one hour later."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-18 08:00")
    hcg(participant, house, "2026-04-19 15:00", "2026-04-19 19:00")
    live_until(participant, "2026-04-20 09:59")
    assert standing(participant) == []
    live_until(participant, "2026-04-20 10:00")
    return participant


def test_one_hour_after_a_plan_passed_coordinator_and_ward_nurse_are_asked_what_became_of_it(
    house: House, forgotten: Participant
) -> None:
    assert standing(forgotten) == [("unanswered", at("2026-04-20 10:00"))]
    assert told("unanswered") == {"crc", "ward_nurse"}
    assert Alert.objects.get(rung="unanswered").say.endswith("started, moved or cancelled.")
    live_until(forgotten, "2026-04-20 14:00")
    assert told("unanswered", "escalated") == {"sub_i"}


def test_a_passed_plan_is_answered_by_its_start(house: House, forgotten: Participant) -> None:
    take(forgotten, Step.LYMPHODEPLETION, DOSE, by=house["ward_nurse"], known="2026-04-20 10:05")
    assert (standing(forgotten), Alert.objects.get(rung="unanswered").resolution) == ([], "done")


def test_a_passed_plan_is_answered_by_a_new_time(house: House, forgotten: Participant) -> None:
    plan(forgotten, Step.LYMPHODEPLETION, "2026-04-20 16:00", by=house["crc"], now="2026-04-20 10:05", reason="Fever")
    assert Alert.objects.get(rung="unanswered").status == "resolved"
    assert "unanswered" not in dict(standing(forgotten))
    live_until(forgotten, "2026-04-20 17:00")
    assert "unanswered" in dict(standing(forgotten))


def test_a_passed_plan_is_answered_by_its_cancellation(house: House, forgotten: Participant) -> None:
    facts.cancel_plan(
        participant=forgotten, step=Step.LYMPHODEPLETION, reason="Fever", by=house["crc"], now=at("2026-04-20 10:05")
    )
    assert standing(forgotten) == []
    assert owed(forgotten, "plan_lymphodepletion").status == "cancelled"


def test_a_plan_of_any_step_is_owed_an_answer(house: House) -> None:
    participant = screened_woman(house)
    plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now="2026-03-09 09:00")
    live_until(participant, "2026-03-09 11:00")
    assert ("unanswered", at("2026-03-09 11:00")) in standing(participant)

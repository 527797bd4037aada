"""Pregnancy tests that are not negative: told at once, whenever they come, and never evidence that lets a step pass."""

import pytest

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    a_participant,
    at,
    collected_woman,
    consented,
    fresh,
    hcg,
    measured,
    record,
    reviewed,
    take,
)
from tests.stories.seen import owed, standing, stops, told, told_at
from tracker.errors import StepRefused
from tracker.models import Alert, Deviation, Participant
from tracker.services import facts
from workflow.stages import Step

DEMAND_AN_ANSWER = {"pi", "sub_i", "crc", "pharmacist"}
alarming = pytest.mark.parametrize("value", ["positive", "indeterminate", "rejected"])


def dosed(house: House) -> Participant:
    """A woman who was given the first dose after a negative test."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    return fresh(participant)


def assert_told_at_once(participant: Participant, when: str) -> None:
    assert ("review", at(when)) in standing(participant)
    assert (told("review"), told_at("review")) == (DEMAND_AN_ANSWER, {at(when)})
    assert Alert.objects.get(rung="review").urgent


@alarming
def test_a_test_that_is_not_negative_at_screening_is_told_at_once_and_stops_the_enrolment(
    house: House, value: str
) -> None:
    participant = a_participant(house)
    consented(participant, house)
    measured(participant, house)
    reviewed(participant, house)
    hcg(participant, house, "2026-03-09 08:00", "2026-03-09 09:00", value)
    assert_told_at_once(participant, "2026-03-09 09:00")
    assert {"hcg_screening", "hcg_7d_enrol"} == set(stops(participant, Step.ENROL, ENROLLED))
    with pytest.raises(StepRefused):
        take(participant, Step.ENROL, ENROLLED, by=house["pi"])


@alarming
def test_a_test_that_is_not_negative_before_the_first_dose_is_told_at_once_and_stops_it(
    house: House, value: str
) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00", value)
    assert_told_at_once(participant, "2026-04-08 13:00")
    assert set(stops(participant, Step.LYMPHODEPLETION, CONDITIONED)) == {"hcg_48h_ld"}
    with pytest.raises(StepRefused):
        take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"])


@pytest.mark.parametrize(("value", "stopped"), [("positive", True), ("indeterminate", True), ("rejected", False)])
def test_the_latest_result_decides_and_a_rejected_sample_is_no_result(house: House, value: str, stopped: bool) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-07 10:00", "2026-04-07 13:00")
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00", value)
    assert_told_at_once(participant, "2026-04-08 13:00")
    assert ("hcg_48h_ld" in stops(participant, Step.LYMPHODEPLETION, CONDITIONED)) == stopped


@alarming
def test_a_test_that_is_not_negative_after_the_first_dose_is_told_at_once_and_judges_no_past_gate(
    house: House, value: str
) -> None:
    participant = dosed(house)
    hcg(participant, house, "2026-04-12 10:00", "2026-04-12 13:00", value)
    assert_told_at_once(participant, "2026-04-12 13:00")
    assert owed(participant, "hcg_48h_ld").status == "met"
    assert not Deviation.objects.exists()


def test_a_sample_drawn_before_the_dose_and_found_positive_after_it_invalidates_the_gate(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    second = record(participant, "serum_hcg", "2026-04-08 20:00", by=house["crc"])
    facts.withdraw_fact(fact=second, reason="Tube lost", by=house["crc"], now=at("2026-04-09 08:00"))
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    found = record(
        participant, "serum_hcg", "2026-04-08 20:00", "positive", by=house["crc"], resulted="2026-04-09 08:30",
        known="2026-04-09 15:00",
    )  # fmt: skip
    assert found.value == "positive"
    assert dict(standing(participant)).keys() == {"review", "invalidated"}
    assert owed(participant, "hcg_48h_ld").status == "eligibility_invalidated"
    assert Deviation.objects.get().clause == "hcg_48h_ld"
    record(participant, "lymphodepletion_completed", "2026-04-11 15:00", by=house["ward_nurse"])
    assert stops(participant, Step.INFUSION, "2026-04-14 10:00") == {"hold": "fail"}


def test_a_later_negative_test_ends_the_alarm(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-07 10:00", "2026-04-07 13:00", "indeterminate")
    assert "review" in dict(standing(participant))
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    assert "review" not in dict(standing(participant))
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}

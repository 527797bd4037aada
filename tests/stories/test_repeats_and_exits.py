"""Steps that come again, each with its own tests; and how a journey ends."""

import pytest

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    hcg,
    measured,
    plan,
    record,
    reviewed,
    screened_woman,
    take,
)
from tests.stories.seen import live_until, owed, standing, stops
from tracker.errors import StepInvalid, StepNotPossible, StepRefused
from tracker.models import Alert, Notification
from workflow.stages import Stage, Step


def test_a_second_leukapheresis_follows_a_product_that_failed_and_has_its_own_look_back(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["apheresis_nurse"])
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    record(participant, "manufacturing_failed", "2026-04-05 10:00", by=house["cell_lab"])
    assert "order" in stops(participant, Step.LYMPHODEPLETION, "2026-04-06 09:00")
    record(participant, "systemic_infection", "2026-03-30", until="2026-04-02", by=house["sub_i"], known="2026-04-06")
    again = "2026-04-10 09:00"
    assert stops(participant, Step.LEUKAPHERESIS, again) == {"infection_2w_apheresis": "fail"}
    record(participant, "infection_review", "2026-04-17 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, "2026-04-17 09:00", by=house["apheresis_nurse"])
    assert [step.step for step in participant.steps.all()] == ["enrol", "leukapheresis", "leukapheresis"]
    assert [owed(participant, "infection_2w_apheresis", number).status for number in (1, 2)] == ["met", "met"]


def test_a_second_lymphodepletion_after_a_cancelled_infusion_has_its_own_test(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-11 15:00", by=house["ward_nurse"])
    record(participant, "infusion_cancelled", "2026-04-13 09:00", by=house["crc"])
    assert "order" in stops(participant, Step.INFUSION, "2026-04-14 10:00")
    second = "2026-04-25 09:00"
    plan(participant, Step.LYMPHODEPLETION, second, by=house["crc"], now="2026-04-13 10:00")
    first, own = owed(participant, "hcg_48h_ld"), owed(participant, "hcg_48h_ld", 2)
    assert (first.status, own.status, own.opens_at) == ("met", "upcoming", at("2026-04-23 09:00"))
    assert stops(participant, Step.LYMPHODEPLETION, second) == {"hcg_48h_ld": "stale"}
    hcg(participant, house, "2026-04-24 10:00", "2026-04-24 13:00")
    take(participant, Step.LYMPHODEPLETION, second, by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-27 15:00", by=house["ward_nurse"])
    take(participant, Step.INFUSION, "2026-04-30 10:00", by=house["pi"])
    assert owed(participant, "hcg_48h_ld", 2).status == "met"


def test_a_death_ends_the_journey_and_everything_owed_and_told(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-18 09:00")
    take(participant, Step.RECORD_DEATH, "2026-04-18 11:00", by=house["pi"], known="2026-04-18 12:00")
    row = fresh(participant)
    assert (row.stage, row.reassess_after, standing(row)) == (Stage.DIED, None, [])
    assert {owed(row, clause).status for clause in ("hcg_48h_ld", "contraception")} == {"cancelled"}
    assert Alert.objects.get(rung="window_open").resolution == "journey_ended"
    assert set(Notification.objects.values_list("status", flat=True)) == {"withdrawn"}
    with pytest.raises(StepInvalid, match="ended"):
        plan(row, Step.LYMPHODEPLETION, "2026-04-22 09:00", by=house["crc"], now="2026-04-18 13:00")
    with pytest.raises(StepNotPossible):
        take(row, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["pi"])


def test_a_new_consent_after_a_screen_failure_opens_an_episode_that_needs_everything_anew(house: House) -> None:
    participant = screened_woman(house)
    take(participant, Step.SCREEN_FAIL, ENROLLED, by=house["pi"])
    assert stops(participant, Step.ENROL, "2026-03-09 11:00") == {"terminal": "fail"}
    take(participant, Step.RESCREEN, "2026-03-10 09:00", by=house["crc"], detail="ICF 2.0")
    row = fresh(participant)
    assert (row.stage, row.episode) == (Stage.SCREENING, 2)
    missing = stops(row, Step.ENROL, "2026-03-10 16:00")
    assert {"anc", "diagnosis", "hcg_screening", "hcg_7d_enrol"} < missing.keys()
    answers = {"diffuse_ssc": "yes", "refractory": "yes", "vascular_access": "adequate", "contraception_agreed": "yes"}
    for concept, value in (answers | {"wocbp": "yes", "lactating": "no"}).items():
        record(row, concept, "2026-03-10 10:00", value, by=house["pi"])
    measured(row, house, collected="2026-03-10 11:00", resulted="2026-03-10 15:00")
    hcg(row, house, "2026-03-10 11:00", "2026-03-10 15:00")
    reviewed(row, house, "2026-03-10 15:30")
    take(row, Step.ENROL, "2026-03-10 16:00", by=house["pi"])
    assert fresh(row).stage == Stage.ENROLLED


def test_an_end_known_late_ends_everything_that_was_owed(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-18 09:00")
    assert standing(participant) == [("window_open", at("2026-04-18 09:00"))]
    with pytest.raises(StepInvalid, match="before the last recorded step"):
        take(participant, Step.RECORD_DEATH, "2026-03-12 09:00", by=house["crc"], known="2026-04-18 12:00")
    step = take(
        participant, Step.RECORD_DEATH, "2026-03-12 09:00", by=house["crc"], known="2026-04-18 12:00",
        reported_afterwards=True, reason="The family telephoned today",
    )  # fmt: skip
    assert (step.happened_at, step.recorded_at) == (at("2026-03-12 09:00"), at("2026-04-18 12:00"))
    assert (fresh(participant).stage, standing(participant)) == (Stage.DIED, [])
    assert owed(participant, "hcg_48h_ld").status == "cancelled"
    assert [each.step for each in participant.steps.all()] == ["enrol", "leukapheresis", "record_death"]


def test_who_leaves_the_treatment_owes_nothing_before_it_and_keeps_the_follow_up(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-18 09:00")
    record(participant, "treatment_withdrawn", "2026-04-18 12:00", by=house["crc"])
    assert standing(participant) == []
    assert owed(participant, "hcg_48h_ld").status == "cancelled"
    assert owed(participant, "contraception").status == "open"
    assert stops(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00").keys() == {"terminal"}
    take(participant, Step.FOLLOW_UP, "2026-04-19 09:00", by=house["crc"])
    assert fresh(participant).stage == Stage.FOLLOW_UP


def test_who_withdraws_the_use_of_data_owes_nothing_at_all(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-18 09:00")
    record(participant, "data_use_withdrawn", "2026-04-18 12:00", by=house["crc"])
    assert standing(participant) == []
    assert {owed(participant, clause).status for clause in ("hcg_48h_ld", "contraception")} == {"cancelled"}
    with pytest.raises(StepRefused):
        take(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["ward_nurse"])

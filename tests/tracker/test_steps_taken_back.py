"""A step recorded in error: taken back with a reason, and what hangs on it with it."""

import pytest

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    employ,
    fresh,
    hcg,
    plan,
    record,
    screened_man,
    take,
)
from tests.tracker.corrections import close, everything_replays, last, move, stopped, undo
from tracker.errors import (
    CorrectedByAnother,
    DeviationVoid,
    NotTheirsToTakeBack,
    StoodUpon,
)
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Deviation, DeviationStatus, FactStatus, Participant, RecordedFact, StepRecord
from tracker.services import facts, signatures
from workflow.stages import Stage, Step


def test_a_first_dose_taken_back_brings_back_its_plan_and_the_reminders(conditioned: Participant, house: House) -> None:
    given = last(conditioned)
    back = undo(given, by=house["ward_nurse"], now="2026-04-09 09:30")
    row = fresh(conditioned)
    assert (row.stage, back.from_stage, back.to_stage) == (Stage.LEUKAPHERESIS, "lymphodepletion", "leukapheresis")
    assert (back.in_error, back.fact.status, back.fact.at) == (True, FactStatus.PLANNED, at(CONDITIONED))
    assert conditioned.deadlines.get(clause="hcg_48h_ld").due_at == at(CONDITIONED)
    assert Step.LYMPHODEPLETION in {
        gate.step for gate in evaluate_participant(row, as_of=at("2026-04-09 09:30")).planned
    }
    undone = given.signatures.get()
    assert signatures.changed_since(undone) == ("in_error",)
    take(conditioned, Step.LYMPHODEPLETION, "2026-04-09 10:00", by=house["ward_nurse"])
    assert last(conditioned).fact.version == 4
    assert everything_replays() == 4


def test_a_plan_that_comes_back_after_its_time_asks_what_became_of_it(conditioned: Participant, house: House) -> None:
    undo(last(conditioned), by=house["ward_nurse"], now="2026-04-09 10:30")
    assert Alert.objects.filter(deadline__clause="plan_lymphodepletion", resolved_at=None).exists()


def test_a_plan_made_since_is_not_displaced_by_the_one_that_was_used_up(conditioned: Participant, house: House) -> None:
    newer = plan(conditioned, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-09 10:00")
    back = undo(last(conditioned), by=house["ward_nurse"], now="2026-04-09 10:30")
    assert back.fact.status == FactStatus.ENTERED_IN_ERROR
    planned = evaluate_participant(fresh(conditioned), as_of=at("2026-04-09 10:30")).planned_gate(Step.LYMPHODEPLETION)
    assert planned is not None
    assert planned.anchor == newer.at


def test_an_infusion_taken_back_may_be_given_again(conditioned: Participant, house: House) -> None:
    record(conditioned, "lymphodepletion_completed", "2026-04-11 12:00", by=house["ward_nurse"])
    take(conditioned, Step.INFUSION, "2026-04-14 10:00", by=house["pi"])
    assert stopped(conditioned, Step.INFUSION, "2026-04-14 11:00") == {"order"}
    back = undo(last(conditioned), by=house["pi"], now="2026-04-14 11:00")
    assert back.fact.status == FactStatus.ENTERED_IN_ERROR
    assert fresh(conditioned).stage == Stage.LYMPHODEPLETION
    take(conditioned, Step.INFUSION, "2026-04-14 12:00", by=house["pi"])
    assert fresh(conditioned).stage == Stage.INFUSION
    assert everything_replays() == 5


@pytest.mark.parametrize("step", [Step.RECORD_DEATH, Step.LOSE_TO_FOLLOW_UP, Step.WITHDRAW])
def test_an_end_recorded_for_the_wrong_participant_is_taken_back(
    conditioned: Participant, house: House, step: Step
) -> None:
    owed = set(conditioned.deadlines.values_list("clause", "status"))
    ended = take(conditioned, step, "2026-04-10 09:00", by=house["crc"], reason="Telephone")
    assert evaluate_participant(fresh(conditioned), as_of=at("2026-04-10 10:00")).next_step is None
    undo(ended, by=house["crc"], now="2026-04-10 10:00")
    assert fresh(conditioned).stage == Stage.LYMPHODEPLETION
    assert set(conditioned.deadlines.values_list("clause", "status")) == owed


def test_a_screening_opened_in_error_goes_back_to_the_episode_before(house: House) -> None:
    participant = screened_man(house)
    failed = take(participant, Step.SCREEN_FAIL, ENROLLED, by=house["pi"], reason="ALT")
    again = take(participant, Step.RESCREEN, "2026-06-01 09:00", by=house["crc"])
    with pytest.raises(StoodUpon, match="Re-screening"):
        undo(failed, by=house["pi"], now="2026-06-01 10:00")
    undo(again, by=house["crc"], now="2026-06-01 10:00")
    assert (fresh(participant).stage, fresh(participant).episode) == (Stage.SCREEN_FAILED, 1)
    undo(failed, by=house["pi"], now="2026-06-01 11:00")
    assert (fresh(participant).stage, fresh(participant).episode) == (Stage.SCREENING, 1)
    assert not participant.steps.standing().exists()


def test_only_the_last_step_is_taken_back_and_the_one_upon_it_is_named(misdated: Participant, house: House) -> None:
    with pytest.raises(StoodUpon, match="“Leukapheresis” was recorded after it"):
        undo(misdated.steps.standing()[0], by=house["sub_i"], now="2026-04-08 15:00")
    with pytest.raises(StoodUpon, match="Leukapheresis completed"):
        undo(last(misdated), by=house["apheresis_nurse"], now="2026-04-08 15:00")
    completed = RecordedFact.objects.get(concept="leukapheresis_completed")
    facts.withdraw_fact(fact=completed, reason="Never", by=house["apheresis_nurse"], now=at("2026-04-08 15:00"))
    undo(last(misdated), by=house["apheresis_nurse"], now="2026-04-08 15:01")
    assert fresh(misdated).stage == Stage.ENROLLED


def test_what_was_taken_back_is_not_taken_back_again(conditioned: Participant, house: House) -> None:
    given = last(conditioned)
    back = undo(given, by=house["ward_nurse"], now="2026-04-09 09:30")
    for record_ in (given, back):
        with pytest.raises(CorrectedByAnother):
            undo(record_, by=house["ward_nurse"], now="2026-04-09 09:40")


# --- deviations -----------------------------------------------------------------------------------------------------


@pytest.fixture
def reported(house: House) -> Participant:
    """A woman whose first dose was reported by the ward against its gate."""
    participant = collected_woman(house)
    take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True,
        reason="Given before the test",
    )  # fmt: skip
    return fresh(participant)


def test_nobody_escapes_a_deviation_by_taking_back_what_she_reported(reported: Participant, house: House) -> None:
    for name in ("ward_nurse", "crc", "sub_i"):
        with pytest.raises(NotTheirsToTakeBack):
            undo(last(reported), by=house[name], now="2026-04-09 12:00")


def test_not_even_an_investigator_takes_back_what_she_reported_herself(house: House) -> None:
    participant = collected_woman(house)
    step = take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"], reported_afterwards=True, reason="Given",
    )  # fmt: skip
    with pytest.raises(NotTheirsToTakeBack):
        undo(step, by=house["pi"], now="2026-04-09 12:00")
    second = employ(house, "pi", "second")
    undo(step, by=second, now="2026-04-09 12:00")
    assert fresh(participant).stage == Stage.LEUKAPHERESIS


def test_a_deviation_of_a_step_taken_back_is_void_holds_nothing_and_stays(reported: Participant, house: House) -> None:
    drafted = list(Deviation.objects.all())
    undo(last(reported), by=house["pi"], now="2026-04-09 12:00")
    assert {(each.status, each.closed_at) for each in Deviation.objects.all()} == {
        (DeviationStatus.VOID, at("2026-04-09 12:00"))
    }
    assert Deviation.objects.count() == len(drafted)
    hcg(reported, house, "2026-04-09 13:00", "2026-04-09 15:00")
    assert stopped(reported, Step.LYMPHODEPLETION, "2026-04-09 18:00") == set()
    assert evaluate_participant(reported, as_of=at(CONDITIONED), known=at("2026-04-09 11:00")).passed
    assert not Alert.objects.filter(rung="reported", resolved_at=None).exists()
    with pytest.raises(DeviationVoid):
        close(drafted[0], house, "pi", now="2026-04-09 13:00")
    take(reported, Step.LYMPHODEPLETION, "2026-04-09 18:00", by=house["ward_nurse"])
    assert everything_replays() == 4


def test_a_signed_deviation_stays_signed_and_holds_nothing_once_its_step_is_taken_back(
    reported: Participant, house: House
) -> None:
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-10 09:00")
    with pytest.raises(NotTheirsToTakeBack):
        undo(last(reported), by=house["ward_nurse"], now="2026-04-10 10:00")
    undo(last(reported), by=house["pi"], now="2026-04-10 10:00")
    assert set(Deviation.objects.values_list("status", flat=True)) == {"closed"}
    assert "hold" not in stopped(reported, Step.LYMPHODEPLETION, "2026-04-09 12:00")


def test_before_the_correction_the_hold_was_there_as_known_then(reported: Participant, house: House) -> None:
    undo(last(reported), by=house["pi"], now="2026-04-10 12:00")

    def held(known: str) -> bool:
        evaluation = evaluate_participant(fresh(reported), as_of=at("2026-04-13 09:00"), known=at(known))
        return any(finding.clause == "hold" for finding in evaluation.gates[Step.LYMPHODEPLETION].findings)

    assert held("2026-04-10 11:59")
    assert not held("2026-04-10 12:00")


# --- what stood when ------------------------------------------------------------------------------------------------


def test_what_stood_is_known_for_every_instant(conditioned: Participant, house: House) -> None:
    given = last(conditioned)
    moved = move(given, "2026-04-09 09:10", by=house["ward_nurse"], now="2026-04-09 12:00")
    undo(moved, by=house["ward_nurse"], now="2026-04-09 13:00")

    def stood(known: str) -> StepRecord | None:
        return conditioned.steps.standing(at(known)).last()

    assert stood("2026-04-09 11:59") == given
    assert stood("2026-04-09 12:00") == moved
    after = stood("2026-04-09 13:00")
    assert after is not None
    assert after.step == "leukapheresis"


def test_the_stage_is_always_where_the_last_standing_step_led(conditioned: Participant, house: House) -> None:
    move(last(conditioned), "2026-04-09 09:10", by=house["ward_nurse"], now="2026-04-09 12:00")
    assert fresh(conditioned).stage == last(conditioned).to_stage
    undo(last(conditioned), by=house["ward_nurse"], now="2026-04-09 13:00")
    assert fresh(conditioned).stage == last(conditioned).to_stage

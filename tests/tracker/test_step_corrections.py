"""A step recorded at a wrong time, or in error: corrected with a reason, and judged again."""

from typing import Any

import pytest

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    employ,
    enrolled_woman,
    fresh,
    hcg,
    plan,
    record,
    screened_man,
    screened_woman,
    take,
)
from tracker.errors import (
    CorrectedByAnother,
    DeviationVoid,
    FactInvalid,
    GateReadsOtherwise,
    NotAllowed,
    NotTheirsToSign,
    NotTheirsToTakeBack,
    SignatureMissing,
    StepInvalid,
    StepRefused,
    StoodUpon,
)
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Deviation, DeviationStatus, FactStatus, Participant, RecordedFact, StepRecord
from tracker.replaying.decisions import decisions
from tracker.services import deviations, facts, signatures, step_corrections
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

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


@pytest.fixture
def conditioned(house: House) -> Participant:
    """A woman whose first dose was planned, tested for, and given."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    return fresh(participant)


@pytest.fixture
def misdated(house: House) -> Participant:
    """A woman collected from, whose test served her enrolment only at the time that was recorded."""
    participant = screened_woman(house)
    take(participant, Step.ENROL, ENROLLED, by=house["sub_i"], known="2026-03-13 09:00")
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    record(participant, "product_released", "2026-04-03 10:00", by=house["cell_lab"])
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    return fresh(participant)


# --- another time ---------------------------------------------------------------------------------------------------


def test_a_corrected_time_is_a_row_of_its_own_and_the_old_one_stays(house: House) -> None:
    participant = enrolled_woman(house)
    old = last(participant)
    new = move(old, "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00")
    assert [row.pk for row in participant.steps.standing()] == [new.pk]
    assert [row.pk for row in participant.steps.all()] == [old.pk, new.pk]
    assert (new.corrects, new.original, new.reason) == (old, old, "The clock was misread")
    assert (new.fact.key, new.fact.version, new.fact.at) == (old.fact.key, 2, at("2026-03-09 09:30"))
    assert old.fact.at == old.happened_at == at(ENROLLED)
    assert fresh(participant).stage == Stage.ENROLLED
    assert not Deviation.objects.exists()
    assert everything_replays() == 2


def test_a_time_is_corrected_as_often_as_it_takes(house: House) -> None:
    participant = enrolled_woman(house)
    first = last(participant)
    second = move(first, "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00")
    third = move(second, "2026-03-09 09:45", by=house["pi"], now="2026-03-11 09:00")
    assert list(participant.steps.standing()) == [third]
    assert (third.corrects, third.original, third.fact.version) == (second, first, 3)
    assert everything_replays() == 3


def test_a_corrected_enrolment_that_leaves_the_pregnancy_test_too_old_drafts_a_deviation(
    misdated: Participant, house: House
) -> None:
    enrolment = misdated.steps.standing()[0]
    assert stopped(misdated, Step.LYMPHODEPLETION, CONDITIONED) == set()
    new = move(enrolment, "2026-03-12 10:00", by=house["sub_i"], now="2026-04-08 15:00")
    drafted = Deviation.objects.get(clause="hcg_7d_enrol")
    assert (drafted.step_record, drafted.reported_by, drafted.status) == (new, house["sub_i"], DeviationStatus.DRAFT)
    assert {alert.deadline.clause for alert in Alert.objects.filter(rung="reported")} >= {"hcg_7d_enrol"}
    with pytest.raises(StepRefused):
        take(misdated, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-09 08:00")
    take(misdated, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    assert everything_replays() == 4


def close(deviation: Deviation, house: House, by: str, *, now: str) -> None:
    deviations.complete(deviation=deviation, **TEXTS, by=house["crc"], now=at(now))
    deviations.close(deviation=deviation, by=house[by], now=at(now), signing=Signing(house[by]))


def test_whoever_corrected_the_time_does_not_sign_what_it_brought_to_light(misdated: Participant, house: House) -> None:
    move(misdated.steps.standing()[0], "2026-03-12 10:00", by=house["pi"], now="2026-04-08 15:00")
    with pytest.raises(NotTheirsToSign):
        close(Deviation.objects.get(clause="hcg_7d_enrol"), house, "pi", now="2026-04-08 16:00")


def test_a_corrected_time_that_keeps_every_clause_drafts_nothing_and_holds_nothing(
    misdated: Participant, house: House
) -> None:
    move(misdated.steps.standing()[0], "2026-03-09 09:30", by=house["sub_i"], now="2026-04-08 15:00")
    assert not Deviation.objects.exists()
    assert stopped(misdated, Step.LYMPHODEPLETION, CONDITIONED) == set()


def test_a_step_moved_later_is_not_out_of_order_with_itself(house: House) -> None:
    participant = enrolled_woman(house)
    new = move(last(participant), "2026-03-09 10:20", by=house["pi"], now="2026-03-10 09:00")
    assert {each["outcome"] for each in new.evidence} == {"met"}
    assert not Deviation.objects.exists()


def test_a_corrected_enrolment_drafts_at_once_although_the_next_step_judges_it_again(house: House) -> None:
    participant = screened_woman(house)
    take(participant, Step.ENROL, ENROLLED, by=house["pi"], known="2026-03-12 12:00")
    move(last(participant), "2026-03-12 10:00", by=house["sub_i"], now="2026-03-13 09:00")
    drafted = Deviation.objects.get(clause="hcg_7d_enrol")
    assert "At the corrected time of Enrol this was not met" in drafted.description
    assert {"hold", "hcg_7d_enrol"} <= stopped(participant, Step.LEUKAPHERESIS, COLLECTED)


def test_a_step_later_than_the_corrected_one_keeps_its_place(misdated: Participant, house: House) -> None:
    move(misdated.steps.standing()[0], "2026-03-09 09:30", by=house["sub_i"], now="2026-04-08 15:00")
    assert [row.step for row in misdated.steps.standing()] == ["enrol", "leukapheresis"]
    assert fresh(misdated).stage == Stage.LEUKAPHERESIS


def test_what_was_drafted_before_still_holds_after_the_time_was_corrected(house: House) -> None:
    participant = collected_woman(house)
    step = take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True,
        reason="Given before the test",
    )  # fmt: skip
    drafted = set(Deviation.objects.values_list("clause", flat=True))
    assert drafted
    record(participant, "lymphodepletion_completed", "2026-04-11 12:00", by=house["ward_nurse"])
    moved = move(step, "2026-04-09 09:40", by=house["ward_nurse"], now="2026-04-11 13:00")
    assert set(Deviation.objects.values_list("clause", flat=True)) == drafted
    assert not Deviation.objects.filter(step_record=moved).exists()
    assert "hold" in stopped(participant, Step.INFUSION, "2026-04-14 10:00")
    assert not Alert.objects.filter(deadline__clause="held_lymphodepletion").exists()
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-12 09:00")
    assert set(Deviation.objects.values_list("clause", "status")) == {(clause, "closed") for clause in drafted}
    assert not Alert.objects.filter(rung="reported", resolved_at=None).exists()
    assert stopped(participant, Step.INFUSION, "2026-04-14 10:00") == set()
    assert everything_replays() == 4


def test_what_was_signed_for_another_time_is_drafted_anew(house: House) -> None:
    participant = collected_woman(house)
    step = take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True,
        reason="Given before the test",
    )  # fmt: skip
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-10 09:00")
    moved = move(step, "2026-04-09 09:40", by=house["ward_nurse"], now="2026-04-11 13:00")
    assert Deviation.objects.filter(step_record=moved, status=DeviationStatus.DRAFT).exists()


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-04-08 15:01", "future"),
        ("1990-01-14 10:00", "date of birth"),
        ("2026-03-16 09:01", "after the step that came after it: Leukapheresis"),
        (ENROLLED, "the time on record"),
    ],
)
def test_a_time_at_which_the_step_cannot_have_happened_is_refused(
    misdated: Participant, house: House, when: str, said: str
) -> None:
    with pytest.raises(StepInvalid, match=said):
        move(misdated.steps.standing()[0], when, by=house["sub_i"], now="2026-04-08 15:00")
    assert misdated.steps.count() == 2


def test_a_step_is_not_moved_before_the_one_before_it(misdated: Participant, house: House) -> None:
    with pytest.raises(StepInvalid, match="before the step that came before it: Enrol"):
        move(last(misdated), "2026-03-09 09:59", by=house["apheresis_nurse"], now="2026-04-08 15:00")


@pytest.mark.parametrize(("reason", "said"), [("  ", "Give the reason"), ("x" * 501, "At most 500")])
def test_a_correction_needs_a_reason_of_reasonable_length(house: House, reason: str, said: str) -> None:
    participant = enrolled_woman(house)
    with pytest.raises(StepInvalid, match=said):
        move(last(participant), "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00", reason=reason)
    with pytest.raises(StepInvalid, match=said):
        undo(last(participant), by=house["pi"], now="2026-03-10 09:00", reason=reason)


def test_a_correction_takes_the_right_that_the_step_took(conditioned: Participant, house: House) -> None:
    for role in ("monitor", "sponsor", "pharmacist", "apheresis_nurse", "cell_lab"):
        with pytest.raises(NotAllowed):
            move(last(conditioned), "2026-04-09 09:10", by=house[role], now="2026-04-09 12:00")
        with pytest.raises(NotAllowed):
            undo(last(conditioned), by=house[role], now="2026-04-09 12:00")


def test_a_signed_step_is_corrected_with_a_signature_that_says_so(conditioned: Participant, house: House) -> None:
    step = last(conditioned)
    signed = step.signatures.get()
    with pytest.raises(SignatureMissing):
        step_corrections.correct_time(
            record=step, happened_at=at("2026-04-09 09:10"), reason="r", by=house["pi"], now=at("2026-04-09 12:00")
        )
    with pytest.raises(GateReadsOtherwise):
        step_corrections.correct_time(
            record=step, happened_at=at("2026-04-09 09:10"), reason="r", by=house["pi"], now=at("2026-04-09 12:00"),
            signature=Signing(house["pi"], "another gate"),
        )  # fmt: skip
    assert signatures.still_covers(signed)
    moved = move(step, "2026-04-09 09:10", by=house["pi"], now="2026-04-09 12:00")
    given = moved.signatures.get()
    assert (given.meaning, given.signer) == ("correction", house["pi"])
    assert set(signatures.changed_since(signed)) == {"lymphodepletion_started", "happened_at"}
    assert signatures.still_covers(given)


def test_a_step_that_is_not_signed_is_corrected_without_a_password(misdated: Participant, house: House) -> None:
    nurse = house["apheresis_nurse"]
    step_corrections.correct_time(
        record=last(misdated), happened_at=at("2026-03-16 09:20"), reason="r", by=nurse, now=at("2026-04-08 15:00")
    )
    assert last(misdated).happened_at == at("2026-03-16 09:20")


def test_two_people_correct_the_same_record_and_one_is_told(house: House) -> None:
    participant = enrolled_woman(house)
    seen = last(participant)
    move(seen, "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00")
    before = RecordedFact.objects.count()
    with pytest.raises(CorrectedByAnother):
        move(seen, "2026-03-09 09:45", by=house["crc"], now="2026-03-10 09:00")
    with pytest.raises(CorrectedByAnother):
        undo(seen, by=house["crc"], now="2026-03-10 09:00")
    assert RecordedFact.objects.count() == before


def test_the_time_of_a_step_is_not_corrected_behind_its_back(house: House) -> None:
    participant = screened_man(house)
    take(participant, Step.SCREEN_FAIL, ENROLLED, by=house["pi"], reason="ALT")
    consent = take(participant, Step.RESCREEN, "2026-06-01 09:00", by=house["crc"]).fact
    entry = FactEntry(concept="consent", at=at("2026-06-01 08:00"))
    with pytest.raises(FactInvalid, match="correct the step"):
        facts.correct_fact(fact=consent, entry=entry, reason="r", by=house["crc"], now=at("2026-06-02 09:00"))
    with pytest.raises(FactInvalid, match="take the step back"):
        facts.withdraw_fact(fact=consent, reason="r", by=house["crc"], now=at("2026-06-02 09:00"))


# --- recorded in error ----------------------------------------------------------------------------------------------


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

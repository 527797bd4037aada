"""Taking a step: stage, journal, fact and deadlines together, or nothing at all."""

import pytest

from tests.builders import (
    COLLECTED,
    ENROLLED,
    House,
    at,
    collected_woman,
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
    NotAllowed,
    StepInvalid,
    StepNotPossible,
    SteppedByAnother,
    StepRefused,
    StepUnderWay,
)
from tracker.models import Alert, Deviation, FactStatus, RecordedFact, StepRecord
from workflow.stages import Stage, Step


def written() -> tuple[int, int, int, int]:
    return (
        RecordedFact.objects.count(), StepRecord.objects.count(), Deviation.objects.count(), Alert.objects.count()
    )  # fmt: skip


def test_a_woman_with_everything_recorded_is_enrolled(house: House) -> None:
    participant = screened_woman(house)
    step = take(participant, Step.ENROL, ENROLLED, by=house["pi"], detail="signed")
    assert fresh(participant).stage == Stage.ENROLLED
    assert (step.from_stage, step.to_stage, step.happened_at) == ("screening", "enrolled", at(ENROLLED))
    assert (step.fact.concept, step.fact.at, step.fact.detail) == ("enrolment", at(ENROLLED), "signed")
    assert step.protocol_version == "1"
    assert {each["outcome"] for each in step.evidence} == {"met"}
    assert {each["clause"] for each in step.evidence} >= {"consent", "hcg_7d_enrol", "no_transfusion_7d"}


def test_a_step_that_its_gate_stops_writes_nothing(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    before = written()
    with pytest.raises(StepRefused) as refusal:
        take(participant, Step.ENROL, ENROLLED, by=house["pi"])
    assert [finding.clause for finding in refusal.value.gate.blocking] == ["no_transfusion_7d"]
    assert written() == before
    assert fresh(participant).stage == Stage.SCREENING


def test_a_step_that_happened_although_its_gate_stops_it_is_reported_and_drafts_a_deviation(house: House) -> None:
    participant = screened_woman(house)
    transfusion = record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    step = take(
        participant, Step.ENROL, ENROLLED, by=house["pi"], known="2026-03-09 12:00", reported_afterwards=True,
        reason="Signed on paper",
    )  # fmt: skip
    deviation = Deviation.objects.get()
    assert fresh(participant).stage == Stage.ENROLLED
    assert (step.reported_afterwards, step.reason) == (True, "Signed on paper")
    assert (deviation.clause, deviation.step_record, deviation.status) == ("no_transfusion_7d", step, "draft")
    assert [each["key"] for each in deviation.evidence["facts"]] == [str(transfusion.key)]
    assert "No transfusion within 7 days" in deviation.description


def test_what_is_reported_afterwards_needs_a_reason(house: House) -> None:
    participant = screened_woman(house)
    with pytest.raises(StepInvalid) as refusal:
        take(participant, Step.ENROL, ENROLLED, by=house["pi"], reported_afterwards=True)
    assert refusal.value.errors == {"reason": ["Give the reason."]}


def test_a_step_reported_afterwards_that_its_gate_allows_drafts_nothing(house: House) -> None:
    participant = screened_woman(house)
    take(
        participant, Step.ENROL, ENROLLED, by=house["pi"], known="2026-03-10 09:00", reported_afterwards=True,
        reason="No network",
    )  # fmt: skip
    assert not Deviation.objects.exists()


def test_a_step_in_the_future_is_refused(house: House) -> None:
    participant = screened_woman(house)
    with pytest.raises(StepInvalid, match="future"):
        take(participant, Step.ENROL, "2026-03-09 10:01", by=house["pi"], known=ENROLLED)


def test_a_step_is_judged_at_the_time_it_happened(house: House) -> None:
    participant = screened_woman(house)
    with pytest.raises(StepRefused) as refusal:
        take(participant, Step.ENROL, "2026-03-12 10:00", by=house["pi"])
    assert {finding.clause for finding in refusal.value.gate.blocking} >= {"hcg_7d_enrol", "no_transfusion_7d"}
    take(participant, Step.ENROL, ENROLLED, by=house["pi"], known="2026-03-12 10:00")
    assert fresh(participant).stage == Stage.ENROLLED


def test_a_step_before_the_last_one_is_refused(house: House) -> None:
    participant = enrolled_woman(house)
    with pytest.raises(StepInvalid, match="before the last recorded step"):
        take(participant, Step.WITHDRAW, "2026-03-09 09:59", by=house["pi"], known=COLLECTED)


def test_a_step_without_an_edge_is_not_possible(house: House) -> None:
    participant = screened_woman(house)
    with pytest.raises(StepNotPossible, match="“Infusion” is not possible from the stage “Screening”"):
        take(participant, Step.INFUSION, ENROLLED, by=house["pi"])


def test_a_form_that_shows_an_older_stage_is_told_so(house: House) -> None:
    participant = enrolled_woman(house)
    with pytest.raises(SteppedByAnother, match="from “Screening” to “Enrolled”"):
        take(participant, Step.WITHDRAW, COLLECTED, by=house["pi"], expected_stage="screening")


def test_the_same_start_is_not_recorded_twice(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    before = written()
    with pytest.raises(StepUnderWay):
        take(participant, Step.LEUKAPHERESIS, "2026-03-16 09:01", by=house["apheresis_nurse"])
    assert written() == before


@pytest.mark.parametrize("role", ["monitor", "sponsor", "pharmacist", "cell_lab", "ward_nurse"])
def test_a_role_that_may_not_enrol_is_refused_before_anything_is_touched(house: House, role: str) -> None:
    participant = screened_woman(house)
    before = written()
    with pytest.raises(NotAllowed, match="enrol"):
        take(participant, Step.ENROL, ENROLLED, by=house[role])
    assert written() == before


def test_the_step_fulfils_its_plan(house: House) -> None:
    participant = screened_woman(house)
    planned = plan(participant, Step.ENROL, "2026-03-09 09:00", by=house["crc"], now="2026-03-05 09:00")
    step = take(participant, Step.ENROL, ENROLLED, by=house["pi"])
    assert (step.fact.key, step.fact.version, step.fact.status) == (planned.key, 2, FactStatus.DONE)


def test_a_plan_made_after_the_start_stays_the_plan_of_the_next_occurrence(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    next_course = plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-09 10:00")
    step = take(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["ward_nurse"], known="2026-04-09 11:00")
    assert step.fact.key != next_course.key
    assert RecordedFact.objects.filter(key=next_course.key).count() == 1


def test_a_withdrawal_ends_the_journey_and_cancels_what_is_owed(house: House) -> None:
    participant = enrolled_woman(house)
    plan(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["crc"], now="2026-03-10 09:00")
    take(participant, Step.WITHDRAW, "2026-03-11 09:00", by=house["pi"], reason="Wishes to stop")
    assert fresh(participant).stage == Stage.WITHDRAWN
    assert participant.deadlines.get(clause="infection_2w_apheresis").status == "cancelled"
    with pytest.raises(StepNotPossible):
        take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["pi"])


def test_a_new_consent_after_a_screen_failure_opens_another_episode(house: House) -> None:
    participant = screened_man(house)
    take(participant, Step.SCREEN_FAIL, ENROLLED, by=house["pi"])
    again = take(participant, Step.RESCREEN, "2026-06-01 09:00", by=house["crc"], detail="ICF 2.0")
    row = fresh(participant)
    assert (row.stage, row.episode, again.fact.concept) == (Stage.SCREENING, 2, "consent")
    with pytest.raises(StepRefused) as refusal:
        take(participant, Step.ENROL, "2026-06-01 10:00", by=house["pi"])
    assert {"anc", "diagnosis"} <= {finding.clause for finding in refusal.value.gate.blocking}


def test_everything_is_undone_when_the_end_of_the_transaction_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant = screened_woman(house)
    before = written()
    monkeypatch.setattr("tracker.services.alerts.make_equal", _break)
    with pytest.raises(RuntimeError, match="the disk is full"):
        take(participant, Step.ENROL, ENROLLED, by=house["pi"])
    assert written() == before
    assert fresh(participant).stage == Stage.SCREENING


def _break(*_args: object) -> None:
    raise RuntimeError("the disk is full")

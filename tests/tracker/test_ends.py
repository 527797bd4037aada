"""Ends of the journey: known late, in contradiction with a later step, and by degree."""

import pytest

from tests.builders import (
    CONDITIONED,
    INFUSED,
    House,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    hcg,
    plan,
    record,
    take,
)
from tracker.errors import NotAllowed, StepInvalid, StepNotPossible, StepRefused
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Notification, NotificationStatus, Participant, Resolution
from tracker.services import facts
from workflow.stages import Stage, Step

OWED = ("upcoming", "open", "overdue", "eligibility_invalidated")


@pytest.fixture
def planned(house: House) -> Participant:
    """A woman whose first dose is planned, who owes the test before it, and about whom people were told."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-08 09:00")
    assert Alert.objects.filter(deadline__participant=participant, resolved_at=None).exists()
    return fresh(participant)


@pytest.fixture
def infused(house: House) -> Participant:
    """A woman who was infused."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-11 12:00", by=house["ward_nurse"])
    take(participant, Step.INFUSION, INFUSED, by=house["pi"])
    return fresh(participant)


def owed(participant: Participant) -> set[str]:
    return set(participant.deadlines.filter(status__in=OWED).values_list("clause", flat=True))


def unresolved(participant: Participant) -> list[Alert]:
    return list(Alert.objects.filter(deadline__participant=participant, resolved_at=None))


# --- known late -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Step.RECORD_DEATH, Step.LOSE_TO_FOLLOW_UP, Step.WITHDRAW])
def test_an_end_known_late_ends_everything_that_is_owed(planned: Participant, house: House, step: Step) -> None:
    with pytest.raises(StepInvalid, match="before the last recorded step"):
        take(planned, step, "2026-03-12 09:00", by=house["crc"], known="2026-04-08 12:00", reason="Told today")
    take(
        planned, step, "2026-03-12 09:00", by=house["crc"], known="2026-04-08 12:00", reported_afterwards=True,
        reason="Told today",
    )  # fmt: skip
    assert fresh(planned).ended
    assert owed(planned) == set()
    assert unresolved(planned) == []
    ended = Alert.objects.filter(resolved_at=at("2026-04-08 12:00"))
    assert set(ended.values_list("resolution", flat=True)) == {Resolution.JOURNEY_ENDED}
    told = Notification.objects.filter(alert__in=ended)
    assert set(told.values_list("status", flat=True)) == {NotificationStatus.WITHDRAWN}


def test_an_end_known_late_needs_its_reason(planned: Participant, house: House) -> None:
    with pytest.raises(StepInvalid) as refusal:
        take(
            planned, Step.RECORD_DEATH, "2026-03-12 09:00", by=house["crc"], known="2026-04-08 12:00",
            reported_afterwards=True,
        )  # fmt: skip
    assert refusal.value.errors == {"reason": ["Give the reason."]}


def test_nothing_is_recorded_after_a_death_however_it_is_reported(planned: Participant, house: House) -> None:
    hcg(planned, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(planned, Step.RECORD_DEATH, "2026-04-08 14:00", by=house["crc"], reason="Telephone")
    for reported in (False, True):
        with pytest.raises(StepNotPossible, match="from the stage “Died”"):
            take(
                planned, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=reported,
                reason="Given",
            )  # fmt: skip


# --- by degree ------------------------------------------------------------------------------------------------------


def leave_treatment(participant: Participant, house: House, when: str) -> None:
    record(participant, "treatment_withdrawn", when, by=house["crc"])


def test_who_leaves_the_treatment_owes_nothing_before_it_and_everything_else(
    planned: Participant, house: House
) -> None:
    assert {"hcg_48h_ld", "contraception"} <= owed(planned)
    leave_treatment(planned, house, "2026-04-08 12:00")
    assert "hcg_48h_ld" not in owed(planned)
    assert "contraception" in owed(planned)
    assert fresh(planned).stage == Stage.LEUKAPHERESIS
    resolved = Alert.objects.filter(deadline__clause="hcg_48h_ld")
    assert set(resolved.values_list("resolution", flat=True)) <= {Resolution.JOURNEY_ENDED, Resolution.SUPERSEDED}
    assert Resolution.JOURNEY_ENDED in resolved.values_list("resolution", flat=True)


def test_its_open_plan_asks_nobody_what_became_of_it(planned: Participant, house: House) -> None:
    leave_treatment(planned, house, "2026-04-08 12:00")
    evaluation = evaluate_participant(fresh(planned), as_of=at("2026-04-09 12:00"))
    assert evaluation.planned == ()
    assert not any(deadline.rung for deadline in evaluation.deadlines if deadline.clause == "plan_lymphodepletion")


def test_follow_up_is_started_without_an_infusion_by_who_left_the_treatment(planned: Participant, house: House) -> None:
    with pytest.raises(StepNotPossible):
        take(planned, Step.FOLLOW_UP, "2026-04-08 11:00", by=house["crc"])
    with pytest.raises(StepNotPossible):
        take(planned, Step.FOLLOW_UP, "2026-04-08 11:00", by=house["crc"], reported_afterwards=True, reason="So")
    leave_treatment(planned, house, "2026-04-08 12:00")
    with pytest.raises(StepRefused) as refusal:
        take(planned, Step.LYMPHODEPLETION, "2026-04-08 13:00", by=house["ward_nurse"])
    assert [finding.subject for finding in refusal.value.gate.blocking] == ["treatment_withdrawn"]
    take(planned, Step.FOLLOW_UP, "2026-04-08 13:00", by=house["crc"])
    assert fresh(planned).stage == Stage.FOLLOW_UP
    take(planned, Step.COMPLETE, "2027-04-08 13:00", by=house["crc"])
    assert fresh(planned).stage == Stage.COMPLETED


def test_a_stopped_step_is_not_planned_and_follow_up_is(planned: Participant, house: House) -> None:
    leave_treatment(planned, house, "2026-04-08 12:00")
    with pytest.raises(StepInvalid, match="This part of the journey has ended"):
        plan(planned, Step.INFUSION, INFUSED, by=house["crc"], now="2026-04-08 13:00")
    plan(planned, Step.FOLLOW_UP, INFUSED, by=house["crc"], now="2026-04-08 13:00")


def test_a_new_consent_brings_the_treatment_back_with_its_plan(planned: Participant, house: House) -> None:
    leave_treatment(planned, house, "2026-04-08 12:00")
    record(planned, "consent", "2026-04-08 15:00", by=house["crc"], detail="ICF 1.0")
    assert "hcg_48h_ld" in owed(planned)
    assert evaluate_participant(fresh(planned), as_of=at("2026-04-08 16:00")).next_step is Step.LYMPHODEPLETION


def test_after_the_infusion_safety_follow_up_goes_on(infused: Participant, house: House) -> None:
    leave_treatment(infused, house, "2026-04-14 12:00")
    record(infused, "infusion_completed", "2026-04-14 11:00", by=house["ward_nurse"], known="2026-04-14 13:00")
    take(infused, Step.FOLLOW_UP, "2026-04-15 09:00", by=house["crc"])
    assert "contraception" in owed(infused)


def test_the_end_of_visits_and_of_data_use_may_follow_each_other(planned: Participant, house: House) -> None:
    take(planned, Step.WITHDRAW, "2026-04-08 12:00", by=house["pi"], reason="Wishes to stop")
    record(planned, "data_use_withdrawn", "2026-04-08 14:00", by=house["crc"])
    assert owed(planned) == set()


def test_a_withdrawal_of_data_use_alone_ends_the_journey(planned: Participant, house: House) -> None:
    record(planned, "data_use_withdrawn", "2026-04-08 14:00", by=house["crc"])
    assert owed(planned) == set()
    assert unresolved(planned) == []
    with pytest.raises(StepRefused):
        take(planned, Step.LYMPHODEPLETION, "2026-04-08 15:00", by=house["ward_nurse"])


@pytest.mark.parametrize("role", ["ward_nurse", "data_manager", "monitor", "cell_lab"])
@pytest.mark.parametrize("concept", ["treatment_withdrawn", "data_use_withdrawn"])
def test_an_end_by_degree_takes_the_right_to_end(house: House, role: str, concept: str) -> None:
    participant = enrolled_woman(house)
    with pytest.raises(NotAllowed):
        record(participant, concept, "2026-03-10 09:00", by=house[role])


def test_a_withdrawal_entered_in_error_is_marked_so(planned: Participant, house: House) -> None:
    entry = record(planned, "treatment_withdrawn", "2026-04-08 12:00", by=house["crc"])
    facts.withdraw_fact(fact=entry, reason="Another woman", by=house["crc"], now=at("2026-04-08 12:30"))
    assert "hcg_48h_ld" in owed(planned)

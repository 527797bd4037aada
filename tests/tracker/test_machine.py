"""The participant's machine: what follows what, and a stage that nobody assigns."""

from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django_fsm import InvalidResultState

from tests.builders import House, a_participant, fresh
from tracker.models import Participant
from tracker.models.machine import ConcurrentTransition, TransitionNotAllowed, edges
from workflow.stages import Stage, Step


def test_the_journey_goes_one_way_with_two_stages_that_repeat() -> None:
    forward = [(source, target) for source, _step, target in edges(Participant) if not target.is_terminal]
    assert forward == [
        (Stage.SCREENING, Stage.ENROLLED),
        (Stage.ENROLLED, Stage.LEUKAPHERESIS),
        (Stage.LEUKAPHERESIS, Stage.LEUKAPHERESIS),
        (Stage.LEUKAPHERESIS, Stage.LYMPHODEPLETION),
        (Stage.LEUKAPHERESIS, Stage.FOLLOW_UP),
        (Stage.LYMPHODEPLETION, Stage.LEUKAPHERESIS),
        (Stage.LYMPHODEPLETION, Stage.LYMPHODEPLETION),
        (Stage.LYMPHODEPLETION, Stage.INFUSION),
        (Stage.LYMPHODEPLETION, Stage.FOLLOW_UP),
        (Stage.INFUSION, Stage.FOLLOW_UP),
        (Stage.SCREEN_FAILED, Stage.SCREENING),
    ]


@pytest.mark.parametrize("step", [Step.WITHDRAW, Step.RECORD_DEATH, Step.LOSE_TO_FOLLOW_UP])
def test_every_stage_on_the_way_and_no_other_has_the_exits(step: Step) -> None:
    assert {source for source, found, _ in edges(Participant) if found is step} == {
        stage for stage in Stage if not stage.is_terminal
    }


def test_only_a_screen_failure_can_be_left_again() -> None:
    assert {source for source, _, _ in edges(Participant) if source.is_terminal} == {Stage.SCREEN_FAILED}


def test_taking_a_step_back_is_no_step_and_leads_only_to_where_steps_lead_from(house: House) -> None:
    participant = a_participant(house)
    participant.move(Step.ENROL)
    assert {step.value for step in participant.possible_steps()} == {
        "leukapheresis", "withdraw", "record_death", "lose_to_follow_up",
    }  # fmt: skip
    participant.take_back(Stage.SCREENING)
    assert participant.stage == Stage.SCREENING
    with pytest.raises(InvalidResultState):
        participant.take_back(Stage.DIED)


def test_the_drawn_journey_is_the_machine() -> None:
    call_command("draw_journey", "--check")


def test_a_drawing_that_is_not_the_machine_is_told(tmp_path: Path) -> None:
    (tmp_path / "journey.md").write_text("another", encoding="utf-8")
    with pytest.raises(Exception, match=r"run manage\.py draw_journey"):
        call_command("draw_journey", "--check", "--file", str(tmp_path / "journey.md"))


def test_a_stage_cannot_be_assigned(house: House) -> None:
    participant = a_participant(house)
    with pytest.raises(AttributeError, match="stage"):
        participant.stage = Stage.ENROLLED.value
    assert participant.stage == Stage.SCREENING


def test_a_step_without_an_edge_is_refused(house: House) -> None:
    participant = a_participant(house)
    with pytest.raises(TransitionNotAllowed):
        participant.move(Step.INFUSION)
    assert participant.stage == Stage.SCREENING


def test_the_database_takes_no_stage_that_is_not_one(house: House) -> None:
    participant = a_participant(house)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_participant SET stage = 'healthy' WHERE id = %s", [participant.pk])


def test_a_refresh_brings_the_stage_somebody_else_moved_to(house: House) -> None:
    participant = a_participant(house)
    other = fresh(participant)
    other.move(Step.ENROL)
    other.save()
    participant.refresh_from_db()
    assert participant.stage == Stage.ENROLLED
    with pytest.raises(AttributeError):
        participant.stage = Stage.SCREENING.value


def test_a_refresh_of_one_field_brings_the_stage_too_and_leaves_the_others(house: House) -> None:
    participant = a_participant(house)
    other = fresh(participant)
    other.move(Step.ENROL)
    other.save()
    participant.dose_level, participant.subject_number = "9", "changed here"
    participant.refresh_from_db(fields=["dose_level"])
    assert (participant.stage, participant.dose_level) == (Stage.ENROLLED, "")
    assert participant.subject_number == "changed here"


def test_a_deferred_stage_is_read_when_it_is_asked_for(house: House) -> None:
    a_participant(house)
    assert Participant.objects.defer("stage").get().stage == Stage.SCREENING
    deferred = Participant.objects.defer("dose_level").get()
    deferred.refresh_from_db()
    assert "dose_level" in deferred.get_deferred_fields()


def test_a_refresh_that_fails_leaves_the_stage_as_it_was_and_protected(house: House) -> None:
    gone = fresh(a_participant(house))
    gone.pk = gone.pk + 1
    with pytest.raises(Participant.DoesNotExist):
        gone.refresh_from_db()
    assert gone.stage == Stage.SCREENING
    with pytest.raises(AttributeError):
        gone.stage = Stage.ENROLLED.value


def test_the_other_fields_can_be_validated(house: House) -> None:
    a_participant(house).full_clean()


def test_a_stale_row_cannot_overwrite_a_move(house: House) -> None:
    participant = a_participant(house)
    other = fresh(participant)
    other.move(Step.ENROL)
    other.save()
    participant.move(Step.WITHDRAW)
    with pytest.raises(ConcurrentTransition), transaction.atomic():
        participant.save()
    assert fresh(participant).stage == Stage.ENROLLED


@pytest.mark.django_db(transaction=True)
def test_a_refresh_in_one_thread_never_unprotects_the_stage_in_another(house: House) -> None:
    mine, theirs = a_participant(house), a_participant(house, "RJ-002")
    start, broken_in = Barrier(2), []

    def refresh_for_ever() -> None:
        row = fresh(theirs)
        start.wait()
        for _ in range(200):
            row.refresh_from_db()
        connections.close_all()

    thread = Thread(target=refresh_for_ever)
    thread.start()
    start.wait()
    while thread.is_alive():
        try:
            mine.stage = Stage.ENROLLED.value
            broken_in.append("the stage could be assigned")
        except AttributeError:
            pass
    thread.join()
    assert not broken_in
    assert mine.stage == Stage.SCREENING

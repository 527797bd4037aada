"""Row 12, sequence checks: no step leads where the journey has no path, from no stage, whoever tries and however."""

from datetime import date
from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ENROLLED, House, a_participant, at, collected_woman, enrolled_woman, fresh, take
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.errors import StepNotPossible, StepRefused
from tracker.models import Assignment, Participant, RecordedFact, Role, StepRecord, User
from tracker.models.machine import TransitionNotAllowed, edges
from tracker.services import participants
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

EDGES = {(source, step): target for source, step, target in edges(Participant)}
ILLEGAL = [pair for pair in product(Stage, Step) if pair not in EDGES]


@pytest.fixture
def everybody(house: House) -> User:
    """Somebody who holds every role there is."""
    user = User.objects.create_user("everybody", "everybody@site.example", None)
    Assignment.objects.bulk_create(
        Assignment(user=user, study=house.study, site=house.site, role=role, valid_from=date(2020, 1, 1))
        for role in Role.values
    )
    return user


@pytest.mark.requirement("GATE-12")
def test_there_is_a_pair_for_every_stage_and_every_step() -> None:
    assert len(EDGES) + len(ILLEGAL) == len(Stage) * len(Step) == 121
    assert len(ILLEGAL) > 80


@pytest.mark.requirement("GATE-12")
@pytest.mark.parametrize(("stage", "step"), ILLEGAL, ids=lambda each: each.value)
def test_no_edge_leads_from_this_stage_by_this_step(stage: Stage, step: Step) -> None:
    participant = Participant(stage=stage.value)
    assert step not in participant.possible_steps()
    with pytest.raises(TransitionNotAllowed):
        participant.move(step)
    assert participant.stage == stage


@pytest.mark.requirement("GATE-12")
@given(walk=st.lists(st.sampled_from(Step), max_size=12))
def test_no_walk_ends_where_no_path_leads(walk: list[Step]) -> None:
    participant, stage = Participant(stage=Stage.SCREENING.value), Stage.SCREENING
    for step in walk:
        target = EDGES.get((stage, step))
        try:
            participant.move(step)
        except TransitionNotAllowed:
            assert target is None
        stage = target or stage
        assert participant.stage == stage


@pytest.mark.requirement("GATE-12")
@pytest.mark.parametrize("reported_afterwards", [False, True])
def test_the_service_refuses_every_such_pair_and_writes_nothing(
    house: House, everybody: User, reported_afterwards: bool
) -> None:
    woman = a_participant(house)
    before = RecordedFact.objects.count()
    for stage, step in ILLEGAL:
        Participant.objects.filter(pk=woman.pk).update(stage=stage.value)
        with pytest.raises(StepNotPossible) as refusal:
            participants.take_step(
                participant=woman, step=step, happened_at=at(ENROLLED), by=everybody, now=at(ENROLLED),
                reported_afterwards=reported_afterwards, reason="Because", signature=Signing(everybody),
            )  # fmt: skip
        assert (refusal.value.stage, refusal.value.step) == (stage, step)
        assert fresh(woman).stage == stage
    assert not StepRecord.objects.exists()
    assert RecordedFact.objects.count() == before


@pytest.mark.requirement("GATE-12")
def test_where_an_edge_leads_the_gate_still_asks_for_what_comes_before(house: House) -> None:
    woman = enrolled_woman(house)
    take(woman, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["pi"], reported_afterwards=True, reason="Urgent")
    with pytest.raises(StepRefused) as refusal:
        take(woman, Step.LYMPHODEPLETION, "2026-03-17 09:00", by=house["pi"])
    (finding,) = refusal.value.gate.blocking
    assert (finding.clause, finding.subject) == ("order", "leukapheresis_completed")


@pytest.mark.requirement("GATE-12")
def test_the_pages_offer_and_take_no_step_out_of_order(house: House, enter: Enter) -> None:
    woman = collected_woman(house)
    client = enter(house["pi"])
    offered = client.get(reverse("admin:tracker_participant_change", args=[woman.pk])).content.decode()
    for step in ("enrol", "infusion", "complete"):
        address = reverse("admin:tracker_step", args=[woman.pk, step])
        assert address not in offered
        typed = {
            "happened_at_0": "2026-03-09", "happened_at_1": "10:00", "expected_stage": "leukapheresis",
            "password": PASSWORD, "reason": "Because", "reported_afterwards": "on",
        }  # fmt: skip
        assert client.post(address, typed).status_code >= 400
    assert fresh(woman).stage == Stage.LEUKAPHERESIS


@pytest.mark.requirement("GATE-12")
def test_the_database_knows_no_other_stage(house: House) -> None:
    woman = a_participant(house)
    statement = "UPDATE tracker_participant SET stage = 'cured' WHERE id = %s"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [woman.pk])
    assert fresh(woman).stage == Stage.SCREENING

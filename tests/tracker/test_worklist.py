"""The work list: one row for each thing to do, with everything that asks for it; gone once it is done."""

import pytest

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    a_house,
    a_participant,
    at,
    collected_woman,
    consented,
    fresh,
    hcg,
    measured,
    plan,
    record,
    screened_man,
    screened_woman,
    take,
)
from tests.tracker.admin.two_sites import tell
from tracker.models import Alert, AlertStatus, AuditEvent, DeviationStatus, Outlook, Participant, Work, WorkItem
from tracker.services import deadlines
from tracker.services.deadlines import reconcile
from workflow.stages import Step

pytestmark = pytest.mark.django_db

DOSE_PLANNED = "2026-04-07 10:00"


def work(participant: Participant) -> dict[tuple[str, str, str], WorkItem]:
    """What is to be done, by step, action and subject."""
    return {(row.step, row.action, row.subject): row for row in participant.work.filter(is_open=True)}


def clauses(row: WorkItem) -> list[str]:
    return [clause for clause, _number, _outcome in row.about]


@pytest.fixture
def waiting(house: House) -> Participant:
    """A woman whose first dose is planned in two days and whose sample is not drawn."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now=DOSE_PLANNED)
    return participant


def test_who_has_no_plan_has_one_thing_to_do_and_her_open_conditions_are_counted(house: House) -> None:
    participant = a_participant(house)
    record(participant, "consent", "2026-03-02 09:00", by=house["crc"])
    assert set(work(participant)) == {("enrol", Work.PLAN, "enrol")}
    assert (participant.outlook.next_step, participant.outlook.planned_at) == ("enrol", None)
    assert participant.outlook.open_conditions > 10


def test_a_plan_makes_of_every_open_condition_a_thing_to_do_before_it(house: House, waiting: Participant) -> None:
    row = work(waiting)["lymphodepletion", Work.SAMPLE, "serum_hcg"]
    assert (row.opens_at, row.due_at, row.before_at) == (at("2026-04-07 09:00"), at(CONDITIONED), at(CONDITIONED))
    assert (row.about, row.state) == ([["hcg_48h_ld", 1, "stale"]], "stale")
    assert set(row.roles.split()) == {"crc", "ward_nurse", "sub_i", "pi", "pharmacist"}
    assert (waiting.outlook.open_conditions, waiting.outlook.can_clear, waiting.outlook.worst) == (1, 1, "stale")
    assert waiting.outlook.cannot_be_undone


def test_what_is_done_is_to_be_done_no_more_and_then_the_step_itself_is(house: House, waiting: Participant) -> None:
    hcg(waiting, house, "2026-04-07 11:00", "2026-04-07 15:00")
    row = work(waiting)["lymphodepletion", Work.TAKE, "lymphodepletion"]
    assert len(work(waiting)) == 1
    assert (row.due_at, row.state) == (at(CONDITIONED), "")


def test_a_drawn_sample_leaves_its_result_to_be_entered(house: House, waiting: Participant) -> None:
    sample = record(waiting, "serum_hcg", "2026-04-07 11:00", by=house["crc"])
    row = work(waiting)["lymphodepletion", Work.RESULT, "serum_hcg"]
    assert (row.row, row.state) == (str(sample.key), "pending")


def test_one_panel_is_one_thing_to_do_however_many_values_are_missing(house: House) -> None:
    participant = a_participant(house)
    consented(participant, house)
    plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now="2026-03-03 09:00")
    row = work(participant)["enrol", Work.PANEL, ""]
    assert {"anc", "hb", "plt", "inr", "pt"} <= set(clauses(row))
    measured(participant, house)
    assert ("enrol", Work.PANEL, "") not in work(participant)


def test_a_look_back_is_done_on_the_day_of_the_step(house: House) -> None:
    participant = screened_man(house)
    plan(participant, Step.ENROL, "2026-03-12 10:00", by=house["crc"], now=ENROLLED)
    row = work(participant)["enrol", Work.LOOK_BACK, "transfusion_review"]
    assert (row.opens_at, row.due_at) == (at("2026-03-12 00:00"), at("2026-03-12 10:00"))


def test_a_transfusion_too_near_asks_to_move_the_plan_and_cannot_clear_before_it(house: House) -> None:
    participant = screened_man(house)
    plan(participant, Step.ENROL, "2026-03-12 10:00", by=house["crc"], now=ENROLLED)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"], known="2026-03-09 12:00")
    row = work(participant)["enrol", Work.LATER, "enrol"]
    assert row.opens_at == at("2026-03-16 00:00")
    assert (participant.outlook.worst, participant.outlook.can_clear) == (
        "fail",
        participant.outlook.open_conditions - 1,
    )


def test_a_plan_whose_time_passed_is_one_question_that_carries_all_that_was_owed(
    house: House, waiting: Participant
) -> None:
    deadlines.sweep(at("2026-04-09 10:30"))
    row = work(waiting)["lymphodepletion", Work.TAKE, "lymphodepletion"]
    assert len(work(waiting)) == 1
    assert set(clauses(row)) == {"plan_lymphodepletion", "hcg_48h_ld"}
    assert row.due_at == at(CONDITIONED)


def test_what_lasts_for_years_is_no_part_of_the_question_about_a_plan(house: House) -> None:
    participant = screened_man(house)
    plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now="2026-03-09 09:00")
    deadlines.sweep(at("2026-03-09 11:30"))
    row = work(participant)["enrol", Work.TAKE, "enrol"]
    assert "plan_enrol" in clauses(row)
    assert "contraception" not in clauses(row)


def test_an_unsigned_deviation_is_shown_once_although_it_also_holds_the_next_step(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"], known="2026-03-09 09:30")
    take(participant, Step.ENROL, ENROLLED, by=house["crc"], reported_afterwards=True, reason="The call came late")
    plan(participant, Step.LEUKAPHERESIS, "2026-03-20 09:00", by=house["crc"], now="2026-03-09 11:00")
    found = work(participant)
    row = found["", Work.DEVIATION, "no_transfusion_7d"]
    assert row.row == str(participant.deviations.get(status=DeviationStatus.DRAFT).pk)
    assert [key for key, each in found.items() if "no_transfusion_7d" in clauses(each) or "hold" in clauses(each)] == [
        ("", Work.DEVIATION, "no_transfusion_7d")
    ]
    assert fresh(participant).outlook.open_conditions > 1


def test_nothing_is_to_be_done_after_the_end(house: House, waiting: Participant) -> None:
    take(waiting, Step.RECORD_DEATH, "2026-04-08 12:00", by=house["crc"], known="2026-04-08 13:00", reason="Told")
    assert work(waiting) == {}
    assert Outlook.objects.get(participant=waiting).next_step == ""


def test_every_alert_that_stands_has_a_thing_to_do_that_names_its_deadline(house: House, waiting: Participant) -> None:
    story = tell(a_house("SHA", study=house.study), "SHA-7731")
    for participant in (fresh(story.participant), waiting):
        deadlines.sweep(at("2026-04-09 10:30"))
        named = {
            (clause, number) for row in participant.work.filter(is_open=True) for clause, number, _outcome in row.about
        }
        standing = Alert.objects.filter(deadline__participant=participant).exclude(status=AlertStatus.RESOLVED)
        assert standing
        assert {(alert.deadline.clause, alert.deadline.occurrence) for alert in standing} <= named


def test_making_it_equal_twice_writes_nothing_the_second_time(house: House, waiting: Participant) -> None:
    before = AuditEvent.objects.count()
    reconcile(fresh(waiting), at(DOSE_PLANNED))
    assert AuditEvent.objects.count() == before
    WorkItem.objects.update(is_open=False)
    reconcile(fresh(waiting), at(DOSE_PLANNED))
    assert set(work(waiting)) == {("lymphodepletion", Work.SAMPLE, "serum_hcg")}

"""The other hazard: something recorded that lies inside a window, before a step or after it."""

import pytest

from tests.builders import ENROLLED, House, at, enrolled_woman, plan, record, screened_woman
from tracker.errors import AlertResolved, NotAllowed
from tracker.models import Alert, Notification, Participant
from tracker.services import alerts, facts
from workflow.stages import Step


@pytest.fixture
def planned(house: House) -> Participant:
    """A woman whose enrolment is planned."""
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now=ENROLLED)
    return participant


def roles(alert: Alert) -> set[str]:
    return set(alert.notifications.values_list("role", flat=True))


def test_a_transfusion_inside_a_planned_window_is_told_at_once(planned: Participant, house: House) -> None:
    record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    alert = Alert.objects.get()
    assert (alert.deadline.clause, alert.rung, alert.urgent) == ("no_transfusion_7d", "conflict", True)
    assert (alert.raised_at, alert.due_at) == (at("2026-03-09 11:00"), at("2026-03-10 10:00"))
    assert roles(alert) == {"crc", "apheresis_nurse"}


def test_a_plan_made_inside_a_window_is_told_at_once(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "growth_factor", "2026-03-08 14:00", by=house["ward_nurse"])
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 11:00")
    assert Alert.objects.get().deadline.clause == "no_growth_factor_7d"


def test_an_infection_before_a_planned_leukapheresis_is_told_at_once(house: House) -> None:
    participant = enrolled_woman(house)
    plan(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["crc"], now="2026-03-10 09:00")
    record(participant, "systemic_infection", "2026-03-12 08:00", by=house["sub_i"])
    assert Alert.objects.get().deadline.clause == "infection_2w_apheresis"


def test_a_plan_moved_out_of_the_window_withdraws_it(planned: Participant, house: House) -> None:
    record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    plan(planned, Step.ENROL, "2026-03-20 10:00", by=house["crc"], now="2026-03-09 12:00", reason="Transfused")
    assert Alert.objects.get().resolution == "plan_moved"


def test_a_transfusion_entered_in_error_withdraws_it_as_corrected(planned: Participant, house: House) -> None:
    wrong = record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    Notification.objects.update(status="sent", sent_at=at("2026-03-09 11:00"))
    facts.withdraw_fact(fact=wrong, reason="Wrong person", by=house["ward_nurse"], now=at("2026-03-09 12:00"))
    alert = Alert.objects.get()
    assert alert.resolution == "corrected"
    assert alert.notifications.filter(kind="withdrawn").count() == 2


def test_what_was_invalidated_in_error_is_corrected(house: House) -> None:
    participant = enrolled_woman(house)
    wrong = record(participant, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-11 09:00")
    facts.withdraw_fact(fact=wrong, reason="Wrong person", by=house["ward_nurse"], now=at("2026-03-11 10:00"))
    assert Alert.objects.get().resolution == "corrected"
    assert participant.deadlines.get(clause="no_transfusion_7d").status == "met"


def test_an_alert_is_acknowledged_once_and_keeps_the_first(planned: Participant, house: House) -> None:
    record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    first = alerts.acknowledge(alert=Alert.objects.get(), by=house["crc"], now=at("2026-03-09 12:00"), note="Called")
    alerts.acknowledge(alert=first, by=house["pi"], now=at("2026-03-09 13:00"), note="Me too")
    alert = Alert.objects.get()
    assert (alert.status, alert.acknowledged_by, alert.acknowledged_note) == ("acknowledged", house["crc"], "Called")
    assert alert.acknowledged_at == at("2026-03-09 12:00")


def test_an_acknowledged_alert_is_not_raised_again_and_the_obligation_stays(planned: Participant, house: House) -> None:
    record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    alerts.acknowledge(alert=Alert.objects.get(), by=house["crc"], now=at("2026-03-09 12:00"))
    record(planned, "weight", "2026-03-09 13:00", "61", by=house["crc"])
    assert Alert.objects.count() == 1
    assert planned.deadlines.get(clause="no_transfusion_7d").status == "open"


def test_what_is_resolved_is_not_acknowledged(planned: Participant, house: House) -> None:
    record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    plan(planned, Step.ENROL, "2026-03-20 10:00", by=house["crc"], now="2026-03-09 12:00", reason="Transfused")
    with pytest.raises(AlertResolved):
        alerts.acknowledge(alert=Alert.objects.get(), by=house["crc"], now=at("2026-03-09 13:00"))


def test_who_only_watches_acknowledges_nothing(planned: Participant, house: House) -> None:
    record(planned, "transfusion", "2026-03-08 14:00", by=house["ward_nurse"], known="2026-03-09 11:00")
    with pytest.raises(NotAllowed):
        alerts.acknowledge(alert=Alert.objects.get(), by=house["sponsor"], now=at("2026-03-09 13:00"))

"""Who is told, when, how urgently; and what quiet means."""

import pytest
import time_machine
from django.test import Client

from tests.builders import House, a_house, at, collected_woman, enrolled_woman, plan, record, screened_woman
from tests.stories.seen import live_until, owed, standing, told, told_at
from tracker.models import Alert, Notification, Participant, User
from tracker.services import alerts, deadlines, notifications
from workflow.stages import Step

DOSE = "2026-04-20 09:00"


@pytest.fixture
def planned(house: House) -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


def acknowledge(house: House, rung: str, when: str) -> None:
    alerts.acknowledge(alert=Alert.objects.get(rung=rung), by=house["crc"], now=at(when), note="on it")


def test_rungs_are_told_while_the_obligation_is_unmet_acknowledged_or_not(house: House, planned: Participant) -> None:
    for rung, when in (
        ("order_test", "2026-04-17 09:00"), ("window_open", "2026-04-18 09:00"), ("no_sample", "2026-04-19 09:00"),
        ("no_result", "2026-04-20 03:00"), ("blocked", DOSE),
    ):  # fmt: skip
        live_until(planned, when)
        assert standing(planned) == [(rung, at(when))]
        assert told_at(rung) == {at(when)}
        acknowledge(house, rung, when)
    assert told("blocked") == {"crc", "sub_i", "pi", "pharmacist", "ward_nurse"}
    assert owed(planned, "hcg_48h_ld").status == "open"


def test_acknowledging_stops_only_the_escalation_of_that_rung(house: House, planned: Participant) -> None:
    live_until(planned, "2026-04-17 10:00")
    acknowledge(house, "order_test", "2026-04-17 10:00")
    live_until(planned, "2026-04-18 08:59")
    assert told("order_test", "escalated") == set()
    live_until(planned, "2026-04-18 17:00")
    assert told("window_open", "escalated") == {"sub_i"}


def test_what_nobody_acknowledges_is_told_to_the_next_role_after_the_rungs_wait(planned: Participant) -> None:
    live_until(planned, "2026-04-17 20:59")
    assert told("order_test", "escalated") == set()
    live_until(planned, "2026-04-17 21:00")
    assert told("order_test", "escalated") == {"sub_i"}
    assert Alert.objects.get().escalated_at == at("2026-04-17 21:00")
    live_until(planned, "2026-04-18 08:59")
    assert Notification.objects.filter(kind="escalated").count() == 1


def test_what_is_due_within_a_day_is_urgent(planned: Participant) -> None:
    live_until(planned, DOSE)
    urgent = dict(Alert.objects.filter(deadline__clause="hcg_48h_ld").values_list("rung", "urgent"))
    assert urgent == {
        "order_test": False, "window_open": False, "no_sample": True, "no_result": True, "blocked": True,
    }  # fmt: skip


def test_a_failing_result_and_an_invalidated_gate_are_urgent(house: House) -> None:
    participant, other = screened_woman(house), enrolled_woman(house, "RJ-002")
    plan(participant, Step.ENROL, "2026-03-20 10:00", by=house["crc"], now="2026-03-09 10:00")
    record(participant, "transfusion", "2026-03-14 14:00", by=house["crc"])
    record(other, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-14 14:00")
    told_now = Alert.objects.filter(raised_at=at("2026-03-14 14:00")).values_list("rung", "urgent")
    assert dict(told_now) == {"conflict": True, "invalidated": True}


def test_a_plan_made_inside_a_ladder_tells_its_newest_rung_at_once(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-18 15:00")
    assert standing(participant) == [("window_open", at("2026-04-18 15:00"))]
    assert told("window_open") == {"crc", "ward_nurse"}


def test_a_rung_whose_role_nobody_holds_goes_to_the_pi_and_is_shown_as_a_fault(db: None) -> None:
    house = a_house(roles=("crc", "pi", "sub_i", "cell_lab"))
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    message = Notification.objects.get(role="pi")
    assert (message.recipient, message.created_at) == (house["pi"], at("2026-03-09 11:00"))
    assert message.fault == "apheresis_nurse: nobody is active in this role here; the PI is told instead."
    assert Notification.objects.get(role="crc").fault == ""


def test_without_a_mail_server_a_message_reads_not_sent(planned: Participant) -> None:
    live_until(planned, "2026-04-17 09:00")
    assert notifications.deliver_due(at("2026-04-17 09:01")) == 0
    assert Notification.objects.get().get_status_display() == "not sent: no mail server"


PAGES = (
    "", "password_change/", "tracker/participant/{pk}/change/", "tracker/participant/", "tracker/alert/",
    "tracker/deviation/", "tracker/notification/",
)  # fmt: skip
OF_THE_SET_UP = ("tracker/site/", "tracker/site/add/", "tracker/user/add/")


def test_every_page_says_when_the_sweep_last_ran_and_is_red_after_two_minutes(
    house: House, planned: Participant
) -> None:
    house["crc"].is_staff = True
    house["crc"].save()
    root = User.objects.create_superuser("root", "root@site.example", None)
    deadlines.sweep(at("2026-04-17 09:00"))
    with time_machine.travel(at("2026-04-17 09:02"), tick=False) as clock:
        for reader, pages in ((house["crc"], PAGES), (root, OF_THE_SET_UP)):
            client = Client()
            client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
            for page in pages:
                for late, moment in ((False, "2026-04-17 09:02"), (True, "2026-04-17 09:03")):
                    clock.move_to(at(moment), tick=False)
                    html = client.get(f"/admin/{page.format(pk=planned.pk)}").content.decode()
                    assert html.count("Last check 09:00:00") == 1, page
                    assert ("dm-dot-late" in html, "reminders may be late" in html) == (late, late), page

"""Today: one list across participants; what comes first and why, where each thing is done, and who may do it."""

import csv
import io

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    a_participant,
    at,
    collected_woman,
    plan,
    record,
    screened_man,
    take,
)
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.today_page import NOW, buttons, rows, shown
from tracker.models import Alert, AlertStatus, Participant, Role
from tracker.services import deadlines
from workflow.stages import Step


def test_the_list_says_what_for_whom_by_when_why_and_before_which_step(
    waiting: Participant, house: House, enter: Enter
) -> None:
    body = shown(enter(house["crc"]))
    assert rows(body) == [("RJ-001", "Draw a sample: Serum β-hCG")]
    for said in (
        "Due within 48 hours · 1", "in 47 h 00 min", "Thu 9 Apr 09:00", "UTC+8", "within 48 hours of the first dose",
        '<span class="dm-tag">protocol</span>', "Start lymphodepletion", "Stale", "Can clear now: draw between",
    ):  # fmt: skip
        assert said in body, said


@pytest.mark.parametrize(
    ("role", "offered"), [("crc", True), ("ward_nurse", True), ("monitor", False), ("sponsor", False)]
)
def test_one_click_leads_to_the_very_form_and_who_may_not_sees_no_button(
    waiting: Participant, house: House, enter: Enter, role: str, offered: bool
) -> None:
    client = enter(house[role])
    found = buttons(shown(client, whose="everyone"))
    form = reverse("admin:tracker_fact_add", args=[waiting.pk, "serum_hcg"])
    assert found == ([(form, "Record the sample")] if offered else [])
    assert client.get(form).status_code == (200 if offered else 403)


def test_every_button_of_the_list_opens_a_form(waiting: Participant, house: House, enter: Enter) -> None:
    second = screened_man(house, "RJ-002")
    plan(second, Step.ENROL, "2026-04-10 10:00", by=house["crc"], now=NOW)
    record(second, "transfusion", "2026-04-07 09:00", by=house["crc"], known=NOW)
    third = a_participant(house, "RJ-003", now=NOW)
    record(third, "consent", NOW, by=house["crc"])
    fourth = a_participant(house, "RJ-004", now=NOW)
    plan(fourth, Step.ENROL, "2026-04-11 10:00", by=house["crc"], now=NOW)
    record(fourth, "serum_hcg", NOW, by=house["crc"])
    pi = enter(house["pi"])
    found = buttons(shown(pi, whose="everyone"))
    assert {"Record the sample", "Move the plan…", "Set the date…", "Record…", "Enter results", "Enter the value"} <= {
        label for _url, label in found
    }
    assert {url: pi.get(url).status_code for url, _label in found} == dict.fromkeys((url for url, _label in found), 200)


def test_what_comes_before_the_nearest_irreversible_step_comes_first_and_sections_follow_the_time(
    waiting: Participant, house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    sooner = screened_man(house, "RJ-002")
    plan(sooner, Step.ENROL, "2026-04-08 10:00", by=house["crc"], now=NOW)
    later = screened_man(house, "RJ-003")
    plan(later, Step.ENROL, "2026-04-20 10:00", by=house["crc"], now=NOW)
    a_participant(house, "RJ-004", now=NOW)
    crc = enter(house["crc"])
    people = [subject for subject, _what in rows(shown(crc))]
    assert list(dict.fromkeys(people)) == ["RJ-002", "RJ-001", "RJ-003", "RJ-004"]
    body = shown(crc)
    assert body.index("Due within 48 hours") < body.index("Upcoming")
    clock.move_to(at("2026-04-08 12:00"))
    deadlines.sweep(at("2026-04-08 12:00"))
    body = shown(enter(house["crc"]))
    assert rows(body)[0] == ("RJ-002", "Say whether it was started, moved or cancelled: Enrol")
    assert "Enrol: planned time has passed: started, moved or cancelled?" in body
    assert body.index("Overdue, or to be done at once · 1") < body.index("Due within 48 hours")
    assert "2 h 00 min late" in body


def test_what_does_not_count_yet_says_from_when_on_and_has_no_button(house: House, enter: Enter, clock: object) -> None:
    participant = screened_man(house)
    plan(participant, Step.ENROL, "2026-03-12 10:00", by=house["crc"], now=ENROLLED)
    body = shown(enter(house["crc"]))
    assert "opens Thu 12 Mar 00:00, in 62 h 00 min" in body
    assert buttons(body) == []


def test_the_first_irreversible_step_ahead_is_named_with_what_stops_it_and_whether_that_can_clear(
    waiting: Participant, house: House, enter: Enter
) -> None:
    crc = enter(house["crc"])
    body = shown(crc)
    assert "RJ-001 · Start lymphodepletion in 47 h 00 min" in body
    assert "1 condition is still open. <b>It can clear before then.</b>" in body
    other = screened_man(house, "RJ-002")
    plan(other, Step.ENROL, "2026-04-08 10:00", by=house["crc"], now=NOW)
    record(other, "transfusion", "2026-04-06 09:00", by=house["crc"], known=NOW)
    body = shown(crc)
    assert "RJ-002 · Enrol in 24 h 00 min" in body
    assert "nothing shows that the others can: look for another date." in body


def test_an_alert_stands_with_what_it_is_about_once_and_is_acknowledged_from_there(
    waiting: Participant, house: House, enter: Enter
) -> None:
    alert = Alert.objects.get(status=AlertStatus.RAISED)
    body = shown(enter(house["crc"]))
    assert body.count(alert.say) == 1
    assert reverse("admin:tracker_alert_acknowledge", args=[alert.pk]) in body
    assert "Unless acknowledged, " in body
    assert reverse("admin:tracker_alert_acknowledge", args=[alert.pk]) not in shown(enter(house["monitor"]))


def test_a_deviation_that_waits_for_its_signature_stands_in_the_same_list_once(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = screened_man(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"], known="2026-03-09 09:30")
    take(participant, Step.ENROL, ENROLLED, by=house["crc"], reported_afterwards=True, reason="The call came late")
    pi = enter(house["pi"])
    body = shown(pi)
    signed = [what for _subject, what in rows(body) if "deviation" in what]
    assert signed == ["Complete and sign the deviation: No transfusion within 7 days before the eligibility assessment"]
    assert "at once" in body
    deviation = participant.deviations.get()
    assert (reverse("admin:tracker_deviation_change", args=[deviation.pk]), "Open the deviation") in buttons(body)
    assert not [
        label for _url, label in buttons(shown(enter(house["ward_nurse"]), whose="everyone")) if "deviation" in label
    ]


def test_the_list_can_be_saved_as_csv_with_no_cell_that_a_spreadsheet_calculates(
    waiting: Participant, house: House, enter: Enter
) -> None:
    Participant.objects.filter(pk=waiting.pk).update(subject_number="=1+1")
    response = enter(house["crc"]).get(reverse("admin:tracker_today_export"))
    header, line = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    found = dict(zip(header, line, strict=True))
    assert found["Participant"] == "'=1+1"
    assert (found["What to do"], found["Basis"]) == ("Draw a sample: Serum β-hCG", "protocol")
    assert (found["Opens"], found["Due"]) == ("2026-04-07T09:00+08:00", "2026-04-09T09:00+08:00")


@pytest.mark.parametrize("role", [Role.CRC, Role.MONITOR])
def test_today_the_list_and_a_participant_ask_the_database_as_often_for_many_as_for_few(
    waiting: Participant, house: House, enter: Enter, role: str
) -> None:
    client = enter(house[role])
    pages = [
        reverse("admin:index"), reverse("admin:tracker_today"), reverse("admin:tracker_participant_changelist"),
        reverse("admin:tracker_participant_change", args=[waiting.pk]),
    ]  # fmt: skip

    def asked() -> list[int]:
        return [_queries(client, page) for page in pages]

    record(waiting, "serum_hcg", "2026-04-07 09:30", by=house["crc"])
    asked()
    few = asked()
    for number in range(2, 8):
        another = collected_woman(house, f"RJ-{number:03}")
        plan(another, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now=NOW)
        record(another, "serum_hcg", "2026-04-07 09:30", by=house["crc"])
    for day in range(1, 7):
        record(waiting, "weight", f"2026-04-{day:02d} 08:00", "61", by=house["crc"])
    assert asked() == few
    assert max(few) <= 30


def _queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)

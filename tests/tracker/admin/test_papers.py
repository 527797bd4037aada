"""What is printed: the screening log and the hand-over sheet, of the own sites, without dates of birth and values."""

import csv
from datetime import date
from io import StringIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    House,
    a_house,
    a_participant,
    at,
    collected_woman,
    consented,
    enrolled_woman,
    fresh,
    plan,
    record,
    screened_woman,
    take,
)
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.record_of import everything
from tracker.models import Alert, Participant
from tracker.services import alerts
from workflow.stages import Step

PAGES = ("tracker_screening_log", "tracker_screening_log_export", "tracker_hand_over")
NOW = "2026-04-08 14:00"


def shown(client: Client, name: str) -> str:
    response = client.get(reverse(f"admin:{name}"))
    assert response.status_code == 200
    return response.getvalue().decode()


def table(client: Client) -> list[dict[str, str]]:
    """The log as a spreadsheet would read it."""
    body = shown(client, "tracker_screening_log_export")
    assert body.startswith("\ufeff")
    return list(csv.DictReader(StringIO(body.removeprefix("\ufeff"))))


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose is planned for tomorrow and whose test is owed."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    clock.move_to(at(NOW))
    return fresh(participant)


def test_the_log_says_who_consented_and_what_became_of_it(waiting: Participant, house: House, enter: Enter) -> None:
    a_participant(house, "RJ-002")
    rows = table(enter(house["crc"]))
    assert [list(row.values()) for row in rows] == [
        ["RELMA", "Hospital RJ", "RJ-001", "1", "2026-03-02", "enrolled on 2026-03-09", "", "not assigned",
         "Leukapheresis 2026-03-16"],
        ["RELMA", "Hospital RJ", "RJ-002", "1", "–", "in screening", "", "not assigned", ""],
    ]  # fmt: skip


def test_a_screen_failure_names_the_clauses_that_failed_then_and_a_new_consent_is_a_line_of_its_own(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"], known="2026-03-09 09:30")
    take(participant, Step.SCREEN_FAIL, "2026-03-09 12:00", by=house["pi"], reason="Not in time")
    record(participant, "growth_factor", "2026-03-08 09:00", by=house["crc"], known="2026-03-10 09:30")
    take(participant, Step.RESCREEN, "2026-04-01 09:00", by=house["crc"], detail="ICF 1.0")
    clock.move_to(at(NOW))
    first, second = table(enter(house["crc"]))
    assert (first["Consent"], first["Outcome of screening"]) == ("2026-03-02", "screen failed on 2026-03-09")
    assert "transfusion" in first["Not met"].lower()
    assert "growth factor" not in first["Not met"].lower()
    assert first["Not met"].endswith("Reason: Not in time")
    assert (second["Screening"], second["Consent"]) == ("2", "2026-04-01")
    assert (second["Outcome of screening"], second["Not met"]) == ("in screening", "")


def test_whoever_left_during_screening_is_neither_in_screening_nor_failed(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = a_participant(house)
    consented(participant, house)
    take(participant, Step.WITHDRAW, "2026-03-05 09:00", by=house["crc"], reason="Moves away")
    clock.move_to(at(NOW))
    (row,) = table(enter(house["crc"]))
    assert (row["Outcome of screening"], row["Steps"]) == ("ended in screening", "Withdrawal 2026-03-05")


def test_no_cell_of_the_log_is_calculated_by_a_spreadsheet(house: House, enter: Enter) -> None:
    a_participant(house, "=1+1")
    assert table(enter(house["crc"]))[0]["Subject number"] == "'=1+1"


def test_the_log_shows_the_dose_level_only_to_those_who_may_see_it(
    waiting: Participant, house: House, enter: Enter
) -> None:
    house.study.blinded_dose = True
    house.study.save()
    Participant.objects.filter(pk=waiting.pk).update(dose_level="2")
    assert table(enter(house["crc"]))[0]["Dose level"] == "blinded"
    assert table(enter(house["pi"]))[0]["Dose level"] == "2"


def test_the_sheet_says_stage_next_step_what_is_owed_and_who_acknowledged(
    waiting: Participant, house: House, enter: Enter
) -> None:
    crc = enter(house["crc"])
    body = shown(crc, "tracker_hand_over")
    assert "Hand-over: RELMA, Hospital RJ" in body
    for words in ("Leukapheresis</span>", "Start lymphodepletion", "Thu 9 Apr 09:00", "not acknowledged"):
        assert words in body
    for alert in Alert.objects.exclude(status="resolved"):
        alerts.acknowledge(alert=alert, by=house["crc"], now=at(NOW), note="Hb is 71, call the ward")
    body = shown(crc, "tracker_hand_over")
    assert "acknowledged rj-crc, Wed 8 Apr 14:00" in body
    assert "not acknowledged" not in body
    assert "Hb is 71" not in body


def test_the_sheet_is_sorted_by_what_is_due_next_and_leaves_out_whose_journey_ended(
    waiting: Participant, house: House, enter: Enter
) -> None:
    a_participant(house, "RJ-000", now="2026-04-08 09:00")
    gone = a_participant(house, "RJ-003", now="2026-04-08 09:00")
    take(gone, Step.RECORD_DEATH, "2026-04-08 12:00", by=house["pi"])
    body = shown(enter(house["crc"]), "tracker_hand_over")
    assert body.index("<b>RJ-001</b>") < body.index("<b>RJ-000</b>")
    assert "RJ-003" not in body


def test_what_is_due_later_than_in_two_days_is_not_on_the_sheet(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-07 10:00")
    clock.move_to(at("2026-04-07 10:00"))
    assert "Mon 20 Apr 09:00</b>" not in shown(enter(house["crc"]), "tracker_hand_over")


def test_each_site_has_a_sheet_of_its_own_for_whoever_works_at_both(
    waiting: Participant, house: House, root: Client
) -> None:
    enrolled_woman(a_house("PD", study=house.study), "PD-001")
    body = shown(root, "tracker_hand_over")
    assert body.count("Hand-over: RELMA") == 2


def test_no_paper_names_a_date_of_birth_a_value_or_anybody_of_another_site(
    waiting: Participant, house: House, enter: Enter
) -> None:
    elsewhere = a_house("PD", study=house.study)
    enrolled_woman(elsewhere, "PD-001")
    Participant.objects.filter(pk=waiting.pk).update(birth_date=date(1987, 6, 5))
    crc = enter(house["crc"])
    for name in PAGES:
        body = shown(crc, name)
        for secret in ("PD-001", "Hospital PD", "1987", "5 Jun", "3.2", "Negative", "positive"):
            assert secret not in body.split('class="dm"')[-1], (name, secret)


@pytest.mark.parametrize("name", PAGES)
def test_the_monitor_reads_every_paper_and_reading_changes_nothing(
    waiting: Participant, house: House, enter: Enter, name: str
) -> None:
    monitor, before = enter(house["monitor"]), everything()
    assert "RJ-001" in shown(monitor, name)
    assert everything() == before


def test_the_sidebar_leads_to_the_log_and_today_to_the_sheet(waiting: Participant, house: House, enter: Enter) -> None:
    body = enter(house["crc"]).get("/admin/").content.decode()
    assert reverse("admin:tracker_screening_log") in body
    assert reverse("admin:tracker_hand_over") in body

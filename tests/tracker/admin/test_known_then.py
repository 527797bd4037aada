"""As known then: a participant's page at a past instant says what was known at it, and offers nothing to do."""

import re
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    a_house,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    hcg,
    plan,
    record,
    screened_woman,
    take,
)
from tests.flushing import unaudited
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.record_of import everything
from tracker.models import Participant, StepRecord
from workflow.stages import Step

LATER = "2026-04-08 14:00"


def address(participant: Participant, known: str = "") -> str:
    here = reverse("admin:tracker_participant_change", args=[participant.pk])
    return f"{here}?{urlencode({'known': known})}" if known else here


def shown(client: Client, participant: Participant, known: str, status: int = 200) -> str:
    response = client.get(address(participant, known))
    assert response.status_code == status
    body = response.content.decode()
    return re.sub(r"\s+", " ", body[body.index('<div class="dm">') : body.rindex("<footer")])


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose was planned on 7 April, and whose test came out negative on 8 April."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    clock.move_to(at(LATER))
    return fresh(participant)


def test_gate_deadlines_facts_and_stage_are_those_known_then(waiting: Participant, crc: Client) -> None:
    before = shown(crc, waiting, "2026-04-07T11:00")
    assert "As known on Tue 7 Apr 11:00 (UTC+8); nothing can be entered here." in before
    assert "Not yet" in before
    assert "Thu 9 Apr 09:00" in before
    assert "collected Wed 8 Apr 10:00" not in before
    assert "Lymphodepletion<span" not in before
    after = shown(crc, waiting, "2026-04-08T13:00")
    assert "Not yet" not in after
    assert "Wed 8 Apr 10:00" in after


def test_the_stage_is_the_one_reached_then_even_when_the_journey_has_ended_since(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = enrolled_woman(house)
    take(participant, Step.WITHDRAW, "2026-03-20 09:00", by=house["crc"], reason="Moves away")
    clock.move_to(at("2026-03-21 09:00"))
    crc = enter(house["crc"])
    assert 'Enrolled<span class="dm-now"> · then' in shown(crc, participant, "2026-03-19T09:00")
    assert 'Screening<span class="dm-now"> · then' in shown(crc, participant, "2026-03-09T09:59")


def test_a_later_correction_does_not_change_what_was_known(waiting: Participant, house: House, crc: Client) -> None:
    record(waiting, "transfusion", "2026-03-07 14:00", by=house["crc"], known="2026-04-08 13:30")
    assert "transfusion</b>" not in shown(crc, waiting, "2026-04-08T13:29").lower().split('id="fc"')[1]
    assert "transfusion</b>" in shown(crc, waiting, "2026-04-08T13:30").lower().split('id="fc"')[1]


def test_nothing_can_be_done_there_and_a_link_leads_back_to_now(waiting: Participant, crc: Client) -> None:
    body = shown(crc, waiting, "2026-04-07T11:00")
    forms = re.findall(r"<form[^>]*>", body)
    assert len(forms) == 1
    assert 'method="get"' in forms[0]
    does_something = r'<button(?! type="button" aria-describedby="tip-)[^>]*>([^<]*)'
    assert re.findall(does_something, body) == ["Show"]
    for word in ("/facts/", "/plan/", "/step/", "acknowledge"):
        assert word not in body
    assert f'href="{address(waiting)}">Back to now' in body


def test_the_page_of_now_leads_to_it_by_a_time_and_by_every_step(waiting: Participant, crc: Client) -> None:
    body = shown(crc, waiting, "")
    assert 'type="datetime-local" name="known" value="2026-04-08T14:00"' in body
    links = [part for part in re.findall(r'href="([^"]+)"', body) if "?known=" in part]
    assert len(set(links)) == StepRecord.objects.count() == 2
    assert all(crc.get(link).status_code == 200 for link in links)


def test_a_step_s_link_shows_its_decision_derived_again(waiting: Participant, crc: Client) -> None:
    body = shown(crc, waiting, at(ENROLLED).isoformat())
    assert "Decided then: Enrol" in body
    assert "it is what was written down" in body
    with unaudited():
        StepRecord.objects.filter(step="enrol").update(evidence=[{"clause": "anc", "outcome": "fail"}])
    assert "it differs from what was written down: anc was fail, comes out met" in shown(
        crc, waiting, at(ENROLLED).isoformat()
    )


@pytest.mark.parametrize("typed", ["2026-04-07T11:00:00+08:00", "2026-04-07T03:00:00Z", "2026-04-07 11:00"])
def test_a_time_with_an_offset_means_that_instant_and_one_without_the_site_s(
    waiting: Participant, crc: Client, typed: str
) -> None:
    assert "As known on Tue 7 Apr 11:00 (UTC+8)" in shown(crc, waiting, typed)


def test_a_plus_sign_that_became_a_blank_is_understood(waiting: Participant, crc: Client) -> None:
    response = crc.get(f"{address(waiting)}?known=2026-04-07T11:00:00+08:00")
    assert "As known on Tue 7 Apr 11:00" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-03-02T08:59", "Mon 2 Mar 08:59 lies before the registration, Mon 2 Mar 09:00."),
        ("2026-04-08T14:01", "Wed 8 Apr 14:01 lies in the future."),
        ("9999-12-31T23:59-12:00", "is not a time. Write it as 2025-04-10T10:00."),
        ("yesterday", "“yesterday” is not a time."),
        ("<script>", "“&lt;script&gt;” is not a time."),
        ("\x00", "is not a time."),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_page_of_now_stays(
    waiting: Participant, crc: Client, typed: str, said: str
) -> None:
    body = shown(crc, waiting, typed, 422)
    assert said in body
    assert "This is the page as known now." in body
    assert "Start lymphodepletion" in body


def test_a_time_that_the_clock_skipped_is_said(house: House, enter: Enter, clock: time_machine.Traveller) -> None:
    berlin = a_house("BER", study=house.study, zone="Europe/Berlin")
    participant = screened_woman(berlin, "BER-1")
    clock.move_to(at("2026-04-01 09:00"))
    assert "the clocks go forward" in shown(enter(berlin["crc"]), participant, "2026-03-29T02:30", 422)


def test_another_site_s_participant_is_not_found_then_either(waiting: Participant, house: House, enter: Enter) -> None:
    elsewhere = a_house("PD", study=house.study)
    assert enter(elsewhere["crc"]).get(address(waiting, "2026-04-07T11:00")).status_code == 404


def test_the_monitor_reads_it_and_reading_changes_nothing(waiting: Participant, house: House, enter: Enter) -> None:
    monitor, before = enter(house["monitor"]), everything()
    shown(monitor, waiting, "2026-04-07T11:00")
    assert everything() == before


def test_the_dose_level_stays_hidden_from_whoever_is_blinded(waiting: Participant, house: House, enter: Enter) -> None:
    house.study.blinded_dose = True
    house.study.save()
    Participant.objects.filter(pk=waiting.pk).update(dose_level="2")
    assert "<dd>blinded</dd>" in shown(enter(house["crc"]), waiting, "2026-04-07T11:00")
    assert "<dd>2</dd>" in shown(enter(house["pi"]), waiting, "2026-04-07T11:00")

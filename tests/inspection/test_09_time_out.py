"""Requirement 9: leave a desk, and after so many idle minutes the next request goes to the door."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_participant
from tracker.models import LastSeen, SignIn, SignInEnd

TODAY = reverse("admin:index")
POLL = {"X-Daymark-Poll": "1"}


@pytest.fixture
def idle(settings: Any) -> timedelta:
    """How long a session may lie idle here."""
    settings.IDLE_MINUTES = 20
    return timedelta(minutes=20)


def is_inside(client: Client, **headers: Any) -> bool:
    return bool(client.get(TODAY, headers=headers or None).status_code == 200)


def test_after_the_idle_minutes_the_next_request_goes_to_the_door_and_knows_the_way_back(
    crc: Client, house: House, clock: time_machine.Traveller, idle: timedelta
) -> None:
    page = reverse("admin:tracker_participant_change", args=[a_participant(house).pk])
    clock.shift(idle)
    answer = crc.get(page)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/login/?next={page}")
    door = crc.get(answer.headers["Location"]).content.decode()
    assert "nothing was done for 20 minutes" in door
    assert SignIn.objects.get().ended_why == SignInEnd.IDLE
    assert not is_inside(crc)


def test_whoever_does_something_stays_signed_in_all_day(
    crc: Client, clock: time_machine.Traveller, idle: timedelta
) -> None:
    for _visit in range(30):
        clock.shift(idle - timedelta(minutes=2))
        assert is_inside(crc)


@pytest.mark.parametrize("url", [TODAY, reverse("admin:tracker_presence")])
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    crc: Client, clock: time_machine.Traveller, idle: timedelta, url: str
) -> None:
    before = LastSeen.objects.get().at
    for _poll in range(10):
        clock.shift(idle / 10 - timedelta(seconds=1))
        assert crc.get(url, headers=POLL).status_code == 200
    assert LastSeen.objects.get().at == before
    clock.shift(timedelta(seconds=10))
    assert crc.get(url, headers=POLL).status_code == 401
    assert not is_inside(crc)


def test_a_page_learns_how_much_time_is_left_and_gains_more_once_somebody_types(
    crc: Client, clock: time_machine.Traveller, idle: timedelta
) -> None:
    url = reverse("admin:tracker_presence")
    clock.shift(timedelta(minutes=15))
    assert crc.get(url, headers=POLL).json()["seconds_left"] == 5 * 60
    assert crc.post(url).json()["seconds_left"] == 20 * 60


def test_every_page_carries_what_warns_of_the_end(crc: Client, idle: timedelta) -> None:
    for name in (
        "index",
        "tracker_participant_changelist",
        "tracker_preferences",
        "password_change",
        "tracker_participant_add",
    ):
        page = crc.get(reverse(f"admin:{name}")).content.decode()
        assert page.count('data-seconds="1200"') == 1, name
        assert "You will be signed out in" in page


def test_a_session_from_before_sign_ins_were_kept_is_signed_out(crc: Client) -> None:
    session = crc.session
    del session["daymark_sign_in"]
    session.save()
    assert not is_inside(crc)


def test_a_page_is_still_read_while_it_cannot_be_noted_that_somebody_was_seen(
    crc: Client, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_more: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("tracker.services.sign_ins.note_seen", full)
    clock.shift(timedelta(minutes=2))
    assert is_inside(crc)

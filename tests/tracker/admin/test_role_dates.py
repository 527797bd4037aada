"""A role holds from its first day through its last, counted on the site's own calendar."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, a_participant, at
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant

YESTERDAY, TODAY, TOMORROW = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11)
AFTER_MIDNIGHT_IN_SHANGHAI = at("2026-03-10 00:30")
"""It is still the ninth in Berlin, and by UTC."""


def house_in(zone: str) -> House:
    return a_house("SHA" if zone == "Asia/Shanghai" else "BER", zone=zone)


def status(client: Client, participant: Participant) -> int:
    return client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).status_code


@pytest.mark.parametrize(("zone", "seen"), [("Asia/Shanghai", 404), ("Europe/Berlin", 200)])
def test_a_role_is_over_when_its_last_day_is_over_at_the_site(
    clock: time_machine.Traveller, enter: Enter, zone: str, seen: int
) -> None:
    house = house_in(zone)
    participant = a_participant(house)
    house["crc"].assignments.update(valid_until=YESTERDAY)
    clock.move_to(AFTER_MIDNIGHT_IN_SHANGHAI)
    client = enter(house["crc"])
    assert status(client, participant) == seen
    listed = client.get(reverse("admin:tracker_participant_changelist")).content.decode()
    today = client.get(reverse("admin:index")).content.decode()
    assert [participant.subject_number in shown for shown in (listed, today)] == [seen == 200] * 2
    assert client.get(reverse("admin:tracker_participant_add")).status_code == (200 if seen == 200 else 403)


@pytest.mark.parametrize(("zone", "seen"), [("Asia/Shanghai", 200), ("Europe/Berlin", 404)])
def test_a_role_begins_when_its_first_day_begins_at_the_site(
    clock: time_machine.Traveller, enter: Enter, zone: str, seen: int
) -> None:
    house = house_in(zone)
    participant = a_participant(house)
    house["crc"].assignments.update(valid_from=TODAY)
    clock.move_to(AFTER_MIDNIGHT_IN_SHANGHAI)
    assert status(enter(house["crc"]), participant) == seen


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_who_was_in_until_yesterday_or_will_be_in_from_tomorrow_is_out_today(
    clock: time_machine.Traveller, enter: Enter, zone: str
) -> None:
    house = house_in(zone)
    participant = a_participant(house)
    for clock_time in ("00:00", "12:00", "23:59"):
        clock.move_to(at(f"{TODAY} {clock_time}", ZoneInfo(zone)))
        for changes, seen in (
            ({"valid_until": YESTERDAY}, 404), ({"valid_until": TODAY}, 200),
            ({"valid_from": TODAY}, 200), ({"valid_from": TOMORROW}, 404),
        ):  # fmt: skip
            house["pi"].assignments.update(**{"valid_from": date(2020, 1, 1), "valid_until": None} | changes)
            assert status(enter(house["pi"]), participant) == seen, (clock_time, changes)

"""On every page of a site: whose reminders are not being computed, so that silence does not look like safety."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.builders import ENROLLED, House, a_house, a_participant, at
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant

BANNER = "RJ-001 cannot be checked since Mon 9 Mar 08:00: no reminder comes for this participant."


@pytest.fixture
def set_aside(house: House) -> Participant:
    """Somebody whom the sweep could not reassess at eight."""
    participant = a_participant(house, "RJ-001")
    Participant.objects.update(set_aside_since=at(ENROLLED) - timedelta(hours=2))
    return participant


def page(client: Client, url: str = "/admin/") -> str:
    return client.get(url).content.decode()


@pytest.mark.parametrize("role", ["crc", "pi", "ward_nurse", "monitor"])
def test_everybody_of_the_site_reads_it_with_the_way_to_the_participant(
    house: House, set_aside: Participant, enter: Enter, role: str
) -> None:
    shown = page(enter(house[role]))
    assert BANNER in shown
    assert f"/admin/tracker/participant/{set_aside.pk}/change/" in shown


def test_nobody_of_another_site_does(house: House, set_aside: Participant, enter: Enter) -> None:
    elsewhere = a_house("ZS", study=house.study)
    assert "cannot be checked" not in page(enter(elsewhere["crc"]))


def test_it_goes_when_she_is_checked_again(house: House, set_aside: Participant, enter: Enter) -> None:
    Participant.objects.update(set_aside_since=None)
    assert "cannot be checked" not in page(enter(house["crc"]))

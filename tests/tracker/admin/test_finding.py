"""The sidebar finds a participant, and Today leads on whom nothing is planned for yet."""

from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, a_participant
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant

LIST = reverse("admin:tracker_participant_changelist")


def own(participant: Participant) -> str:
    return reverse("admin:tracker_participant_change", args=[participant.pk])


def today(client: Client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def test_every_page_offers_to_find_a_participant(crc: Client) -> None:
    assert f'<form class="mb-2.5 mx-3" role="search" action="{LIST}">' in today(crc)


def test_a_whole_subject_number_leads_to_the_participant_whatever_the_case(crc: Client, house: House) -> None:
    woman = a_participant(house)
    a_participant(house, "RJ-0011")
    found = crc.get(LIST, {"q": " rj-001 "})
    assert (found.status_code, found.headers["Location"]) == (302, own(woman))


def test_a_part_of_a_number_or_a_filter_shows_the_list(crc: Client, house: House) -> None:
    a_participant(house)
    assert "RJ-001" in crc.get(LIST, {"q": "RJ"}).content.decode()
    assert crc.get(LIST, {"q": "RJ-001", "stage__exact": "screening"}).status_code == 200
    assert crc.get(LIST, {"q": ""}).status_code == 200


def test_another_sites_number_leads_nowhere(enter: Enter, house: House) -> None:
    a_participant(house)
    stranger = enter(a_house("PD", study=house.study)["crc"])
    assert stranger.get(LIST, {"q": "RJ-001"}).status_code == 200


def test_before_a_date_is_set_today_leads_to_what_the_step_needs(crc: Client, house: House) -> None:
    woman = a_participant(house)
    assert f'href="{own(woman)}#gt">What it needs</a>' in today(crc)


def test_a_change_that_is_years_ahead_is_no_news(crc: Client, house: House) -> None:
    """Of somebody of whom nothing is known, the next thing that changes by itself is her age."""
    a_participant(house)
    assert "Next change by itself" not in today(crc)

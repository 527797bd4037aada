"""Reading changes nothing; who only reads is refused before anything is looked at; odd addresses are not found."""

import pytest
import time_machine
from django.test import Client

from tests.tracker.admin.addresses import ONLY_READ, Address, every_address, rows
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.record_of import everything
from tests.tracker.admin.two_sites import NOW, Story, shanghai
from tracker.models import Role

ODD = ("abc", "2/panel", "0", "-1", "1.0", "99999999999999999999", "9" * 400, "%00", "1'--", "_3A_3A", " ")


@pytest.fixture
def story(clock: time_machine.Traveller) -> Story:
    """One site with everything a page could show."""
    clock.move_to(NOW)
    return shanghai()


@pytest.mark.parametrize("role", [Role.CRC, Role.PI, Role.MONITOR])
def test_reading_every_page_there_is_changes_nothing_at_all(story: Story, enter: Enter, role: str) -> None:
    client = enter(story.house[role])
    before = everything()
    for address in every_address(story):
        if address.name != "logout":
            assert client.get(address.url).status_code < 500, address
    assert everything() == before


def _writes(address: Address) -> bool:
    return not address.name.endswith(("_on_site", "_redirect", "_history"))


@pytest.mark.parametrize("role", [Role.MONITOR, Role.SPONSOR])
def test_who_only_reads_is_refused_every_writing_about_the_own_site(story: Story, enter: Enter, role: str) -> None:
    reader = enter(story.house[role])
    before = everything()
    for address in filter(_writes, rows(story)):
        refused = 405 if address.name in ONLY_READ else 403
        assert reader.post(address.url, {"reason": "because"}).status_code == refused, address
    assert reader.post("/admin/tracker/participant/add/", {"subject_number": "SHA-2"}).status_code == 403
    assert everything() == before


@pytest.fixture
def crc(story: Story, enter: Enter) -> Client:
    """The coordinator's browser."""
    return enter(story.house["crc"])


@pytest.mark.parametrize("model", ["participant", "alert", "notification", "deviation"])
@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_number_of_a_row_is_not_found(crc: Client, model: str, odd: str) -> None:
    for page in ("change/", "history/", ""):
        url = f"/admin/tracker/{model}/{odd}/{page}"
        assert crc.get(url, follow=True).status_code == 404, url
        assert crc.post(url, {}, follow=True).status_code == 404, url


def test_a_number_too_large_for_any_table_is_not_found(crc: Client, story: Story) -> None:
    huge = "9" * 30
    for address in rows(story):
        url = address.absent.replace("987654321", huge)
        assert crc.get(url, follow=True).status_code == (403 if address.set_up else 404), url

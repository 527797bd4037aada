"""On every page of a site: whom no message reaches; and how an administrator trusts an address again."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.builders import ENROLLED, House, a_house, at
from tests.tracker.admin.conftest import Enter
from tracker.models import User
from tracker.services import addresses

BANNER = "Messages to rj-crc cannot be delivered since Mon 9 Mar 08:00: correct the address."
PAGES = ("/admin/", "/admin/tracker/participant/", "/admin/tracker/notification/preferences/")


@pytest.fixture
def refused(house: House) -> User:
    """The coordinator, whose address was refused at eight."""
    assert addresses.refuse(house["crc"], "550 5.1.1", at(ENROLLED) - timedelta(hours=2))
    house["crc"].refresh_from_db()
    return house["crc"]


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_every_page_of_her_site_says_so(house: House, refused: User, enter: Enter, url: str) -> None:
    assert BANNER in page(enter(house["monitor"]), url)


def test_so_does_an_administrators_with_the_way_to_the_person(refused: User, root: Client) -> None:
    shown = page(root, "/admin/")
    assert BANNER in shown
    assert f"/admin/tracker/user/{refused.pk}/change/" in shown


def test_nobody_of_another_site_is_told(house: House, refused: User, enter: Enter) -> None:
    elsewhere = a_house("ZS", study=house.study)
    assert "cannot be delivered" not in page(enter(elsewhere["crc"]), "/admin/")


def test_it_goes_with_the_address(house: House, refused: User, enter: Enter) -> None:
    pi = enter(house["pi"])
    refused.email = "crc@elsewhere.example"
    refused.save()
    assert "cannot be delivered" not in page(pi, "/admin/")


def test_it_goes_when_she_works_there_no_more(house: House, refused: User, enter: Enter) -> None:
    pi = enter(house["pi"])
    refused.assignments.update(valid_until=at(ENROLLED).date() - timedelta(days=1))
    assert "cannot be delivered" not in page(pi, "/admin/")


def test_an_administrator_trusts_the_address_again(refused: User, root: Client) -> None:
    url = "/admin/tracker/user/"
    assert "2026-03-09 00:00 UTC (550 5.1.1)" in page(root, url)
    root.post(url, {"action": "trust_address", "_selected_action": [refused.pk]})
    refused.refresh_from_db()
    assert not refused.is_unreachable
    assert "cannot be delivered" not in page(root, "/admin/")


def test_nobody_else_does(house: House, refused: User, enter: Enter) -> None:
    chosen = {"action": "trust_address", "_selected_action": [refused.pk]}
    assert enter(house["pi"]).post("/admin/tracker/user/", chosen).status_code == 403
    refused.refresh_from_db()
    assert refused.is_unreachable

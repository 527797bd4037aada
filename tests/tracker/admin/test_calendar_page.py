"""Everybody makes, replaces and ends the address of her own calendar; it is shown once."""

import re
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse

from tests.builders import CONDITIONED, House, collected_woman, plan
from tests.tracker.admin.conftest import Enter
from tracker import tasks
from tracker.models import Assignment, CalendarEntry, CalendarKey, User
from workflow.stages import Step

PAGE = "/admin/tracker/notification/calendar/"


def made(client: Client) -> str:
    """The key in the address that the answer shows."""
    response = client.post(PAGE, {"do": "renew"})
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    found = re.search(r'value="(http[^"]*key=[^"]*)"', response.content.decode())
    assert found
    return parse_qs(urlsplit(found[1]).query)["key"][0]


def opens(key: str) -> bool:
    return Client().get(reverse("calendar"), {"key": key}).status_code == 200


def test_an_address_is_shown_once_and_never_again(house: House, enter: Enter) -> None:
    client = enter(house["crc"])
    assert "You have no address." in client.get(PAGE).content.decode()
    key = made(client)
    assert opens(key)
    again = client.get(PAGE).content.decode()
    assert key not in again
    assert "You have an address since Mon 9 Mar 10:00." in again


def test_no_click_waits_until_the_calendars_of_the_whole_house_are_published(house: House, enter: Enter) -> None:
    woman = collected_woman(house)
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    client = enter(house["crc"])
    assert "The calendar fills within a minute." not in client.get(PAGE).content.decode()
    assert "The calendar fills within a minute." in client.post(PAGE, {"do": "renew"}).content.decode()
    assert not CalendarEntry.objects.exists()
    tasks.publish()
    assert CalendarEntry.objects.exists()


def test_a_new_address_ends_the_old_one_and_an_ended_one_opens_nothing(house: House, enter: Enter) -> None:
    client = enter(house["crc"])
    first, second = made(client), made(client)
    assert (opens(first), opens(second)) == (False, True)
    assert client.post(PAGE, {"do": "revoke"}).status_code == 302
    assert not opens(second)
    assert CalendarKey.objects.filter(user=house["crc"]).count() == 2


def test_nobody_ends_or_makes_anybody_elses(house: House, enter: Enter) -> None:
    key = made(enter(house["crc"]))
    other = enter(house["pi"])
    other.post(PAGE, {"do": "revoke", "user": house["crc"].pk})
    made(other)
    assert opens(key)


def test_whoever_has_no_role_today_is_told_why_there_is_nothing_to_show(house: House, enter: Enter) -> None:
    client = enter(User.objects.create_user("stranger", "stranger@site.example", None))
    response = client.post(PAGE, {"do": "renew"})
    assert response.status_code == 422
    assert "You have no role at any site today" in response.content.decode()
    assert not CalendarKey.objects.exists()


def test_reading_the_page_or_asking_it_for_something_else_changes_nothing(house: House, enter: Enter) -> None:
    client = enter(house["crc"])
    assert client.get(f"{PAGE}?do=renew").status_code == 200
    assert client.post(PAGE, {"do": "delete"}).status_code == 422
    assert not CalendarKey.objects.exists()
    assert Assignment.objects.filter(user=house["crc"]).exists()


def test_the_menu_under_ones_name_leads_there(house: House, enter: Enter) -> None:
    assert f'href="{PAGE}"' in enter(house["crc"]).get("/admin/").content.decode()

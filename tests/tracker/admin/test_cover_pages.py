"""The pages on which people say who is away, who stands in and who is on call."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import House, at, employ
from tests.tracker.admin.conftest import Enter
from tracker.models import Absence, Assignment, Duty, User

NOW = at("2026-04-10 10:00")
COVER = "/admin/tracker/notification/cover/"


@pytest.fixture
def site(house: House, clock: time_machine.Traveller) -> House:
    """A house on a Friday morning."""
    clock.move_to(NOW)
    return house


def shown(client: Client) -> str:
    response: Any = client.get(COVER)
    assert response.status_code == 200
    return str(response.content.decode())


def away(client: Client, user: User, **typed: object) -> Any:
    entered = {"first_day": "2026-04-13", "last_day": "2026-04-17", "deputy": ""} | typed
    return client.post(f"{COVER}away/{user.pk}/", entered)


def on_call(client: Client, user: User, until: str = "2026-04-11") -> Any:
    held = Assignment.objects.get(user=user)
    typed = {"starts_at_0": "2026-04-10", "starts_at_1": "18:00", "ends_at_0": until, "ends_at_1": "08:00"}
    return client.post(f"{COVER}on-call/{held.pk}/", typed)


def test_a_coordinator_says_that_she_will_be_away_and_who_stands_in(site: House, enter: Enter) -> None:
    client = enter(site["crc"])
    assert away(client, site["crc"], deputy=site["sub_i"].pk).status_code == 302
    page = shown(client)
    assert "Mon 13 Apr to Fri 17 Apr, rj-sub_i stands in" in page
    assert "Away today" not in page


def test_who_is_away_today_is_shown_to_everybody_at_the_site(site: House, enter: Enter) -> None:
    away(enter(site["crc"]), site["crc"], first_day="2026-04-10")
    page = shown(enter(site["monitor"]))
    assert "Away today" in page
    assert "Fri 10 Apr to Fri 17 Apr, without a deputy" in page
    assert "Cancel…" not in page


def test_an_absence_is_cancelled_on_a_page_that_asks_first_and_its_row_stays(site: House, enter: Enter) -> None:
    client = enter(site["crc"])
    away(client, site["crc"])
    url = f"{COVER}away/{Absence.objects.get().pk}/cancel/"
    assert "Cancel this absence?" in client.get(url).content.decode()
    assert Absence.objects.get().cancelled_at is None
    assert client.post(url).status_code == 302
    assert Absence.objects.get().cancelled_at == NOW
    assert "13 Apr" not in shown(client)


def test_an_investigator_puts_a_colleague_on_call_in_the_time_of_the_site_and_ends_it(
    site: House, enter: Enter
) -> None:
    client = enter(site["pi"])
    assert on_call(client, site["sub_i"]).status_code == 302
    duty = Duty.objects.get()
    assert (duty.starts_at, duty.ends_at) == (at("2026-04-10 18:00"), at("2026-04-11 08:00"))
    assert "on call Fri 10 Apr 18:00 to Sat 11 Apr 08:00 (UTC+8)" in shown(client)
    assert client.post(f"{COVER}on-call/{duty.pk}/cancel/").status_code == 302
    assert "on call Fri" not in shown(client)


def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(site: House, enter: Enter) -> None:
    client = enter(site["crc"])
    response = away(client, site["crc"], first_day="2026-04-20", deputy=site["sub_i"].pk)
    page = response.content.decode()
    assert response.status_code == 422
    assert "The last day lies before the first." in page
    assert 'value="2026-04-20"' in page
    assert f'<option value="{site["sub_i"].pk}" selected>' in page
    response = on_call(client, site["sub_i"], until="2026-04-09")
    assert response.status_code == 422
    assert "This time has passed." in response.content.decode()
    assert not Absence.objects.exists()
    assert not Duty.objects.exists()


@pytest.mark.parametrize("role", ["ward_nurse", "monitor", "sponsor"])
def test_who_arranges_nothing_has_buttons_for_herself_only_and_is_refused_the_rest(
    site: House, enter: Enter, role: str
) -> None:
    client = enter(site[role])
    page = shown(client)
    assert page.count("Enter an absence…") == 1
    assert "Put on call…" not in page
    response = away(client, site["crc"])
    assert response.status_code == 403
    assert "Your roles at this site do not include this" in response.content.decode()
    assert on_call(client, site["sub_i"]).status_code == 403
    assert not Absence.objects.exists()
    assert not Duty.objects.exists()


def test_more_colleagues_cost_no_more_queries(site: House, enter: Enter) -> None:
    client = enter(site["pi"])
    shown(client)
    with CaptureQueriesContext(connection) as few:
        shown(client)
    for number in range(6):
        away(client, employ(site, "ward_nurse", f"ward{number}"))
    with CaptureQueriesContext(connection) as many:
        shown(client)
    assert len(many) == len(few)


def test_the_sidebar_marks_one_place_only(site: House, enter: Enter) -> None:
    client = enter(site["crc"])
    for url in (COVER, "/admin/", "/admin/tracker/notification/", "/admin/tracker/participant/screening-log/"):
        marked = [item["link"] for item in _sidebar(client, url) if item["active"]]
        assert [str(link) for link in marked] == [url]


def _sidebar(client: Client, url: str) -> list[dict[str, Any]]:
    response: Any = client.get(url)
    return [item for group in response.context["sidebar_navigation"] for item in group["items"]]

"""Each role finds on the pages what the matrix lets it do, in both languages; nothing that is offered is refused."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest
import time_machine
from django.urls import resolve
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.sights import NOT_PRESSED, NOW, SIGHTS, a_house_at_work
from tests.browser.staff import sit_down
from tests.browser.tongues import Tongue
from tests.builders import House, at
from tracker.access import MATRIX, Action
from tracker.models import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIDEBAR = ("Today", "Participants", "Alerts", "Messages", "Who is there", "Screening log", "Deviations", "Laboratories")
"""What everybody at a site finds in the sidebar."""

OFFERED = """() => {
  document.querySelectorAll(".dm details").forEach(each => { each.open = true; });
  const pressed = document.querySelectorAll(".dm a[href], .dm button:not([aria-disabled=true]), .dm dd, a.addlink");
  return [...pressed].filter(each => each.checkVisibility()).map(each => each.title || each.innerText.trim());
}"""
"""The words of everything that can be pressed on a page of ours, unfolded, and of what its head says."""

LEADS_TO = """() => {
  const links = document.querySelectorAll(".dm a[href], a.addlink, .dm form[method=post]");
  const ours = [...links].filter(each => !each.closest(".dm-papers"));
  return ours.map(each => each.href || each.action);
}"""
"""Where these lead; the sheets, which take long to draw, are for everybody who sees the participant."""


@pytest.fixture
def places(house: House, clock: time_machine.Traveller) -> Mapping[str, str]:
    """A house at work, in the middle of a morning: the address of each place."""
    found = a_house_at_work(house)
    clock.move_to(at(NOW))
    return found


def permitted(role: str, place: str, say: Tongue) -> set[str]:
    """What the matrix lets a role find in a place."""
    return {words for words, action in seen_in(place, say).items() if action in MATRIX[role]}


def seen_in(place: str, say: Tongue) -> dict[str, Action]:
    """The words of what is offered in a place, and the action that each is."""
    here = [sight for sight in SIGHTS if sight.place == place]
    return {say(each.words, *([say(each.about)] if each.about else [])): each.action for each in here}


def test_every_action_of_the_matrix_is_seen_somewhere() -> None:
    assert {sight.action for sight in SIGHTS} | set(NOT_PRESSED) == set(Action)
    assert not {sight.action for sight in SIGHTS} & set(NOT_PRESSED)


def test_each_role_finds_its_actions_and_no_others(  # noqa: PLR0917 - fixtures
    live_server: LiveServer, page: Page, house: House, places: Mapping[str, str], say: Tongue, complaints: list[str]
) -> None:
    wrong: dict[tuple[str, str], set[str]] = {}
    for role in Role.values:
        sit_down(page, live_server, house[role])
        for place, address in places.items():
            page.goto(live_server.url + address)
            shown = set(page.evaluate(OFFERED)) & seen_in(place, say).keys()
            wrong[role, place] = shown ^ permitted(role, place, say)
        wrong[role, "sidebar"] = {*sidebar(page)} ^ {*map(say, SIDEBAR), *permitted(role, "sidebar", say)}
    assert {where: words for where, words in wrong.items() if words} == {}
    assert complaints == []


def sidebar(page: Page) -> Iterator[str]:
    """What stands in the sidebar."""
    for link in page.locator("#nav-sidebar li a").all():
        yield link.inner_text().strip().split("\n")[-1]


def test_nothing_that_is_offered_is_refused(
    live_server: LiveServer, page: Page, house: House, places: Mapping[str, str]
) -> None:
    refused = {}
    for role in Role.values:
        sit_down(page, live_server, house[role])
        for kind, url in offered(page, live_server, places).items():
            status = page.request.get(url).status
            # What is only sent answers 405 to a mere look, once the roles were asked.
            if status not in {200, 405}:
                refused[role, kind] = status
    assert refused == {}


def offered(page: Page, live_server: LiveServer, places: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """One address of each kind to which the places lead: by page, and by what it is about where that decides."""
    found: dict[tuple[str, ...], str] = {}
    for address in places.values():
        page.goto(live_server.url + address)
        for url in page.evaluate(LEADS_TO):
            path = urlsplit(url).path
            if url.startswith(live_server.url + "/admin/tracker/"):
                match = resolve(path)
                about = [str(match.kwargs[each]) for each in ("concept", "step") if each in match.kwargs]
                found.setdefault((str(match.url_name), *about), url)
    return found

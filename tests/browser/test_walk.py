"""The coordinator's walk in a real browser: sign in, draw, enter, start, acknowledge; nothing on the console."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import PASSWORD, hours_from_now, sign_in
from tests.builders import House, collected_woman, plan
from tracker.models import Participant
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waiting(house: House) -> Participant:
    """A woman whose first dose is planned for tomorrow and whose sample is not drawn."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, hours_from_now(20), by=house["crc"], now=hours_from_now(0))
    return participant


def test_the_coordinator_draws_enters_and_starts_and_the_gate_turns(
    live_server: LiveServer, page: Page, house: House, waiting: Participant, complaints: list[str]
) -> None:
    sign_in(page, live_server, house["crc"])
    page.get_by_role("link", name="RJ-001").first.click()
    gate = page.get_by_role("region", name="Start lymphodepletion?")
    expect(gate).to_contain_text("Not yet")
    gate.get_by_role("button", name="Sample drawn now").click()
    expect(gate).to_contain_text("Waiting")
    gate.get_by_role("link", name="Enter the result").click()
    page.get_by_label("Negative").check()
    page.get_by_role("button", name="Save").click()
    expect(gate).to_contain_text("Yes")
    gate.get_by_role("link", name="Start lymphodepletion").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Record it and move RJ-001").click()
    expect(page.get_by_role("listitem").filter(has_text="Lymphodepletion · now")).to_be_visible()
    assert complaints == []


def test_the_coordinator_acknowledges_an_alert(
    live_server: LiveServer, page: Page, house: House, waiting: Participant, complaints: list[str]
) -> None:
    sign_in(page, live_server, house["crc"])
    page.get_by_role("region", name="What to do").get_by_role("link", name="Acknowledge").first.click()
    page.get_by_label("Note").fill("On my way to the ward")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("region", name="Alerts", exact=True)).to_contain_text("On my way to the ward")
    assert complaints == []


@pytest.mark.parametrize("width", [390, 1360])
def test_no_page_is_wider_than_its_window(
    live_server: LiveServer, page: Page, house: House, waiting: Participant, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, house["crc"])
    here = f"/admin/tracker/participant/{waiting.pk}"
    own = [f"{here}/{name}/" for name in ("change", "facts", "facts/panel", "step/lymphodepletion")]
    papers = [f"/admin/tracker/participant/{name}/" for name in ("screening-log", "hand-over")]
    for path in ("/admin/", *own, f"{own[0]}?known=2026-03-20T10:00", *papers):
        page.goto(live_server.url + path)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def test_on_a_phone_everything_that_is_pressed_is_large_enough_for_a_finger(
    live_server: LiveServer, page: Page, house: House, waiting: Participant
) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    sign_in(page, live_server, house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{waiting.pk}/change/")
    heights = page.eval_on_selector_all(
        ".dm-btn",
        """
        found => found.filter(each => each.checkVisibility()).map(each => each.getBoundingClientRect().height)""",
    )
    assert len(heights) > 5
    assert min(heights) >= 44

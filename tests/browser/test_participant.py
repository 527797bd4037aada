"""A participant's page in a real browser: the timeline at every width, explanations by keyboard, the print."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import hours_from_now, sign_in
from tests.builders import House, collected_woman, hcg, plan
from tracker.models import Participant
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def moved(house: House) -> Participant:
    """A woman whose first dose was moved by ten hours, and whose test is too old for it."""
    participant = collected_woman(house)
    hcg(participant, house, hours_from_now(-40), hours_from_now(-36))
    plan(participant, Step.LYMPHODEPLETION, hours_from_now(5), by=house["crc"], now=hours_from_now(-30))
    now = hours_from_now(0)
    plan(participant, Step.LYMPHODEPLETION, hours_from_now(30), by=house["crc"], now=now, reason="No bed")
    return participant


@pytest.fixture(params=[390, 1360])
def width(request: pytest.FixtureRequest, page: Page) -> int:
    """A phone, and a desk."""
    page.set_viewport_size({"width": request.param, "height": 900})
    return int(request.param)


@pytest.fixture
def shown(live_server: LiveServer, page: Page, house: House, moved: Participant) -> Page:
    """Her page, as the coordinator sees it."""
    sign_in(page, live_server, house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{moved.pk}/change/")
    return page


def test_one_picture_is_seen_and_the_table_tells_what_it_shows(width: int, shown: Page, complaints: list[str]) -> None:
    page, (seen, unseen) = shown, ("phone", "desk") if width == 390 else ("desk", "phone")
    picture, twin = page.locator(f"svg.dm-tl-{seen}"), page.locator(".dm-twin")
    expect(picture).to_be_visible()
    expect(page.locator(f"svg.dm-tl-{unseen}")).to_be_hidden()
    twin.locator("summary").click()
    told = twin.locator("tr[data-item]").evaluate_all("rows => rows.map(row => Number(row.dataset.item))")
    drawn = picture.locator("[data-item]").evaluate_all("all => all.map(each => Number(each.dataset.item))")
    assert set(drawn) == set(told)
    assert len(told) == len(set(told))
    expect(twin.locator("tr.dm-present")).to_have_count(1)
    marks = picture.locator("use[data-item]").evaluate_all(
        "all => all.map(each => [Number(each.dataset.item), Number(each.getAttribute('x')), each.getAttribute('href')])"
    )
    for size in ("small", "large"):
        places = {item: x for item, x, href in marks if href.endswith("-small") == (size == "small")}
        in_time = [places[item] for item in told if item in places]
        assert in_time == sorted(in_time)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert complaints == []


def test_a_clause_is_explained_to_the_keyboard_and_closes_with_escape(shown: Page, complaints: list[str]) -> None:
    page = shown
    owed = page.get_by_role("region", name="Deadlines")
    title = owed.get_by_role("button", name="Serum β-hCG negative within 48 h before the first dose")
    said = owed.get_by_role("tooltip").filter(has_text="within 48 hours of the first dose")
    expect(said).to_be_hidden()
    title.focus()
    expect(said).to_be_visible()
    expect(title).to_have_accessible_description(re.compile("within 48 hours of the first dose"))
    page.keyboard.press("Escape")
    expect(said).to_be_hidden()
    assert complaints == []


def test_a_step_that_may_not_start_is_reached_by_the_keyboard_and_says_why(shown: Page) -> None:
    page = shown
    button = page.get_by_role("region", name="Start lymphodepletion?").get_by_role(
        "button", name="Start lymphodepletion"
    )
    button.focus()
    expect(button).to_be_focused()
    described = button.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("1 of 2 conditions are open.")


def test_on_paper_everything_is_unfolded_and_nothing_can_be_pressed(shown: Page) -> None:
    page = shown
    page.emulate_media(media="print")
    expect(page.locator(".dm-twin tr.dm-present")).to_be_visible()
    expect(page.locator("svg.dm-tl-desk")).to_be_visible()
    for pressed in (".dm-btn", ".dm-filter", ".dm-said", ".dm-known"):
        assert page.locator(pressed).evaluate_all("all => all.every(each => !each.checkVisibility())"), pressed


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_on_the_page_is_hard_to_read_or_without_a_name(shown: Page, dark: bool) -> None:
    if dark:
        shown.evaluate("document.documentElement.classList.add('dark')")
    shown.evaluate("document.querySelectorAll('.dm details').forEach(each => each.open = true)")
    found = Axe().run(shown, context=".dm", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert found.response["violations"] == []

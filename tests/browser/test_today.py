"""Today in a real browser: it refreshes itself under the reader's hands, says when it cannot, and fits a phone."""

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import hours_from_now, sign_in
from tests.builders import House, a_participant, collected_woman, plan
from tracker.models import Participant, User
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REFRESH = "window.dispatchEvent(new Event('online'))"
"""What the browser says when the network is back: the page does not wait for its time then."""


@pytest.fixture
def waiting(house: House) -> Participant:
    """A woman whose first dose is planned for tomorrow and whose sample is not drawn."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, hours_from_now(20), by=house["crc"], now=hours_from_now(0))
    return participant


def test_it_refreshes_itself_and_leaves_alone_what_is_typed_chosen_and_focused(
    live_server: LiveServer, page: Page, house: House, waiting: Participant, complaints: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.headers.get("x-daymark-poll", "")))
    sign_in(page, live_server, house["crc"])
    expect(page.locator(".dm-work[id]")).to_have_count(1)
    button = page.get_by_role("link", name="Record the sample")
    button.focus()
    field = page.locator("#nav-sidebar input").first
    field.evaluate("each => { each.value = 'half a word' }")
    other = a_participant(house, "RJ-002", now=hours_from_now(0))
    plan(other, Step.ENROL, hours_from_now(30), by=house["crc"], now=hours_from_now(0))
    page.evaluate(REFRESH)
    expect(page.locator("#today-list")).to_contain_text("RJ-002")
    expect(button).to_be_focused()
    assert field.input_value() == "half a word"
    assert "1" in asked, "the request says that nobody pressed anything"
    assert complaints == []


def test_it_stays_where_it_was_scrolled_to_although_more_came_above(
    live_server: LiveServer, page: Page, house: House, waiting: Participant
) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    sign_in(page, live_server, house["crc"])
    row = page.locator(".dm-work[id]").first
    row.evaluate("each => { each.scrollIntoView({block: 'start'}) }")
    before = row.bounding_box()
    other = a_participant(house, "RJ-000", now=hours_from_now(0))
    plan(other, Step.ENROL, hours_from_now(10), by=house["crc"], now=hours_from_now(0))
    page.evaluate(REFRESH)
    expect(page.locator("#today-list")).to_contain_text("RJ-000")
    after = page.locator(".dm-work[id]", has_text="Serum β-hCG").filter(has_text="RJ-001").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 3


def test_when_the_server_cannot_be_reached_it_says_since_when_it_is_out_of_date(
    live_server: LiveServer, page: Page, house: House, waiting: Participant
) -> None:
    sign_in(page, live_server, house["crc"])
    shown = page.locator("#today-foot").get_attribute("data-refreshed-at")
    address = "**/participant/today/**"
    page.route(address, lambda route: route.abort())
    page.evaluate(REFRESH)
    notice = page.get_by_role("alert").filter(has_text="Not refreshed since")
    expect(notice).to_contain_text(f"Not refreshed since {shown}: the server cannot be reached")
    page.unroute(address)
    page.evaluate(REFRESH)
    expect(notice).to_be_hidden()

    def broken(route: Route) -> None:
        route.fulfill(status=503, body="")

    page.route(address, broken)
    page.evaluate(REFRESH)
    expect(notice).to_be_visible()


def test_whoever_was_signed_out_meanwhile_is_told(
    live_server: LiveServer, page: Page, house: House, waiting: Participant
) -> None:
    sign_in(page, live_server, house["crc"])
    page.context.clear_cookies()
    page.evaluate(REFRESH)
    expect(page.get_by_role("alert").filter(has_text="you have been signed out")).to_be_visible()
    expect(page.locator(".dm-work[id]")).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_in_both_languages_it_fits_a_phone_and_a_desk_and_everything_pressed_is_large_enough(
    live_server: LiveServer, page: Page, house: House, waiting: Participant, language: str
) -> None:
    plan(a_participant(house, "RJ-002"), Step.ENROL, hours_from_now(30), by=house["crc"], now=hours_from_now(0))
    User.objects.filter(pk=house["crc"].pk).update(language=language)
    sign_in(page, live_server, house["crc"])
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    for width in (390, 1360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{live_server.url}/admin/")
        assert ("要做什么" in page.content()) == (language == "zh-hans")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width
    page.set_viewport_size({"width": 390, "height": 900})
    pressed = ".dm-today .dm-btn, .dm-today .dm-chip, .dm-switch button, .dm-who .dm-link"
    heights = page.eval_on_selector_all(pressed, "all => all.map(each => each.getBoundingClientRect().height)")
    assert heights
    assert min(heights) >= 44

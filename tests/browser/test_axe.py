"""Nobody is kept from a page by its colours, its names or its targets: axe walks every page that there is."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from config.environment import BASE_DIR
from tests.browser.every_page import Shown, client_of, is_page, walk
from tests.browser.obstacles import obstacles
from tests.browser.staff import PASSWORD, may_sign_in, sign_in
from tests.builders import collected_woman, hcg, plan
from tests.codes import equip
from tests.tracker.admin.two_sites import NOW, Story, shanghai
from tracker.models import Participant, User
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOT = BASE_DIR / "tracker" / "templates"
DESK, PHONE = (1360, 900), (390, 844)


@pytest.fixture
def story(transactional_db: None) -> Iterator[Story]:
    """Somebody about whom there is everything that a page could show, on the day it happened."""
    with time_machine.travel(NOW, tick=True):
        told = shanghai()
        for person in told.house.staff.values():
            may_sign_in(person)
        yield told


@pytest.fixture
def moved(story: Story) -> Participant:
    """A woman whose first dose was moved to tomorrow: her test of yesterday became too old for it."""
    woman = collected_woman(story.house, "SHA-002")
    hcg(woman, story.house, "2026-04-06 08:00", "2026-04-06 12:00")
    plan(woman, Step.LYMPHODEPLETION, "2026-04-08 07:00", by=story.house["crc"], now="2026-04-06 13:00")
    plan(
        woman, Step.LYMPHODEPLETION, "2026-04-08 14:00", by=story.house["crc"], now="2026-04-07 10:00", reason="No bed"
    )
    return woman


def assert_nothing(found: list[str]) -> None:
    assert not found, "\n".join(sorted(set(found)))


def sized(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def at_their_readers(live_server: LiveServer, page: Page, pages: list[Shown]) -> Iterator[Shown]:
    """Each page, open before whoever may see it; everybody signs in once."""
    in_turn = sorted(pages, key=lambda shown: shown.reader.pk if shown.reader else 0)
    for reader, theirs in groupby(in_turn, key=lambda shown: shown.reader):
        if reader:
            may_sign_in(reader)
            sign_in(page, live_server, reader)
        for shown in theirs:
            page.goto(live_server.url + shown.url)
            yield shown


def test_every_page_can_be_read_and_used(live_server: LiveServer, page: Page, story: Story) -> None:
    pages, closed = walk(story)
    assert closed == []
    sized(page, DESK)
    found = [each for shown in at_their_readers(live_server, page, pages) for each in obstacles(page, shown.url)]
    assert_nothing(found)


DRAWN_LATE = """document.addEventListener("DOMContentLoaded", () => {
  const draw = django.jQuery.fn.djangoAdminSelect2;
  django.jQuery.fn.djangoAdminSelect2 = function () { setTimeout(() => draw.call(this), 500); return this; };
}, { capture: true, once: true })"""
"""On a slow machine the library that draws a list comes to it long after the page has loaded."""


def test_a_list_of_people_that_is_drawn_late_is_named_all_the_same(
    live_server: LiveServer, page: Page, story: Story
) -> None:
    root = User.objects.create_superuser("root", "root@site.example", PASSWORD)
    sign_in(page, live_server, root)
    page.add_init_script(DRAWN_LATE)
    page.goto(f"{live_server.url}/admin/tracker/assignment/add/")
    expect(page.locator(".select2-selection__rendered")).to_have_attribute("aria-labelledby", "label-of-id_user")


def test_every_form_that_was_refused_can_be_read_and_used(live_server: LiveServer, page: Page, story: Story) -> None:
    """What stands beside a field that was left empty: each form is sent with nothing in it, and nothing is kept."""
    sized(page, DESK)
    refused = [(shown, answer) for shown in walk(story)[0] if (answer := sent_empty(shown))]
    assert len(refused) > 20
    found = []
    for shown, answer in refused:
        instead(page, live_server.url + shown.url, answer)
        found += obstacles(page, f"{shown.url} refused")
    assert_nothing(found)


def sent_empty(shown: Shown) -> str:
    """The page that answers an empty form; "" where something else does."""
    with transaction.atomic():
        answer: Any = client_of(shown.reader).post(shown.url, {})
        transaction.set_rollback(True)
    return answer.content.decode() if answer.status_code in {200, 422} and is_page(answer) else ""


def instead(page: Page, url: str, content: str) -> None:
    """Show a page as if it stood at this address, with its styles and scripts."""

    def answered(route: Route) -> None:
        route.fulfill(body=content, content_type="text/html; charset=utf-8")

    page.route(url, answered)
    page.goto(url)
    page.unroute(url)


def test_the_pages_of_the_ward_can_be_read_and_used_on_a_phone(
    live_server: LiveServer, page: Page, moved: Participant, story: Story
) -> None:
    sized(page, PHONE)
    here = f"/admin/tracker/participant/{moved.pk}"
    shifted = f"{here}/plan/lymphodepletion/?at_0=2026-04-09&at_1=10:00"
    lists = [f"/admin/tracker/{name}/" for name in ("participant", "alert", "notification", "deviation")]
    mine = ["/admin/", *lists, f"{lists[2]}cover/", f"{lists[2]}preferences/", "/admin/account/codes/"]
    hers = [f"{here}/{name}/" for name in ("change", "facts", "facts/panel", "facts/paste", "audit", "plan")]
    pages = [*mine, *hers, shifted, f"{here}/change/?known=2026-04-06T09:00", f"{here}/step/lymphodepletion/"]
    walked = [Shown("", url, story.house["pi"]) for url in pages]
    found = [each for shown in at_their_readers(live_server, page, walked) for each in obstacles(page, shown.url)]
    assert_nothing(found)


def test_what_opens_over_a_page_can_be_read_and_used(
    live_server: LiveServer, page: Page, moved: Participant, story: Story
) -> None:
    sized(page, DESK)
    sign_in(page, live_server, story.house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{moved.pk}/change/")
    found = []
    for button in page.locator(".dm-tip > button").all():
        button.focus()
        found += obstacles(page, "an explanation", place=".dm-said")
    page.evaluate("document.querySelectorAll('.dm-papers, .dm-then-asked').forEach(each => { each.open = true; })")
    found += obstacles(page, "the papers", place=".dm-bar")
    page.evaluate("document.getElementById('dm-idle').hidden = false")
    found += obstacles(page, "about to be signed out", place="#dm-idle")
    page.goto(f"{live_server.url}/admin/tracker/participant/?q=nobody")
    found += obstacles(page, "a list that found nothing")
    page.get_by_role("button", name="Filters").press("Enter")
    expect(page.locator("#changelist-filter")).to_be_visible()
    found += obstacles(page, "the filters of a list")
    assert_nothing(found)


def test_the_account_and_the_way_out_are_reached_by_the_keyboard(
    live_server: LiveServer, page: Page, story: Story
) -> None:
    sized(page, DESK)
    sign_in(page, live_server, story.house["crc"])
    account = page.get_by_role("button", name="sha-crc")
    account.press("Enter")
    expect(account).to_have_attribute("aria-expanded", "true")
    assert_nothing(obstacles(page, "the account"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    account.press("Enter")
    page.get_by_role("button", name="Log out").press("Enter")
    page.wait_for_url("**/admin/logout/")
    assert_nothing(obstacles(page, "signed out"))


def test_the_menu_of_a_phone_is_opened_and_closed_by_the_keyboard(
    live_server: LiveServer, page: Page, story: Story
) -> None:
    sized(page, PHONE)
    sign_in(page, live_server, story.house["crc"])
    today = page.get_by_role("link", name="Deviations")
    expect(today).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).press("Enter")
    expect(today).to_be_visible()
    assert_nothing(obstacles(page, "the menu"))
    page.get_by_role("button", name="Close the menu").press("Enter")
    expect(today).to_be_hidden()


def test_what_is_said_at_the_door_can_be_read_and_used(live_server: LiveServer, page: Page, story: Story) -> None:
    sized(page, DESK)
    equip(story.house["sub_i"], NOW)
    found = []

    def look(name: str) -> None:
        found.extend(obstacles(page, name))

    def signed_in_as(name: str, password: str) -> None:
        page.goto(f"{live_server.url}/admin/login/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", password)
        with page.expect_navigation():
            page.press("input[name=password]", "Enter")

    signed_in_as("sha-crc", "mistyped")
    expect(page.get_by_role("alert").first).to_be_visible()
    look("a wrong password")
    page.get_by_role("button", name="Light or dark").press("Enter")
    look("light or dark")
    signed_in_as("sha-sub_i", PASSWORD)
    expect(page.get_by_label("One-time code")).to_be_visible()
    look("a code is asked for")
    page.get_by_label("One-time code").fill("000000")
    with page.expect_navigation():
        page.get_by_label("One-time code").press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    look("a wrong code")
    sign_in(page, live_server, story.house["crc"])
    page.goto(f"{live_server.url}/admin/account/codes/begin/")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".dm-scan svg")).to_be_visible()
    look("a code to scan")
    page.context.clear_cookies()
    for name, path in (("nothing is there", "/nothing/"), ("a link that was used", "/password/new/")):
        page.goto(live_server.url + path)
        look(name)
    page.goto(f"{live_server.url}/password/")
    page.fill("input[name=email]", "sha-crc@site.example")
    page.press("input[name=email]", "Enter")
    page.wait_for_selector("text=mailbox")
    look("a link was sent")
    assert_nothing(found)


def test_what_is_shown_instead_of_a_page_can_be_read_and_used(live_server: LiveServer, page: Page) -> None:
    templates = [path for path in ROOT.rglob("*.html") if '"tracker/error.html"' in path.read_text(encoding="utf-8")]
    assert len(templates) > 6
    found = []
    for path in templates:
        shown = render_to_string(str(path.relative_to(ROOT)), {"request_id": "8c1f"})
        instead(page, f"{live_server.url}/{path.name}", shown)
        found += obstacles(page, path.name)
    assert_nothing(found)

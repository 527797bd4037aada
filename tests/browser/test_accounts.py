"""At the door and at the desk: codes are asked for, sessions warn before they end, and no page offends the policy."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import PASSWORD, sign_in
from tests.builders import House, a_participant
from tests.codes import shown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MAIN_PAGES = (
    "", "tracker/participant/", "tracker/alert/", "tracker/notification/", "tracker/deviation/",
    "tracker/participant/screening-log/", "tracker/participant/hand-over/", "tracker/participant/add/",
    "tracker/notification/preferences/", "account/sessions/", "account/codes/", "password_change/",
)  # fmt: skip


def type_password(page: Page, live_server: LiveServer, name: str, wanted: str) -> None:
    page.goto(f"{live_server.url}/admin/{wanted}")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")


def test_codes_are_set_up_after_the_password_and_asked_the_next_time(
    live_server: LiveServer, page: Page, house: House, complaints: list[str], settings: Any
) -> None:
    settings.CODES_ARE_FORCED = True
    type_password(page, live_server, "rj-pi", "tracker/alert/")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".dm-scan svg")).to_be_visible()
    page.get_by_label("One-time code").fill(shown(page.locator(".dm-key").inner_text(), datetime.now(UTC)))
    page.get_by_role("button", name="Switch codes on").click()
    backup = page.locator(".dm-backup code")
    expect(backup).to_have_count(10)
    first = backup.first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/admin/tracker/alert/")
    page.context.clear_cookies()
    type_password(page, live_server, "rj-pi", "tracker/deviation/")
    page.get_by_label("One-time code").fill(first)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/admin/tracker/deviation/")
    assert complaints == []


def test_typing_keeps_the_session_a_desk_that_is_left_is_warned_and_what_was_typed_stays(
    live_server: LiveServer, page: Page, house: House, settings: Any
) -> None:
    # Six seconds; a warning comes when two are left.
    settings.IDLE_MINUTES = 0.1
    participant = a_participant(house)
    sign_in(page, live_server, house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{participant.pk}/facts/add/transfusion/")
    detail = page.locator("form.dm-form textarea, form.dm-form input[type=text]").last
    detail.fill("told by telephone")
    for _second in range(8):
        detail.press("End")
        page.wait_for_timeout(1000)
    expect(page.get_by_role("button", name="Stay signed in")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.locator("#dm-idle")).to_be_hidden()
    expect(page.get_by_text("You are signed out. What you typed still stands")).to_be_visible(timeout=20_000)
    expect(detail).to_have_value("told by telephone")


def test_no_main_page_asks_for_what_the_policy_forbids(
    live_server: LiveServer, page: Page, house: House, complaints: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, live_server, house["pi"])
    for path in MAIN_PAGES:
        answer = page.goto(f"{live_server.url}/admin/{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert "unsafe-inline" not in answer.headers["content-security-policy"].partition("script-src")[2].split(";")[0]
    assert complaints == []
    assert {url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))} == set()

"""The coordinator moves the first dose and sees beforehand what it brings about; the same stands afterwards."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import hours_from_now, sign_in
from tests.builders import House, collected_woman, hcg, plan
from tracker.models import Notification, Participant, User
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ENGLISH = {
    "stale": "Stale", "met": "Met", "after": "What is different afterwards", "save": "Save and tell 3 people",
    "reason first": "Type the reason first.", "last": "the last time without a new sample",
    "nobody": "Save; nobody is told at once", "verdict": "Not yet",
}  # fmt: skip
CHINESE = {
    "stale": "已失效", "met": "符合", "after": "改期后有什么不同", "save": "保存并告知 3 人",
    "reason first": "先填写原因。", "last": "不必重新采样的最晚时间", "nobody": "保存（无需立即告知）",
    "verdict": "尚不可以",
}  # fmt: skip


@pytest.fixture
def tested(house: House) -> Participant:
    """A woman whose test of yesterday serves the first dose that is planned in three hours."""
    participant = collected_woman(house)
    hcg(participant, house, hours_from_now(-40), hours_from_now(-36))
    plan(participant, Step.LYMPHODEPLETION, hours_from_now(3), by=house["crc"], now=hours_from_now(0))
    return participant


def move_to(page: Page, when: str) -> None:
    day, clock = when.split()
    page.locator("[name=at_0]").fill(day)
    page.locator("[name=at_1]").fill(clock)


def walk(page: Page, live_server: LiveServer, house: House, tested: Participant, words: dict[str, str]) -> None:
    sign_in(page, live_server, house["crc"])
    home = f"{live_server.url}/admin/tracker/participant/{tested.pk}"
    page.goto(f"{home}/plan/lymphodepletion/")
    move_to(page, hours_from_now(20))
    preview, end = page.get_by_role("region", name=words["after"]), page.locator("#plan-end")
    expect(preview).to_contain_text(words["met"])
    expect(preview).to_contain_text(words["stale"])
    save = end.get_by_role("button", name=words["save"])
    expect(save).to_have_attribute("aria-disabled", "true")
    expect(end).to_contain_text(words["reason first"])
    save.click(force=True)
    expect(preview).to_be_visible()
    page.locator("[name=reason]").fill("No bed")
    expect(save).not_to_have_attribute("aria-disabled", "true")

    # The last time without a new sample is picked, and left again.
    page.locator(".dm-choice", has_text=words["last"]).click()
    expect(end.get_by_role("button", name=words["nobody"])).to_be_visible()
    expect(preview).not_to_contain_text(words["stale"])
    assert Notification.objects.count() == 0

    move_to(page, hours_from_now(20))
    expect(preview).to_contain_text(words["stale"])
    save.click()
    expect(page.locator("section[aria-labelledby=gt] .dm-verdict")).to_have_text(words["verdict"])
    expect(page.locator("section[aria-labelledby=gt]")).to_contain_text(words["stale"])
    assert set(Notification.objects.values_list("role", flat=True)) == {"crc", "ward_nurse", "sub_i"}


def test_a_test_that_goes_stale_by_a_moved_dose_is_seen_before_saving_and_true_after_it(
    live_server: LiveServer, page: Page, house: House, tested: Participant, complaints: list[str]
) -> None:
    walk(page, live_server, house, tested, ENGLISH)
    assert complaints == []


@pytest.mark.browser_context_args(locale="zh-CN")
def test_the_same_in_chinese(
    live_server: LiveServer, page: Page, house: House, tested: Participant, complaints: list[str]
) -> None:
    User.objects.filter(pk=house["crc"].pk).update(language="zh-hans")
    walk(page, live_server, house, tested, CHINESE)
    assert complaints == []


def test_where_the_script_is_not_there_the_button_shows_what_the_time_brings_about(
    live_server: LiveServer, page: Page, house: House, tested: Participant
) -> None:
    page.route("**/tracker/plan*.js", lambda route: route.abort())
    sign_in(page, live_server, house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{tested.pk}/plan/lymphodepletion/")
    move_to(page, hours_from_now(20))
    page.locator("[name=reason]").fill("No bed")
    page.locator("button[name=show]").click()
    expect(page.locator("#plan-preview")).to_contain_text("Stale")
    page.locator("#plan-end button.dm-pri").click()
    expect(page.locator("section[aria-labelledby=gt] .dm-verdict")).to_have_text("Not yet")


@pytest.mark.parametrize("width", [390, 1360])
def test_planning_fits_every_window_and_every_finger(
    live_server: LiveServer, page: Page, house: House, tested: Participant, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, house["crc"])
    day, clock = hours_from_now(20).split()
    here = f"{live_server.url}/admin/tracker/participant/{tested.pk}/plan/"
    for path in (here, f"{here}lymphodepletion/?at_0={day}&at_1={clock}"):
        page.goto(path)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
        pressed = page.eval_on_selector_all(
            ".dm-whatif .dm-btn, .dm-choice", "found => found.map(each => each.getBoundingClientRect().height)"
        )
        assert min(height for height in pressed if height) >= (44 if width == 390 else 32)

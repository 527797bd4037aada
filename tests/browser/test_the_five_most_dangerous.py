"""The five most dangerous moments, walked in a real browser by the people whose work they are."""

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import PASSWORD, hours_from_now, may_sign_in, sign_in
from tests.browser.tongues import Tongue
from tests.builders import (
    CONSENTED,
    House,
    a_participant,
    collected_woman,
    employ,
    enrolled_woman,
    hcg,
    measured,
    plan,
    record,
    reviewed,
)
from tracker.models import Notification, Participant, User
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_page(page: Page, live_server: LiveServer, participant: Participant) -> Locator:
    """The participant's page; its gate."""
    page.goto(f"{live_server.url}/admin/tracker/participant/{participant.pk}/change/")
    return page.locator("section[aria-labelledby=gt]")


def verdict(gate: Locator) -> Locator:
    return gate.locator(".dm-verdict")


def roles_told(rung: str) -> set[str]:
    return set(Notification.objects.filter(alert__rung=rung).values_list("role", flat=True))


def test_a_positive_test_that_becomes_known_late_stops_the_first_dose_and_is_told(
    live_server: LiveServer, page: Page, house: House, complaints: list[str]
) -> None:
    participant = collected_woman(house)
    hcg(participant, house, hours_from_now(-30), hours_from_now(-27))
    record(participant, "serum_hcg", hours_from_now(-20), by=house["crc"])
    sign_in(page, live_server, house["crc"])
    gate = open_page(page, live_server, participant)
    gate.get_by_role("link", name="Enter the result").click()
    page.get_by_label("Positive").check()
    page.get_by_role("button", name="Save").click()
    expect(verdict(gate)).to_have_text("Not yet")
    expect(gate.get_by_role("button", name="Start lymphodepletion")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("region", name="Alerts", exact=True)).to_contain_text("needs your decision now")
    page.goto(f"{live_server.url}/admin/tracker/participant/{participant.pk}/step/lymphodepletion/")
    expect(page.get_by_text("Not allowed")).to_be_visible()
    expect(page.get_by_role("button", name="Record it and move RJ-001")).to_have_attribute("aria-disabled", "true")
    assert roles_told("review") == {"pi", "sub_i", "crc", "pharmacist"}
    assert complaints == []


def test_a_moved_plan_leaves_the_pregnancy_test_too_old_for_the_first_dose(
    live_server: LiveServer, page: Page, house: House, complaints: list[str]
) -> None:
    participant = collected_woman(house)
    hcg(participant, house, hours_from_now(-40), hours_from_now(-36))
    plan(participant, Step.LYMPHODEPLETION, hours_from_now(3), by=house["crc"], now=hours_from_now(0))
    sign_in(page, live_server, house["crc"])
    gate = open_page(page, live_server, participant)
    expect(verdict(gate)).to_have_text("Yes")
    page.get_by_role("region", name="Plan").get_by_role("link", name="Move…").first.click()
    day, clock = hours_from_now(20).split()
    page.get_by_label("Date").fill(day)
    page.get_by_label("Time of day").fill(clock)
    page.get_by_label("Reason").fill("No bed")
    expect(page.get_by_role("region", name="What is different afterwards")).to_contain_text("Stale")
    page.get_by_role("button", name="Save and tell 3 people").click()
    expect(verdict(gate)).to_have_text("Not yet")
    expect(gate).to_contain_text("Serum β-hCG negative within 48 h before the first dose")
    expect(gate.get_by_role("button", name="Sample drawn now")).to_be_visible()
    assert roles_told("no_sample") == {"crc", "ward_nurse", "sub_i"}
    assert complaints == []


def test_a_first_dose_reported_against_its_gate_holds_the_infusion_until_another_pi_signs(
    live_server: LiveServer, page: Page, house: House, complaints: list[str]
) -> None:
    participant = collected_woman(house)
    may_sign_in(employ(house, "pi", "second"))
    sign_in(page, live_server, house["pi"])
    open_page(page, live_server, participant).get_by_role("link", name="It has already happened: report it").click()
    page.get_by_label("Reason").fill("Given before anybody looked")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Report it; a deviation is drafted and people are told").click()
    expect(page.get_by_role("region", name="Hold")).to_contain_text("deviation not signed")
    assert roles_told("reported") == {"pi", "pharmacist", "crc"}
    page.get_by_role("link", name="Open the deviation").first.click()
    expect(page.get_by_text("You reported this yourself")).to_be_visible()
    expect(page.get_by_role("link", name="Sign and close…")).to_have_count(0)
    page.get_by_role("link", name="Write cause, impact and action").click()
    for label in ("Cause", "Impact", "Action taken"):
        page.get_by_role("textbox", name=label).fill("Written for the file")
    page.get_by_role("button", name="Save").click()
    record(participant, "lymphodepletion_completed", hours_from_now(0), by=house["ward_nurse"])
    sign_in(page, live_server, house["second"])
    gate = open_page(page, live_server, participant)
    expect(gate).to_contain_text("Start infusion?")
    expect(verdict(gate)).to_have_text("Not yet")
    page.get_by_role("link", name="Open the deviation").first.click()
    page.get_by_role("link", name="Sign and close…").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign, close, and release the steps it holds").click()
    expect(verdict(open_page(page, live_server, participant))).to_have_text("Yes")
    assert complaints == []


def test_a_transfusion_known_late_after_the_enrolment_stops_the_leukapheresis(
    live_server: LiveServer, page: Page, house: House, say: Tongue, complaints: list[str]
) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", hours_from_now(0), by=house["crc"])
    sign_in(page, live_server, house["ward_nurse"])
    gate = open_page(page, live_server, participant)
    expect(verdict(gate)).to_have_text(say("Yes"))
    page.goto(f"{live_server.url}/admin/tracker/participant/{participant.pk}/facts/add/transfusion/")
    page.get_by_label(say("Date"), exact=True).first.fill("2026-03-08")
    page.get_by_label(say("Time of day")).first.fill("14:00")
    page.get_by_role("button", name=say("Save")).click()
    expect(verdict(gate)).to_have_text(say("Not yet"))
    expect(gate).to_contain_text(say("No transfusion within 7 days before the eligibility assessment"))
    start = gate.get_by_role("button", name=say("Start leukapheresis"))
    expect(start).to_have_attribute("aria-disabled", "true")
    assert roles_told("invalidated") == {"pi", "crc"}
    assert complaints == []


@pytest.mark.browser_context_args(locale="zh-CN")
def test_unknown_childbearing_potential_does_not_pass(
    live_server: LiveServer, page: Page, house: House, complaints: list[str]
) -> None:
    User.objects.update(language="zh-hans")
    participant = a_participant(house)
    record(participant, "consent", CONSENTED, by=house["pi"])
    answers = {"diffuse_ssc": "yes", "refractory": "yes", "vascular_access": "adequate", "contraception_agreed": "yes"}
    for concept, value in (answers | {"lactating": "no"}).items():
        record(participant, concept, CONSENTED, value, by=house["pi"])
    measured(participant, house)
    reviewed(participant, house, hours_from_now(0))
    sign_in(page, live_server, house["sub_i"])
    gate = open_page(page, live_server, participant)
    expect(verdict(gate)).to_have_text("尚不可以")
    expect(gate).to_contain_text("共 22 项条件，2 项未满足。")
    for title in ("筛选期血清β-hCG阴性", "入组前7天内血清β-hCG阴性"):
        expect(gate.locator(".dm-row-missing")).to_contain_text([title])
    expect(gate.get_by_role("button", name="入组")).to_have_attribute("aria-disabled", "true")
    page.goto(f"{live_server.url}/admin/tracker/participant/{participant.pk}/facts/add/wocbp/")
    page.get_by_label("否", exact=True).check()
    page.locator("form.dm-form button.dm-pri").click()
    expect(verdict(gate)).to_have_text("是")
    assert complaints == []

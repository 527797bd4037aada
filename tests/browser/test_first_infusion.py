"""From the first sign-in to the first infusion, as somebody walks it who has never seen Daymark: each click counted.

The counts stand in docs/first-infusion.md, and are compared with what this walk takes.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from config.environment import BASE_DIR
from tests.browser.staff import PASSWORD
from tests.browser.walking import GIVEN, Counted, Walk
from tests.builders import House, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = {
    "diffuse_ssc": "yes", "refractory": "yes", "vascular_access": "adequate", "wocbp": "yes", "lactating": "no",
    "contraception_agreed": "yes",
}  # fmt: skip
SHEET = {
    "anc": "3.2", "alc": "1.1", "hb": "128", "plt": "210", "creatinine": "62", "alt": "22", "ast": "24",
    "tbil": "11.0", "inr": "1.02", "pt": "11.8", "weight": "61.5",
}  # fmt: skip
LIMITS = {"alt": "40", "ast": "40", "tbil": "20", "inr": "1.2", "pt": "13"}
CRC, PI, LAB = "rj-crc", "rj-pi", "rj-cell_lab"


def written() -> str:
    return (BASE_DIR / "docs" / "first-infusion.md").read_text("utf-8")


def table() -> dict[str, Counted]:
    """What the page of the docs says of each step."""
    text = written()
    rows = re.findall(r"^\| \d+ \| ([^|]+) \|[^|]*\|[^|]*\| (\d+) \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    return {name: Counted(int(clicks), int(fields), int(keys)) for name, clicks, fields, keys in rows}


def screen(walk: Walk) -> None:
    """The first day: from the door to everything that the laboratory says."""
    with walk.step("Sign in for the first time"):
        walk.enter(CRC)
    with walk.step("Register the participant"):
        walk.link("Register a participant")
        walk.type("subject_number", "RJ-001")
        walk.choose("sex", "female")
        walk.type("birth_date", "1990-01-15")
        walk.button("Register")
        walk.saved("Registered: RJ-001.")
    with walk.step("Consent"):
        record(walk, "Informed consent signed", detail="1.0")
    with walk.step("Eligibility answers"):
        walk.link("Answer the questions")
        for concept, value in ANSWERS.items():
            walk.choose(concept, value)
        walk.button("Save")
        walk.saved("6 answers recorded.")
    with walk.step("β-hCG sample"):
        walk.button("Sample drawn now")
        walk.saved("Sample recorded: Serum β-hCG")
    with walk.step("Heart"):
        record(walk, "Left ventricular ejection fraction", value="63")
    walk.wait_until("2026-03-02 16:00")
    with walk.step("Laboratory panel"):
        walk.link("Enter results")
        walk.type("at_1", "09:30")
        for concept, value in SHEET.items():
            walk.type(f"{concept}.value", value)
            if concept in LIMITS:
                walk.type(f"{concept}.upper_limit", LIMITS[concept])
        walk.button("Save the panel")
        walk.saved("11 results recorded.")
    with walk.step("β-hCG result"):
        result(walk)


def result(walk: Walk) -> None:
    walk.link("Enter the result")
    walk.choose("value", "negative")
    walk.button("Save")
    walk.saved("Result recorded: Serum β-hCG.")


def come_back(walk: Walk, when: str, who: str = CRC) -> None:
    """Another day begins."""
    walk.wait_until(when)
    with walk.step("Each later day: sign in"):
        walk.come_back(who)
    with walk.step("Each later day: find the participant"):
        walk.find("RJ-001")


def look_back(walk: Walk) -> None:
    walk.link("Document look-back")
    walk.button("None since the last look")
    walk.saved("3 look-backs documented.")


def plan(walk: Walk, step: str, day: str, clock: str) -> None:
    walk.click(walk.page.locator(".dm-plan").filter(has_text=step).get_by_role("link", name="Plan…"))
    walk.type("at_0", day)
    walk.type("at_1", clock)
    walk.page.locator("[name='at_1']").press("Tab")
    walk.click(walk.page.locator("#plan-end button.dm-pri"))
    walk.page.wait_for_url("**/change/")


def take(walk: Walk, step: str, *, signed: bool) -> None:
    walk.click(walk.page.get_by_role("region", name=f"{step}?").locator(".dm-foot").get_by_role("link", name=step))
    if signed:
        walk.type("password", PASSWORD)
    walk.click(walk.page.locator("form.dm-form button.dm-pri"))
    walk.page.wait_for_url("**/change/")


def record(walk: Walk, what: str, **typed: str) -> None:
    walk.link(f"Record: {what}")
    for name, text in typed.items():
        walk.type(name, text)
    walk.button("Save")
    walk.saved(f"Recorded: {what}.")


def enrol(walk: Walk) -> None:
    """The coordinator looks back on the day; the principal investigator signs."""
    come_back(walk, "2026-03-04 09:00")
    with walk.step("Look-backs"):
        look_back(walk)
    walk.wait_until("2026-03-04 09:30")
    with walk.step("Principal investigator: sign in for the first time"):
        walk.enter(PI)
    with walk.step("Enrol, with signature"):
        walk.find("RJ-001")
        take(walk, "Enrol", signed=True)


def collect(walk: Walk) -> None:
    """Leukapheresis, and the product made of it."""
    come_back(walk, "2026-03-11 09:00")
    with walk.step("Look-back for infections"):
        look_back(walk)
    with walk.step("Start leukapheresis"):
        take(walk, "Start leukapheresis", signed=False)
    walk.wait_until("2026-03-11 13:00")
    with walk.step("Leukapheresis completed"):
        record(walk, "Leukapheresis completed")
    walk.wait_until("2026-04-01 10:00")
    with walk.step("Cell laboratory: sign in for the first time"):
        walk.enter(LAB)
    with walk.step("Product released"):
        walk.find("RJ-001")
        record(walk, "Product released")


def infuse(walk: Walk) -> None:
    """Lymphodepletion within 48 hours of a negative test, then the infusion."""
    come_back(walk, "2026-04-03 09:00")
    with walk.step("Plan lymphodepletion"):
        plan(walk, "Start lymphodepletion", "2026-04-07", "09:00")
    come_back(walk, "2026-04-06 09:00")
    with walk.step("β-hCG sample within 48 hours"):
        walk.button("Sample drawn now")
    walk.wait_until("2026-04-06 15:00")
    with walk.step("Its result"):
        result(walk)
    come_back(walk, "2026-04-07 09:00")
    with walk.step("Start lymphodepletion, with signature"):
        take(walk, "Start lymphodepletion", signed=True)
    come_back(walk, "2026-04-10 10:00")
    with walk.step("Lymphodepletion completed"):
        record(walk, "Lymphodepletion completed")
    with walk.step("Plan the infusion"):
        plan(walk, "Start infusion", "2026-04-12", "10:00")
    come_back(walk, "2026-04-12 10:00")
    with walk.step("Start infusion, with signature"):
        take(walk, "Start infusion", signed=True)
    expect(walk.page.get_by_role("listitem").filter(has_text="Infusion · now")).to_be_visible()


def given_passwords(house: House) -> None:
    """As people are who were just added."""
    for person in house.staff.values():
        person.set_password(GIVEN)
        person.must_choose_password = True
        person.save()


STRETCHES: tuple[Callable[[Walk], None], ...] = (screen, enrol, collect, infuse)


def test_a_new_coordinator_reaches_the_first_infusion_in_as_many_clicks_as_are_written_down(
    live_server: LiveServer, page: Page, house: House, complaints: list[str], settings: Any
) -> None:
    settings.CODES_ARE_FORCED = True
    given_passwords(house)
    with time_machine.travel(at("2026-03-02 09:00"), tick=True) as clock:
        walk = Walk(page, live_server.url, clock)
        walk.wait_until("2026-03-02 09:00")
        for stretch in STRETCHES:
            stretch(walk)
    assert walk.steps == table()
    said = f"In all {walk.total.clicks} clicks, {walk.total.fields} fields and {walk.total.keys} keys"
    assert said in written()
    assert complaints == []

"""A woman's whole way from the consent to the follow-up, walked through the pages by the people whose work it is."""

import pytest
from playwright.sync_api import expect

from tests.browser.turns import Turns
from tests.builders import LABORATORY
from tracker.models import Deviation, RecordedFact

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HAPPENED = (
    "Informed consent signed", "Enrolment", "Leukapheresis started", "Leukapheresis completed",
    "Manufacturing started", "Product released", "First dose of lymphodepletion", "Further dose of lymphodepletion",
    "Lymphodepletion completed", "Infusion started", "Infusion completed", "Follow-up started",
)  # fmt: skip
"""What the timeline tells of at the end, in the order in which it happened."""


def test_a_woman_is_walked_from_the_consent_to_the_follow_up(walk: Turns, complaints: list[str]) -> None:
    is_registered(walk)
    consents_and_is_asked(walk)
    is_measured(walk)
    is_enrolled(walk)
    is_collected_from(walk)
    is_given_back_her_cells(walk)
    walk.stands_in("Follow-up")
    assert told_by_the_timeline(walk) == [walk.say(event) for event in HAPPENED]
    expect(walk.page.get_by_role("region", name=walk.say("Deviations"))).to_have_count(0)
    assert not Deviation.objects.exists()
    assert not RecordedFact.objects.exclude(reason="").exists(), "nothing had to be corrected on the way"
    assert complaints == []


def is_registered(walk: Turns) -> None:
    page, say = walk.page, walk.say
    walk.it_is("2026-03-02 09:00")
    walk.arrive("crc")
    page.get_by_role("link", name=say("Register a participant")).click()
    page.get_by_label(say("Subject number"), exact=True).fill("RJ-001")
    page.get_by_label(say("Female"), exact=True).check()
    page.get_by_label(say("Date of birth"), exact=True).fill("1990-01-15")
    walk.press("Register")
    walk.is_back()
    walk.stands_in("Screening")


def consents_and_is_asked(walk: Turns) -> None:
    walk.follow("Record: %s", walk.say("Informed consent signed"))
    walk.page.get_by_label(walk.say("Version of the consent form (ICF)")).fill("ICF 1.0")
    walk.save()
    walk.plan("Enrol", "2026-03-09 10:00")
    walk.turn("2026-03-02 10:00", "pi")
    walk.answer({"Diffuse systemic sclerosis, 2013 ACR criteria met": "Yes", "Refractory disease": "Yes"})
    walk.turn("2026-03-02 11:00", "apheresis_nurse")
    walk.answer({"Vascular access for leukapheresis": "Adequate"})
    walk.turn("2026-03-02 11:30", "sub_i")
    attested = {"Woman of childbearing potential": "Yes", "Undertaking of contraception or abstinence": "Yes"}
    walk.answer({**attested, "In lactation": "No"})


def is_measured(walk: Turns) -> None:
    page, say = walk.page, walk.say
    walk.turn("2026-03-04 16:00", "crc")
    is_tested_this_morning(walk)
    walk.follow("Enter results")
    page.locator("[name=at_1]").fill("08:00")
    for concept, value, _unit, limit in LABORATORY:
        page.locator(f"[name='{concept}.value']").fill(value)
        if limit:
            page.locator(f"[name='{concept}.upper_limit']").fill(limit)
    page.locator("[name='weight.value']").fill("61")
    page.locator("form.dm-entry button.dm-pri").click()
    walk.is_back()
    walk.follow("Record: %s", say("Left ventricular ejection fraction"))
    page.get_by_label(say("Value"), exact=True).fill("63")
    walk.save()


def is_tested_this_morning(walk: Turns) -> None:
    """Sample and result are entered together in the afternoon; before the first dose each is when it comes."""
    walk.follow("Sample with its time…")
    walk.page.locator("[name=at_1]").fill("08:00")
    walk.page.get_by_label(walk.say("Negative"), exact=True).check()
    walk.page.locator("[name=resulted_at_0]").fill("2026-03-04")
    walk.page.locator("[name=resulted_at_1]").fill("12:00")
    walk.save()


def is_enrolled(walk: Turns) -> None:
    page, say = walk.page, walk.say
    walk.turn("2026-03-09 08:30", "crc")
    page.get_by_role("link", name=say("Enter a fact")).first.click()
    page.get_by_role("link", name=say("Open the therapy table")).click()
    page.get_by_label(say("What it was")).first.select_option(label=say("Medication"))
    page.get_by_label(say("Name or agent")).first.fill("prednisone")
    page.locator("[name='1.at_0']").fill("2025-06-01")
    walk.save()
    walk.follow("Document look-back")
    walk.press("None since the last look")
    walk.is_back()
    walk.turn("2026-03-09 10:00", "pi")
    walk.take("Enrol", "Enrolled", signs=True)


def is_collected_from(walk: Turns) -> None:
    walk.turn("2026-03-16 08:00", "sub_i")
    walk.record_from_the_menu("Look-back for infections")
    walk.turn("2026-03-16 09:00", "apheresis_nurse")
    walk.take("Start leukapheresis", "Leukapheresis", signs=False)
    walk.turn("2026-03-16 13:00", "apheresis_nurse")
    walk.record("Leukapheresis completed")
    walk.turn("2026-03-17 09:00", "cell_lab")
    walk.record_from_the_menu("Manufacturing started")
    walk.turn("2026-04-03 10:00", "cell_lab")
    walk.record("Product released")


def is_given_back_her_cells(walk: Turns) -> None:
    walk.turn("2026-04-03 11:00", "crc")
    walk.plan("Start lymphodepletion", "2026-04-09 09:00")
    walk.test_blood("2026-04-08 10:00", "2026-04-08 13:00")
    walk.turn("2026-04-09 09:00", "ward_nurse")
    walk.take("Start lymphodepletion", "Lymphodepletion", signs=True)
    walk.turn("2026-04-10 09:00", "ward_nurse")
    walk.record_from_the_menu("Further dose of lymphodepletion")
    walk.turn("2026-04-11 15:00", "ward_nurse")
    walk.record("Lymphodepletion completed")
    walk.turn("2026-04-14 10:00", "pi")
    walk.take("Start infusion", "Infusion", signs=True)
    walk.turn("2026-04-14 10:40", "ward_nurse")
    walk.record("Infusion completed")
    walk.turn("2026-04-15 09:00", "crc")
    walk.take("Start follow-up", "Follow-up", signs=False)


def told_by_the_timeline(walk: Turns) -> list[str]:
    """Of the events above, those that the timeline's table tells of, from the first to the last."""
    twin, wanted = walk.page.locator(".dm-twin"), {walk.say(event) for event in HAPPENED}
    if not twin.evaluate("each => each.open"):
        twin.locator("summary").click()
    told = twin.locator("tr[data-item] td:nth-child(3)").all_inner_texts()
    return [each for each in told if each in wanted]

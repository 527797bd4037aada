"""The infusion is cancelled after the lymphodepletion: a second course has a pregnancy test of its own."""

import pytest
from playwright.sync_api import expect

from tests.browser.turns import Turns
from tests.builders import CONDITIONED, collected_woman, hcg, record, take
from tracker.models import Deviation
from workflow.stages import Step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEST = "Serum β-hCG negative within 48 h before the first dose"


def lymphodepletion_is_over(walk: Turns) -> None:
    """A woman whose first course, tested for, is complete."""
    house = walk.house
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-11 15:00", by=house["ward_nurse"])


def test_after_a_cancelled_infusion_a_second_course_needs_a_new_test_and_is_given(
    walk: Turns, complaints: list[str]
) -> None:
    lymphodepletion_is_over(walk)
    walk.turn("2026-04-13 09:00", "pi")
    walk.is_next("Start infusion")
    walk.verdict_is("Yes")
    walk.record_from_the_menu("Infusion cancelled")
    she_waits_and_her_old_test_no_longer_serves(walk)
    walk.plan("Start lymphodepletion", "2026-04-25 09:00")
    walk.test_blood("2026-04-24 10:00", "2026-04-24 13:00")
    walk.turn("2026-04-25 09:00", "ward_nurse")
    walk.take("Start lymphodepletion", "Lymphodepletion", signs=True)
    walk.turn("2026-04-27 15:00", "ward_nurse")
    walk.is_next("Start infusion")
    walk.record("Lymphodepletion completed")
    walk.turn("2026-04-30 10:00", "pi")
    walk.take("Start infusion", "Infusion", signs=True)
    assert not Deviation.objects.exists()
    assert complaints == []


def she_waits_and_her_old_test_no_longer_serves(walk: Turns) -> None:
    walk.is_next("Start lymphodepletion")
    walk.verdict_is("Not yet")
    stale = walk.gate.locator("li.dm-row-stale")
    expect(stale).to_have_count(1)
    expect(stale).to_contain_text(walk.say(TEST))
    expect(stale).to_contain_text(walk.say("Stale"))
    expect(walk.gate.get_by_role("button", name=walk.say("Start lymphodepletion"))).to_be_disabled()
    infusion = walk.page.get_by_role("region", name=walk.say("Other steps"))
    infusion.get_by_role("heading").click()
    infusion.get_by_role("link", name=walk.say("Start infusion")).click()
    expect(walk.gate.locator(".dm-verdict")).to_have_text(walk.say("Not allowed"))
    walk.page.get_by_role("link", name=walk.say("Back without saving")).click()

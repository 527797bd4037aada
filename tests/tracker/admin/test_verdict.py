"""The foot of the next gate: a button only where it may be pressed, else why not, who may, and until when."""

import re
from dataclasses import replace

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    House,
    a_participant,
    at,
    collected_woman,
    consented,
    enrolled_woman,
    hcg,
    plan,
    record,
    screened_man,
    take,
)
from tests.tracker.admin.conftest import Enter
from tests.workflow.builders import RELMA
from tracker.admin.gate_card import Reader
from tracker.admin.verdict import verdict_of
from tracker.evaluation import evaluate_participant
from tracker.models import Participant
from tracker.wording import Voice
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.stages import Step

BEFORE, TONIGHT = "2026-04-08 09:50", "2026-04-08 20:00"


def foot(client: Client, participant: Participant) -> str:
    """The card of the next step, from its foot on."""
    html = client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()
    card = html[html.index('aria-labelledby="gt"') :]
    card = card[: card.index("</section>")]
    return re.sub(r"\s+", " ", card[card.index('<div class="dm-foot">') :])


def has_button(foot: str) -> bool:
    """Whether the step can be started from here; else the button is there, can be reached, and says why it is not."""
    refused = 'aria-disabled="true" aria-describedby="why"' in foot
    assert refused != ("dm-pri" in foot)
    assert 'id="why"' in foot
    return not refused


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose is planned for tomorrow; nothing is recorded for it yet."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-01 10:00")
    clock.move_to(at(BEFORE))
    return participant


def test_a_step_that_may_start_says_until_when(house: House, waiting: Participant, crc: Client) -> None:
    hcg(waiting, house, "2026-04-07 10:00", "2026-04-07 13:00")
    html = foot(crc, waiting)
    assert has_button(html)
    assert "It may start until Thu 9 Apr 10:00." in html


def test_a_step_that_may_not_start_says_what_is_open_and_that_it_can_clear_in_time(
    waiting: Participant, crc: Client
) -> None:
    html = foot(crc, waiting)
    assert not has_button(html)
    assert "1 of 2 conditions are open." in html
    assert "It can clear before Thu 9 Apr 09:00." in html
    assert "Who may take this step, and signs it: Principal investigator, Sub-investigator, Study coordinator" in html
    assert "report it" in html


def test_who_may_not_take_the_step_is_told_who_may(house: House, waiting: Participant, enter: Enter) -> None:
    hcg(waiting, house, "2026-04-07 10:00", "2026-04-07 13:00")
    html = foot(enter(house["monitor"]), waiting)
    assert not has_button(html)
    assert "All 2 conditions are met or do not apply." in html
    assert "Ward nurse" in html
    assert "report it" not in html


def test_a_start_that_only_the_plan_forbids_is_offered_before_the_plan(
    house: House, waiting: Participant, crc: Client
) -> None:
    hcg(waiting, house, "2026-04-06 11:00", "2026-04-06 14:00")
    html = foot(crc, waiting)
    assert not has_button(html)
    assert "A start now would be allowed, until Wed 8 Apr 11:00." in html
    assert "Start now, before the plan" in html


def test_a_start_that_is_allowed_as_planned_but_not_now_cannot_be_pressed_now(
    house: House, waiting: Participant
) -> None:
    hcg(waiting, house, "2026-04-07 10:00", "2026-04-07 13:00")
    evaluation = evaluate_participant(waiting, as_of=at(BEFORE))
    later = Finding(Outcome.FAIL, Reason.EVENT_IN_WINDOW, clearing=Clearing(Remedy.WAIT_UNTIL, starts_from=at(TONIGHT)))
    now = replace(evaluation.gates[Step.LYMPHODEPLETION], findings=(later,))
    held_up = replace(evaluation, gates={**evaluation.gates, Step.LYMPHODEPLETION: now})
    reader = Reader(Voice(RELMA, waiting.zone, "en", at(BEFORE)), waiting, lambda _action: True)
    verdict = verdict_of(reader, held_up, evaluation.planned_gate(Step.LYMPHODEPLETION))
    assert verdict
    assert verdict.button is None
    assert verdict.why == ("As planned it may start; not now.", "Not before Wed 8 Apr 20:00.")


def test_a_transfusion_says_from_when_the_enrolment_may_start(house: House, crc: Client) -> None:
    participant = screened_man(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"])
    assert "Not before Mon 16 Mar 00:00." in foot(crc, participant)


def test_who_is_too_old_is_told_that_nothing_clears_it(house: House, crc: Client) -> None:
    participant = a_participant(house, born="1950-01-15")
    consented(participant, house)
    html = foot(crc, participant)
    assert not has_button(html)


def test_a_held_step_waits_for_whoever_ends_the_hold(house: House, waiting: Participant, crc: Client) -> None:
    hcg(waiting, house, "2026-04-07 10:00", "2026-04-07 13:00")
    record(waiting, "hold", "2026-04-08 09:00", by=house["pi"], detail="Fever")
    html = foot(crc, waiting)
    assert not has_button(html)
    assert "1 of 3 conditions are open." in html


def test_the_second_lymphodepletion_has_its_own_gate(house: House, waiting: Participant, crc: Client) -> None:
    hcg(waiting, house, "2026-04-07 10:00", "2026-04-07 13:00")
    take(waiting, Step.LYMPHODEPLETION, "2026-04-08 09:30", by=house["ward_nurse"])
    record(waiting, "lymphodepletion_completed", "2026-04-08 09:40", by=house["ward_nurse"])
    record(waiting, "infusion_cancelled", "2026-04-08 09:45", by=house["ward_nurse"])
    html = foot(crc, waiting)
    assert "Start lymphodepletion" in html
    assert "It may start until Thu 9 Apr 10:00." in html


def test_a_journey_that_ended_says_since_when_and_what_can_still_be_done(house: House, crc: Client) -> None:
    participant = enrolled_woman(house)
    take(participant, Step.WITHDRAW, "2026-03-09 10:00", by=house["crc"], reason="Moves away")
    html = crc.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()
    assert "No step comes next" in html
    assert "Withdrawn since Mon 9 Mar 10:00. Facts can still be recorded and corrected." in html


def test_a_step_that_no_gate_guards_is_offered_to_whoever_may_take_it(
    house: House, waiting: Participant, crc: Client, enter: Enter, clock: time_machine.Traveller
) -> None:
    hcg(waiting, house, "2026-04-07 10:00", "2026-04-07 13:00")
    take(waiting, Step.LYMPHODEPLETION, "2026-04-08 09:00", by=house["ward_nurse"])
    record(waiting, "lymphodepletion_completed", "2026-04-10 09:00", by=house["ward_nurse"])
    take(waiting, Step.INFUSION, "2026-04-14 10:00", by=house["pi"])
    record(waiting, "infusion_completed", "2026-04-14 10:30", by=house["ward_nurse"])
    take(waiting, Step.FOLLOW_UP, "2026-04-15 10:00", by=house["crc"])
    clock.move_to(at("2026-04-20 10:00"))
    assert has_button(foot(enter(house["crc"]), waiting))
    assert not has_button(foot(enter(house["monitor"]), waiting))


def test_the_next_stage_shows_in_the_stepper_why_it_waits(waiting: Participant, crc: Client) -> None:
    html = crc.get(reverse("admin:tracker_participant_change", args=[waiting.pk])).content.decode()
    steps = html[html.index('class="dm-steps"') :]
    steps = steps[: steps.index("</ol>")]
    assert steps.count('href="#stale"') == 1


def test_of_many_open_conditions_what_is_to_be_done_stands_above_them_once(crc: Client, house: House) -> None:
    woman = a_participant(house)
    html = crc.get(reverse("admin:tracker_participant_change", args=[woman.pk])).content.decode()
    above = html[html.index('class="dm-shortcuts"') : html.index('<ol class="dm-gate">')]
    panel = reverse("admin:tracker_panel", args=[woman.pk])
    assert above.count(f'href="{panel}"') == 1
    assert "for 10 conditions" in above
    assert above.count("dm-pri") == 1


def test_a_few_open_conditions_are_taken_in_at_a_glance(crc: Client, house: House) -> None:
    man = screened_man(house)
    assert "dm-shortcuts" not in crc.get(reverse("admin:tracker_participant_change", args=[man.pk])).content.decode()

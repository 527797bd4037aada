"""Today around its list: whose work and which site it shows, how everybody stands, how fresh it is, how to begin."""

import re

import time_machine
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    House,
    a_house,
    a_participant,
    at,
    collected_woman,
    employ,
    fresh,
    hcg,
    plan,
    record,
    screened_man,
    take,
)
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.today_page import NOW, rows, shown
from tracker.models import Heartbeat, Participant, Study
from workflow.stages import Step


def test_mine_is_what_is_told_to_my_roles_and_everyone_is_one_click_away(
    waiting: Participant, house: House, enter: Enter
) -> None:
    nurse = enter(house["apheresis_nurse"])
    body = shown(nurse)
    assert rows(body) == []
    assert "Nothing is to be done by your roles." in body
    assert "Show the 1 thing of everyone" in body
    assert "RJ-001" in body, "nobody is lost: the board shows everybody"
    assert len(rows(shown(nurse, whose="everyone"))) == 1
    assert len(rows(shown(enter(house["pharmacist"])))) == 1


def test_what_was_chosen_stands_in_the_address_and_is_remembered(
    waiting: Participant, house: House, enter: Enter
) -> None:
    nurse = enter(house["apheresis_nurse"])
    assert rows(shown(nurse, whose="everyone"))
    body = shown(nurse)
    assert rows(body)
    assert "whose=everyone" in body.split('data-refresh-url="')[1].split('"')[0]
    assert not rows(shown(nurse, whose="mine"))
    assert not rows(shown(nurse))
    assert not rows(shown(enter(house["apheresis_nurse"]))), "another sitting begins with one's own work"


def test_a_site_and_a_study_can_be_chosen_and_what_is_no_choice_of_mine_shows_nothing_of_others(
    waiting: Participant, house: House, enter: Enter
) -> None:
    there = a_house("PD", study=house.study)
    a_participant(there, "PD-001", now=NOW)
    other = Study.objects.create(code="SECOND", title="S", protocol_id="relma-cel-ssc", target_number=9)
    third = a_house("ZS", study=other)
    a_participant(third, "ZS-001", now=NOW)
    for place in (there, third):
        employ(place, "crc", "both" if place is there else "both-2", user=house["crc"])
    crc = enter(house["crc"])
    everybody = shown(crc, whose="everyone", site="", study="")
    assert [number in everybody for number in ("RJ-001", "PD-001", "ZS-001")] == [True] * 3
    of_site = shown(crc, site=str(there.site.pk), study="")
    assert [number in of_site for number in ("RJ-001", "PD-001", "ZS-001")] == [False, True, False]
    of_study = shown(crc, study=str(other.pk), site="")
    assert [number in of_study for number in ("RJ-001", "PD-001", "ZS-001")] == [False, False, True]
    nobodys = shown(enter(house["pi"]), site=str(there.site.pk))
    assert "PD-001" not in nobodys
    assert shown(crc, site="'; --", study="9" * 40, page="x", whose="all")


def test_the_board_shows_everybody_with_the_worst_state_in_a_word_and_how_far_the_study_is(
    waiting: Participant, house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    hcg(waiting, house, "2026-04-08 08:00", "2026-04-08 12:00")
    take(waiting, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"])
    record(waiting, "lymphodepletion_completed", "2026-04-11 15:00", by=house["crc"])
    take(waiting, Step.INFUSION, "2026-04-14 10:00", by=house["pi"])
    record(waiting, "infusion_completed", "2026-04-14 11:00", by=house["crc"])
    clock.move_to(at("2026-04-14 12:00"))
    a_participant(house, "RJ-002", now="2026-04-14 12:00")
    plan(screened_man(house, "RJ-003"), Step.ENROL, "2026-04-15 10:00", by=house["crc"], now="2026-04-14 12:00")
    body = shown(enter(house["crc"]))
    assert "<b>1 of 6</b> infused" in body
    chips = dict(re.findall(r'<b>(RJ-\d+)</b> <span class="dm-chip-words dm-(\w+)">', body))
    assert chips == {"RJ-001": "missing", "RJ-002": "missing", "RJ-003": "stale"}
    assert "2 open" in body


def test_the_counts_are_of_the_own_site_only(waiting: Participant, house: House, enter: Enter) -> None:
    crc = enter(house["crc"])
    before = shown(crc)
    there = a_house("PD", study=house.study)
    other = collected_woman(there, "PD-001")
    plan(other, Step.LYMPHODEPLETION, "2026-04-08 09:00", by=there["crc"], now=NOW)
    assert shown(crc) == before


def test_the_page_asks_for_itself_without_its_frame_and_says_when_that_was(
    waiting: Participant, house: House, enter: Enter
) -> None:
    Heartbeat.objects.create(name="sweep", at=at("2026-04-07 09:59"))
    live = enter(house["crc"]).get(reverse("admin:tracker_today"), headers={"X-Daymark-Poll": "1"}).content.decode()
    assert "<html" not in live
    assert rows(live) == [("RJ-001", "Draw a sample: Serum β-hCG")]
    assert 'data-refreshed-at="10:00:00"' in live
    assert "60 s ago" in live
    assert fresh(waiting).reassess_after == at("2026-04-07 18:00"), "the next reminder of the ladder"
    assert "Next change by itself Tue 7 Apr 18:00 (RJ-001)" in live
    assert "Not checked since" not in live


def test_while_the_check_is_late_the_page_that_refreshes_itself_says_so_as_well(
    waiting: Participant, house: House, enter: Enter
) -> None:
    Heartbeat.objects.create(name="sweep", at=at("2026-04-07 09:50"))
    live = enter(house["crc"]).get(reverse("admin:tracker_today")).content.decode()
    assert "Not checked since 09:50:00 (UTC+8): reminders may be late." in live
    assert shown(enter(house["crc"])).count("Not checked since") == 1


def test_before_anybody_takes_part_the_page_says_how_to_begin(house: House, enter: Enter) -> None:
    body = shown(enter(house["crc"]))
    assert "Nobody takes part yet" in body
    assert reverse("admin:tracker_participant_add") in body
    assert reverse("admin:tracker_participant_add") not in shown(enter(house["monitor"]))


def test_where_nothing_is_to_be_done_the_page_says_what_to_plan(
    waiting: Participant, house: House, enter: Enter
) -> None:
    take(waiting, Step.RECORD_DEATH, "2026-04-07 09:50", by=house["pi"])
    assert "Open a participant and plan the next step" in shown(enter(house["crc"]))

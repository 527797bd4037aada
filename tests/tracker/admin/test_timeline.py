"""The timeline on a participant's page: both pictures and the table, at the site's time, now and as known then."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import CONDITIONED, House, a_house, a_participant, at, collected_woman, hcg, plan, record
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant, User
from workflow.stages import Step


def card(client: Client, participant: Participant, known: str = "") -> str:
    url = reverse("admin:tracker_participant_change", args=[participant.pk])
    html = client.get(f"{url}?known={known}" if known else url).content.decode()
    card = html[html.index('aria-labelledby="tm"') :]
    return card[: card.index("</section>")]


def drawn(card: str, name: str) -> set[str]:
    picture = card[card.index(f"dm-tl-{name}") :]
    return set(re.findall(r'data-item="(\d+)"', picture[: picture.index("</svg>\n")]))


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose was moved by a day, so that her test is too old; it is the day before."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-06 10:00", "2026-04-06 13:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-08 09:00", by=house["crc"], now="2026-04-01 10:00")
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00", reason="No bed")
    clock.move_to(at("2026-04-08 09:50"))
    return participant


def test_both_pictures_show_what_the_table_tells(waiting: Participant, crc: Client) -> None:
    html = card(crc, waiting)
    told = set(re.findall(r'<tr data-item="(\d+)">', html))
    assert drawn(html, "desk") == drawn(html, "phone") == told
    assert html.count('<tr class="dm-present">') == 1
    assert "valid until Wed 8 Apr 10:00, too old at the start" in html
    assert "moved to Thu 9 Apr 09:00" in html


def test_each_picture_is_one_image_with_a_name(waiting: Participant, crc: Client) -> None:
    html = card(crc, waiting)
    assert (
        len(re.findall(r'<svg class="dm-tl dm-tl-\w+" viewBox="0 0 \d+ [\d.]+" role="img" aria-label="RJ-001', html))
        == 2
    )


def test_the_timeline_is_chinese_for_a_chinese_reader(waiting: Participant, crc: Client) -> None:
    User.objects.update(language="zh-hans")
    html = card(crc, waiting)
    assert "时间轴" in html
    assert "现在 09:50" in html
    assert not re.findall(
        r"happened|planned|moved to|valid until|wanted", re.sub(r'class="[^"]*"|href="[^"]*"', "", html)
    )


def test_as_known_then_it_shows_what_was_known_then(waiting: Participant, crc: Client) -> None:
    html = card(crc, waiting, "2026-04-02T09:00")
    assert "moved to" not in html
    assert "now 09:00" in html
    assert "Mon 6 Apr 10:00" not in html


def test_before_anything_is_recorded_there_is_only_the_screening(house: House, crc: Client) -> None:
    html = card(crc, a_participant(house))
    assert html.count("<tr data-item=") == 1
    assert "Screening" in html


def test_in_the_hour_that_the_clock_shows_twice_the_table_says_which(
    enter: Enter, clock: time_machine.Traveller
) -> None:
    berlin = a_house("BER", zone="Europe/Berlin")
    clock.move_to(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    client = enter(berlin["crc"])
    html = card(client, a_participant(berlin, "BER-001", now="2026-10-20 10:00"))
    assert "Sun 25 Oct 02:30 CET" in html
    assert "(UTC+1)" in html


def test_a_withdrawn_fact_is_not_on_the_timeline(house: House, waiting: Participant, crc: Client) -> None:
    fact = record(waiting, "transfusion", "2026-04-08 09:00", by=house["crc"])
    assert "<td>Blood transfusion</td>" in card(crc, waiting)
    crc.post(reverse("admin:tracker_fact_withdraw", args=[waiting.pk, fact.pk]), {"reason": "another participant"})
    assert "<td>Blood transfusion</td>" not in card(crc, waiting)

"""A participant's page: corrections, the journal narrowed down, past decisions, explanations, and what it costs."""

import csv
import io
import re
from collections import Counter

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    House,
    a_participant,
    at,
    collected_woman,
    enrolled_woman,
    plan,
    record,
    take,
)
from tests.tracker.admin.conftest import Enter
from tracker.models import Alert, Participant
from tracker.services import facts
from tracker.services.facts import FactEntry
from workflow.stages import Step

MOST_QUERIES = 30
LATER = "2026-04-08 09:50"


def page(client: Client, participant: Participant, **asked: str) -> str:
    url = reverse("admin:tracker_participant_change", args=[participant.pk])
    return re.sub(r"\s+", " ", client.get(url, asked).content.decode())


def part(html: str, name: str) -> str:
    """One card of the page."""
    card = html[html.index(f'aria-labelledby="{name}"') :]
    return card[: card.index("</section>")]


def saved(client: Client, participant: Participant, **asked: str) -> list[list[str]]:
    url = reverse("admin:tracker_journal_export", args=[participant.pk])
    return list(csv.reader(io.StringIO(client.get(url, asked).getvalue().decode("utf-8-sig"))))


@pytest.fixture
def weighed(house: House, crc: Client) -> Participant:
    """Somebody whose weight was entered with its digits swapped, and corrected."""
    participant = a_participant(house)
    weight = record(participant, "weight", "2026-03-04 08:10", "76", unit="kg", by=house["crc"])
    facts.correct_fact(
        fact=weight, entry=FactEntry(concept="weight", at=weight.at, value="67", unit="kg"), reason="=digits swapped",
        by=house["crc"], now=at("2026-03-05 09:00"),
    )  # fmt: skip
    return participant


def test_a_correction_strikes_the_old_value_through_and_leads_to_both_versions(
    weighed: Participant, crc: Client
) -> None:
    html = page(crc, weighed)
    journal = part(html, "jn")
    assert "<b>Corrected: Body weight</b> <del>76 kg</del> → <b>67 kg</b> Wed 4 Mar 08:10, “=digits swapped”" in journal
    (target,) = re.findall(r'href="#(fact-[\w-]+)">all versions', journal)
    assert f'id="{target}"' in part(html, "fc")
    assert "<del>76 kg, Wed 4 Mar 08:10</del> →" in part(html, "fc")


def test_a_result_that_completes_its_sample_is_no_correction(house: House, crc: Client) -> None:
    participant = a_participant(house)
    sample = record(participant, "serum_hcg", "2026-03-04 08:00", by=house["crc"])
    facts.record_result(
        fact=sample, value="negative", resulted_at=at("2026-03-04 12:00"), by=house["crc"], now=at("2026-03-04 12:00")
    )
    journal = part(page(crc, participant), "jn")
    assert "<del>" not in journal
    assert "all versions" not in journal


@pytest.mark.parametrize(
    ("kind", "shown", "hidden"),
    [
        ("fact", "Body weight", "Planned: Enrolment"),
        ("plan", "Planned: Enrolment", "Body weight"),
        ("correction", "Corrected: Body weight", "Planned: Enrolment"),
        ("step", "Nothing of this kind yet.", "Body weight"),
    ],
)
def test_the_journal_is_narrowed_down_on_the_page_and_in_the_file(
    weighed: Participant, crc: Client, kind: str, shown: str, hidden: str
) -> None:
    by = weighed.facts.latest("pk").recorded_by
    plan(weighed, Step.ENROL, "2026-03-12 10:00", by=by, now="2026-03-06 09:00")
    journal = part(page(crc, weighed, journal=kind), "jn")
    assert shown in journal
    assert hidden not in journal
    assert f"export/?journal={kind}" in journal
    told = {row[2] for row in saved(crc, weighed, journal=kind)[1:]}
    assert hidden not in told
    assert shown in told or kind == "step"


def test_what_nobody_can_ask_for_shows_the_whole_journal(weighed: Participant, crc: Client) -> None:
    assert part(page(crc, weighed, journal="';--"), "jn").count("<li>") == 2


def test_no_cell_of_the_saved_journal_is_calculated(weighed: Participant, crc: Client) -> None:
    header, corrected, first = saved(crc, weighed)
    assert corrected[:3] == ["2026-03-05 09:00:00+0800", "fact", "Corrected: Body weight"]
    assert corrected[3:6] == ["76 kg", "67 kg, Wed 4 Mar 08:10", "'=digits swapped"]
    assert len(header) == len(first) == 8


def test_every_decision_leads_to_the_page_as_it_was_known_and_says_by_which_version(house: House, crc: Client) -> None:
    participant = enrolled_woman(house)
    card = part(page(crc, participant), "dc")
    assert "all 22 conditions were met or did not apply" in card
    assert "version 1" in card
    (known,) = re.findall(r'known=([^"]+)"', card)
    then = crc.get(f"{reverse('admin:tracker_participant_change', args=[participant.pk])}?known={known}")
    assert "Decided then: Enrol" in then.content.decode()


def test_a_decision_on_one_condition_speaks_of_one(house: House, crc: Client) -> None:
    card = part(page(crc, collected_woman(house)), "dc")
    assert card.count("its one condition was met or did not apply") == 1


def test_a_step_reported_against_its_gate_says_so_for_ever(house: House, crc: Client) -> None:
    participant = collected_woman(house)
    take(
        participant,
        Step.LYMPHODEPLETION,
        CONDITIONED,
        by=house["pi"],
        reason="Given before anybody looked",
        reported_afterwards=True,
    )
    card = part(page(crc, participant), "dc")
    assert "reported although 1 of 2 conditions were open" in card
    deviations = part(page(crc, participant), "dv")
    assert "Open the deviation" in deviations
    assert "48 h" in deviations


def test_before_anything_happened_every_card_says_what_will_stand_there(house: House, crc: Client) -> None:
    html = page(crc, a_participant(house))
    for said in (
        "Nothing recorded yet. Begin with the consent",
        "No step has been decided yet.",
        "No alert stands open. One appears here when",
        "Nothing recorded yet. Every entry, every step and every alert will stand here",
    ):
        assert said in html


def test_every_clause_is_explained_in_its_own_words_to_the_keyboard_as_well(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    clock.move_to(at(LATER))
    crc = enter(house["crc"])
    html = page(crc, participant)
    asked = re.findall(r'<button type="button" aria-describedby="(tip-[\w-]+)">', html)
    explained = dict(re.findall(r'role="tooltip" id="(tip-[\w-]+)"><q>([^<]+)</q>', html))
    assert len(asked) > 8
    assert set(asked) == explained.keys()
    assert all(explained.values())
    assert any("within 48 hours of the first dose of lymphodepletion" in quote for quote in explained.values())
    for card in ("al", "dl", "tm"):
        assert f"tip-{card}-" in html
    ids = Counter(re.findall(r' id="([^"]+)"', html))
    assert [each for each, number in ids.items() if number > 1 and each.startswith(("tip", "fact", "why"))] == []


def asked_for(client: Client, participant: Participant) -> int:
    url = reverse("admin:tracker_participant_change", args=[participant.pk])
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_however_much_is_recorded_the_page_asks_the_database_as_often(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    clock.move_to(at(LATER))
    crc = enter(house["crc"])
    before = asked_for(crc, participant)
    many = [
        FactEntry(concept="hb", at=at(f"2026-03-{day:02d} 08:00"), value="128", unit="g/L") for day in range(17, 30)
    ]
    for entry in many:
        facts.record_fact(participant=participant, entry=entry, by=house["crc"], now=at(LATER))
    for alert in Alert.objects.all():
        for rung in ("a", "b", "c"):
            alert.pk, alert.rung = None, rung
            alert.save()
    after = asked_for(crc, participant)
    assert after == before <= MOST_QUERIES


def test_a_reader_who_is_blinded_sees_no_dose_on_the_page(house: House, enter: Enter) -> None:
    house.study.blinded_dose = True
    house.study.save()
    participant = a_participant(house)
    Participant.objects.filter(pk=participant.pk).update(dose_level="2")
    head = page(enter(house["crc"]), participant)
    assert "<dt>Dose level</dt><dd>blinded</dd>" in head
    assert "<dt>Dose level</dt><dd>2</dd>" in page(enter(house["pi"]), participant)

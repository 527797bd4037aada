"""The questions of a gate: answered together on one page, each of them once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_participant, at, record
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant, RecordedFact, Role

SINCE = {"at_0": "2026-03-09", "at_1": "09:30"}
QUESTIONS = {
    "diffuse_ssc", "refractory", "gilbert_syndrome", "vascular_access", "wocbp", "lactating", "contraception_agreed",
}  # fmt: skip


def address(participant: Participant, name: str = "answers") -> str:
    return reverse(f"admin:tracker_{name}", args=[participant.pk])


def asked(client: Client, participant: Participant) -> set[str]:
    """Which questions the page asks."""
    html = client.get(address(participant)).content.decode()
    return set(re.findall(r'type="radio" name="(\w+)"', html))


@pytest.fixture
def woman(house: House) -> Participant:
    return a_participant(house)


def test_all_open_questions_of_the_next_step_are_asked_and_those_only_that_concern_her(
    crc: Client, house: House, woman: Participant
) -> None:
    assert asked(crc, woman) == QUESTIONS
    man = a_participant(house, "RJ-002", sex="male")
    assert asked(crc, man) == QUESTIONS - {"wocbp", "lactating"} | {"partner_of_childbearing_potential"}


def test_every_answer_is_recorded_once_and_what_is_left_open_is_not(crc: Client, woman: Participant) -> None:
    answers = {"diffuse_ssc": "yes", "wocbp": "yes", "lactating": "no", "vascular_access": ""}
    saved = crc.post(address(woman), SINCE | answers, follow=True)
    assert "3 answers recorded." in saved.content.decode()
    rows = {row.concept: (row.value, row.at) for row in RecordedFact.objects.all()}
    since = at("2026-03-09 09:30")
    assert rows == {"diffuse_ssc": ("yes", since), "wocbp": ("yes", since), "lactating": ("no", since)}
    assert asked(crc, woman) == QUESTIONS - rows.keys()


def test_without_an_answer_nothing_is_recorded_and_it_says_so(crc: Client, woman: Participant) -> None:
    refused = crc.post(address(woman), SINCE)
    assert refused.status_code == 422
    assert "Answer at least one question." in refused.content.decode()


def test_a_wrong_answer_keeps_the_others_back_and_everything_that_was_chosen_stands(
    crc: Client, woman: Participant
) -> None:
    refused = crc.post(address(woman), SINCE | {"refractory": "yes", "wocbp": "perhaps"})
    assert refused.status_code == 422
    assert not RecordedFact.objects.exists()
    assert re.search(r'name="refractory" value="yes"[^>]* checked', refused.content.decode())


def test_a_time_to_come_is_refused_once_and_not_once_for_each_question(crc: Client, woman: Participant) -> None:
    later = {"at_0": "2026-03-10", "at_1": "09:00"}
    refused = crc.post(address(woman), later | {"refractory": "yes", "wocbp": "yes"})
    assert refused.status_code == 422
    assert refused.content.decode().count('<p class="dm-error"') == 1


def test_the_gate_and_the_menu_lead_to_the_page_while_something_is_open(
    crc: Client, house: House, woman: Participant
) -> None:
    link = f'href="{address(woman)}"'
    own = reverse("admin:tracker_participant_change", args=[woman.pk])
    assert link in crc.get(own).content.decode()
    assert link in crc.get(address(woman, "fact_menu")).content.decode()
    for concept in QUESTIONS:
        record(woman, concept, "2026-03-09 09:00", "adequate" if "vascular" in concept else "yes", by=house["crc"])
    assert link not in crc.get(own).content.decode()
    assert link not in crc.get(address(woman, "fact_menu")).content.decode()
    assert "Every question that the next step asks is answered." in crc.get(address(woman)).content.decode()


@pytest.mark.parametrize("role", [Role.MONITOR, Role.SPONSOR, Role.PHARMACIST])
def test_who_only_reads_answers_nothing(enter: Enter, house: House, woman: Participant, role: str) -> None:
    assert enter(house[role]).post(address(woman), SINCE | {"wocbp": "yes"}).status_code == 403
    assert not RecordedFact.objects.exists()

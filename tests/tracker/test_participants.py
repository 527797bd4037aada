"""Registering participants."""

from datetime import date
from email.message import Message

import pytest

from tests.builders import House, at
from tracker.admin.csv_export import csv_response
from tracker.errors import NotAllowed, ParticipantInvalid
from tracker.models import Participant
from tracker.services import participants

NOW = at("2026-03-02 09:00")


def register(house: House, **changes: object) -> Participant:
    typed = {"subject_number": "RJ-001", "sex": "female", "birth_date": date(1990, 1, 15), "by": house["crc"]}
    return participants.register_participant(study=house.study, site=house.site, now=NOW, **{**typed, **changes})  # type: ignore[arg-type]


def test_a_participant_begins_in_screening_and_owes_what_the_protocol_says(house: House) -> None:
    participant = register(house, subject_number="  RJ-001 ", dose_level="1")
    assert (participant.stage, participant.episode, participant.subject_number) == ("screening", 1, "RJ-001")
    assert participant.deadlines.get(clause="hcg_48h_ld").status == "upcoming"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject_number": " "}, "subject_number"),
        ({"subject_number": "x" * 41}, "subject_number"),
        *(({"subject_number": f"RJ{each}001"}, "subject_number") for each in "\n\r\t\x7f\u2028\u202e\"'/\\"),
        ({"sex": "unknown"}, "sex"),
        ({"birth_date": date(2026, 3, 3)}, "birth_date"),
        ({"dose_level": "9"}, "dose_level"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(house: House, changes: dict[str, object], field: str) -> None:
    with pytest.raises(ParticipantInvalid) as invalid:
        register(house, **changes)
    assert list(invalid.value.errors) == [field]
    assert not Participant.objects.exists()


def test_a_subject_number_is_given_once_in_a_study(house: House) -> None:
    register(house)
    with pytest.raises(ParticipantInvalid) as invalid:
        register(house)
    assert invalid.value.errors == {"subject_number": ["This subject number is already taken in this study."]}


def test_who_may_not_register_registers_nobody(house: House) -> None:
    with pytest.raises(NotAllowed):
        register(house, by=house["ward_nurse"])
    assert not Participant.objects.exists()


@pytest.mark.parametrize("number", ['RJ"001', "RJ\n001", "RJ\\001", "受试者-001"])
def test_a_file_is_named_safely_after_a_number_from_before_such_numbers_were_refused(number: str) -> None:
    named = csv_response(f"{number}.csv", [], [])["Content-Disposition"]
    said = Message()
    said["Content-Disposition"] = named
    assert "\n" not in named
    assert said.get_filename() == f"{number}.csv"

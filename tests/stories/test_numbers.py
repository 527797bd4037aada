"""Numbers: exact from the text that was typed to the limit they are held against."""

import pytest

from tests.builders import ENROLLED, House, record, screened_woman
from tests.stories.seen import answer, finding, stops
from tracker.errors import FactInvalid
from tracker.models import RecordedFact
from workflow.stages import Step

LATER = "2026-03-06 08:00"


@pytest.mark.parametrize(("value", "outcome"), [("1.8", "met"), ("1.800000000000001", "fail")])
def test_one_and_a_half_times_one_point_two_is_one_point_eight(house: House, value: str, outcome: str) -> None:
    participant = screened_woman(house)
    record(participant, "inr", LATER, value, unit="1", upper_limit="1.2", by=house["crc"])
    assert answer(participant, Step.ENROL, ENROLLED, "inr") == outcome
    assert RecordedFact.objects.filter(concept="inr").last().value == value  # type: ignore[union-attr]


@pytest.mark.parametrize(("creatinine", "outcome"), [("1.497", "met"), ("1.498", "fail")])
def test_nothing_is_rounded_before_it_is_compared(house: House, creatinine: str, outcome: str) -> None:
    participant = screened_woman(house)
    record(participant, "creatinine", LATER, creatinine, unit="mg/dL", by=house["crc"])
    clearance = finding(participant, Step.ENROL, ENROLLED, "crcl")
    assert clearance.number is not None
    assert f"{float(clearance.number):.1f}" == "50.0"
    assert clearance.outcome.value == outcome


@pytest.mark.parametrize(
    ("concept", "value", "unit", "outcome"),
    [
        ("anc", "1000", "/uL", "met"),
        ("anc", "999", "/uL", "fail"),
        ("anc", "0.999", "10*9/L", "fail"),
        ("hb", "9.0", "g/dL", "met"),
        ("hb", "8.99", "g/dL", "fail"),
        ("hb", "89.9", "g/L", "fail"),
    ],
)
def test_a_unit_converts_by_an_exact_table(house: House, concept: str, value: str, unit: str, outcome: str) -> None:
    participant = screened_woman(house)
    record(participant, concept, LATER, value, unit=unit, by=house["crc"])
    assert answer(participant, Step.ENROL, ENROLLED, concept) == outcome


def test_a_unit_that_does_not_convert_is_never_guessed(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "anc", LATER, "0.2", unit="10*9/L", by=house["crc"])
    for unit in ("", "kg", "K/uL"):
        with pytest.raises(FactInvalid) as refusal:
            record(participant, "anc", "2026-03-07 08:00", "3200", unit=unit, by=house["crc"])
        assert set(refusal.value.errors) == {"unit"}
    record(participant, "anc", "2026-03-07 08:00", by=house["crc"])
    assert stops(participant, Step.ENROL, ENROLLED) == {"anc": "pending"}

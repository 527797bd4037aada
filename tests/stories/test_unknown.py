"""What is not known: it is neither a yes nor a no, and it lets nothing pass."""

import pytest

from tests.builders import (
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    MEASURED,
    House,
    a_participant,
    at,
    collected_woman,
    consented,
    fresh,
    hcg,
    measured,
    plan,
    record,
    reviewed,
    screened_woman,
    take,
)
from tests.stories.seen import answer, owed, stops
from tracker.errors import StepRefused
from tracker.models import Participant, RecordedFact
from tracker.services import facts
from workflow.stages import Step


def withdraw(participant: Participant, concept: str, house: House, now: str) -> None:
    """Say that an entry was made in error."""
    entry = RecordedFact.objects.get(participant=participant, concept=concept)
    facts.withdraw_fact(fact=entry, reason="Another woman's", by=house["crc"], now=at(now))


def untested(house: House, number: str = "RJ-001", *, wocbp: str = "") -> Participant:
    """A woman without any pregnancy test, with everything else that enrolment asks for."""
    participant = a_participant(house, number)
    record(participant, "consent", CONSENTED, by=house["pi"])
    answers = {"diffuse_ssc": "yes", "refractory": "yes", "vascular_access": "adequate", "contraception_agreed": "yes"}
    for concept, value in (answers | {"lactating": "no"}).items():
        record(participant, concept, CONSENTED, value, by=house["pi"])
    if wocbp:
        record(participant, "wocbp", CONSENTED, wocbp, by=house["sub_i"])
    measured(participant, house)
    reviewed(participant, house)
    return participant


def test_missing_is_not_failing_and_neither_passes(house: House) -> None:
    participant = screened_woman(house)
    withdraw(participant, "lvef", house, "2026-03-06 08:00")
    assert stops(participant, Step.ENROL, ENROLLED) == {"lvef": "missing"}
    record(participant, "lvef", "2026-03-07 08:00", "54", unit="%", by=house["crc"])
    assert stops(participant, Step.ENROL, ENROLLED) == {"lvef": "fail"}
    record(participant, "lvef", "2026-03-08 08:00", "55", unit="%", by=house["crc"])
    assert stops(participant, Step.ENROL, ENROLLED) == {}


@pytest.mark.parametrize(("bilirubin", "outcome"), [("40", "met"), ("40.1", "missing"), ("60.1", "fail")])
def test_a_condition_on_an_unknown_fact_is_answered_where_its_branches_agree(
    house: House, bilirubin: str, outcome: str
) -> None:
    participant = screened_woman(house)
    record(participant, "tbil", "2026-03-06 08:00", bilirubin, unit="umol/L", upper_limit="20", by=house["crc"])
    assert not RecordedFact.objects.filter(concept="gilbert_syndrome").exists()
    assert answer(participant, Step.ENROL, ENROLLED, "tbil") == outcome


def test_that_nothing_happened_in_seven_days_needs_somebodys_documented_look_back(house: House) -> None:
    participant = a_participant(house)
    consented(participant, house)
    measured(participant, house)
    hcg(participant, house, MEASURED, "2026-03-04 12:00")
    looked_for = {"no_transfusion_7d", "no_growth_factor_7d"}
    assert stops(participant, Step.ENROL, ENROLLED) == dict.fromkeys(looked_for, "missing")
    reviewed(participant, house, "2026-03-08 20:00")
    assert stops(participant, Step.ENROL, ENROLLED) == dict.fromkeys(looked_for, "stale")
    reviewed(participant, house)
    assert stops(participant, Step.ENROL, ENROLLED) == {}


def test_unknown_childbearing_potential_owes_the_test_at_enrolment(house: House) -> None:
    participant = untested(house)
    owes = {"hcg_screening", "hcg_7d_enrol"}
    assert set(stops(participant, Step.ENROL, ENROLLED)) == owes
    assert owed(participant, "hcg_7d_enrol").status == "upcoming"
    plan(participant, Step.ENROL, ENROLLED, by=house["crc"], now="2026-03-09 09:00")
    assert owed(participant, "hcg_7d_enrol").status == "open"
    with pytest.raises(StepRefused):
        take(participant, Step.ENROL, ENROLLED, by=house["pi"])
    record(participant, "wocbp", "2026-03-09 09:30", "no", by=house["sub_i"])
    assert owed(participant, "hcg_7d_enrol").status == "not_applicable"
    take(participant, Step.ENROL, ENROLLED, by=house["pi"])


def test_childbearing_potential_that_becomes_unknown_stops_the_leukapheresis(house: House) -> None:
    participant = untested(house, wocbp="no")
    take(participant, Step.ENROL, ENROLLED, by=house["pi"])
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    assert stops(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00") == {}
    withdraw(participant, "wocbp", house, "2026-03-16 08:30")
    assert set(stops(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00")) == {"hcg_screening", "hcg_7d_enrol"}
    assert owed(participant, "hcg_7d_enrol").status == "eligibility_invalidated"


def test_unknown_childbearing_potential_owes_the_test_before_the_first_dose(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-08 09:00")
    withdraw(participant, "wocbp", house, "2026-04-08 10:00")
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"hcg_48h_ld": "stale"}
    assert owed(participant, "hcg_48h_ld").status == "open"
    hcg(participant, house, "2026-04-08 11:00", "2026-04-08 15:00")
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}


def test_a_womans_unknown_childbearing_potential_is_asked_of_no_man(house: House) -> None:
    woman, man = a_participant(house, "RJ-002"), a_participant(house, "RJ-003", sex="male")
    assert owed(woman, "hcg_48h_ld").status == "upcoming"
    assert owed(man, "hcg_48h_ld").status == "not_applicable"
    assert "hcg_7d_enrol" not in stops(fresh(man), Step.ENROL, ENROLLED)

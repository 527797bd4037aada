"""Windows and days: where they begin and end, and what a month, a day and an hour are."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    MEASURED,
    SHANGHAI,
    House,
    a_house,
    a_participant,
    at,
    collected_woman,
    consented,
    enrolled_woman,
    hcg,
    plan,
    record,
    screened_woman,
    take,
)
from tests.stories.seen import answer, owed, stops
from workflow.stages import Step

BERLIN = ZoneInfo("Europe/Berlin")


def in_berlin(text: str) -> str:
    """A wall-clock time of Berlin, as the builders' clock has it."""
    return f"{at(text, BERLIN).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("drawn", "dose", "stopped"),
    [
        ("2026-04-07 09:00", CONDITIONED, {}),
        ("2026-04-07 08:59", CONDITIONED, {"hcg_48h_ld": "stale"}),
        ("2026-04-09 09:00", CONDITIONED, {}),
    ],
)
def test_a_window_holds_both_its_ends(house: House, drawn: str, dose: str, stopped: dict[str, str]) -> None:
    participant = collected_woman(house)
    hcg(participant, house, drawn, drawn)
    assert stops(participant, Step.LYMPHODEPLETION, dose) == stopped


def test_a_window_lies_on_one_side_of_its_anchor(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-09 09:01", "2026-04-09 11:00")
    take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], known="2026-04-09 12:00",
        reported_afterwards=True, reason="Given a minute too early",
    )  # fmt: skip
    assert owed(participant, "hcg_48h_ld").status == "eligibility_invalidated"
    other = enrolled_woman(house, "RJ-002")
    record(other, "transfusion", "2026-03-09 10:01", by=house["crc"])
    assert owed(other, "no_transfusion_7d").status == "met"


@pytest.mark.parametrize(("drawn", "outcome"), [("2026-10-24 10:00", "met"), ("2026-10-24 09:59", "stale")])
def test_forty_eight_hours_elapse_although_the_clocks_change(db: None, drawn: str, outcome: str) -> None:
    house = a_house("BE", zone="Europe/Berlin")
    participant = collected_woman(house, "BE-001")
    hcg(participant, house, in_berlin(drawn), in_berlin("2026-10-24 14:00"))
    dose = in_berlin("2026-10-26 09:00")
    assert answer(participant, Step.LYMPHODEPLETION, dose, "hcg_48h_ld") == outcome
    plan(participant, Step.LYMPHODEPLETION, dose, by=house["crc"], now=in_berlin("2026-10-24 15:00"))
    assert owed(participant, "hcg_48h_ld").opens_at == at("2026-10-24 10:00", BERLIN)


@pytest.mark.parametrize(("transfused", "stopped"), [("2026-03-02 00:00", True), ("2026-03-01 23:59", False)])
def test_seven_days_are_calendar_days_at_the_site(house: House, transfused: str, stopped: bool) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", transfused, by=house["crc"], known="2026-03-03 09:00")
    assert ("no_transfusion_7d" in stops(participant, Step.ENROL, ENROLLED)) == stopped


@pytest.mark.parametrize(("measured_before", "passes"), [("2026-02-28", True), ("2026-02-27", False)])
def test_six_months_are_calendar_months_clipped_at_the_end_of_a_month(
    house: House, measured_before: str, passes: bool
) -> None:
    participant = a_participant(house)
    consented(participant, house)
    record(participant, "refractory", "2026-03-03 09:00", "no", by=house["pi"])
    record(participant, "mrss", f"{measured_before} 10:00", "18", by=house["crc"], known="2026-03-03 09:00")
    record(participant, "mrss", "2026-08-31 10:00", "22", by=house["crc"])
    found = answer(participant, Step.ENROL, "2026-09-01 10:00", "refractory_progressive")
    assert (found == "met") == passes


def test_a_date_without_a_time_is_a_whole_day(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-02", by=house["crc"])
    assert stops(participant, Step.ENROL, ENROLLED) == {"no_transfusion_7d": "fail"}
    assert stops(participant, Step.ENROL, "2026-03-10 00:00").keys().isdisjoint({"fail"})
    other = screened_woman(house, "RJ-002")
    plan(other, Step.ENROL, "2026-03-09", by=house["crc"], now=MEASURED)
    assert owed(other, "no_transfusion_7d").due_at == at("2026-03-09 00:00")


@pytest.mark.parametrize(("consented_at", "outcome"), [("2026-03-02 00:30", "met"), ("2026-03-01 23:30", "fail")])
def test_a_birth_date_is_a_day_and_never_an_instant(house: House, consented_at: str, outcome: str) -> None:
    participant = a_participant(house, born="2008-03-02", now="2026-03-01 09:00")
    record(participant, "consent", consented_at, by=house["pi"])
    assert participant.birth_date == date(2008, 3, 2)
    assert answer(participant, Step.ENROL, ENROLLED, "age") == outcome

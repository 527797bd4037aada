"""Births in the years in which China changed its clocks: a birth date is a date, and never becomes an instant."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import ENROLLED, SHANGHAI, House, a_participant, at, fresh
from tests.tracker.admin.conftest import Enter
from tracker.evaluation import evaluate_participant
from tracker.models import Participant, RecordedFact
from tracker.services import facts
from tracker.services.facts import FactEntry
from workflow.findings import Outcome
from workflow.rules.age import birthday
from workflow.stages import Step

NIGHTS = [
    "1986-05-04", "1986-09-14", "1987-04-12", "1987-09-13", "1988-04-17", "1988-09-11", "1989-04-16", "1989-09-17",
    "1990-04-15", "1990-09-16", "1991-04-14", "1991-09-15",
]  # fmt: skip
"""The days on which the clock went forward or back; some had no midnight by older tables, or no 02:30."""

each_night = pytest.mark.parametrize("born", NIGHTS)


def register(browser: Client, house: House, born: str) -> Participant:
    typed = {
        "place": f"{house.study.pk}-{house.site.pk}", "subject_number": "RJ-001", "sex": "male", "birth_date": born,
        "dose_level": "",
    }  # fmt: skip
    response = browser.post(reverse("admin:tracker_participant_add"), typed)
    assert response.status_code == 302, response.content.decode()
    return fresh(Participant.objects.get())


def outcome(participant: Participant, clause: str, now: datetime) -> Outcome:
    findings = evaluate_participant(fresh(participant), as_of=now).gates[Step.ENROL].findings
    return next(finding.outcome for finding in findings if finding.clause == clause)


def consents(participant: Participant, house: House, when: datetime) -> None:
    facts.record_fact(participant=participant, entry=FactEntry("consent", when), by=house["crc"], now=when)


@each_night
def test_the_date_is_the_one_that_was_typed(crc: Client, house: House, born: str) -> None:
    participant = register(crc, house, born)
    assert participant.birth_date == participant.subject.birth_date == date.fromisoformat(born)


@each_night
def test_the_page_turns_the_age_at_midnight_of_the_birthday(
    house: House, clock: time_machine.Traveller, enter: Enter, born: str
) -> None:
    participant = a_participant(house, born=born)
    turns = birthday(date.fromisoformat(born), 39)
    midnight = datetime(turns.year, turns.month, turns.day, tzinfo=SHANGHAI)
    for instant, age in ((midnight - timedelta(seconds=1), 38), (midnight, 39)):
        clock.move_to(instant)
        page = enter(house["crc"]).get(reverse("admin:tracker_participant_change", args=[participant.pk]))
        assert f"{age} y" in page.content.decode()


@each_night
@pytest.mark.parametrize(
    ("years", "before", "since"), [(18, Outcome.FAIL, Outcome.MET), (66, Outcome.MET, Outcome.FAIL)]
)
def test_one_comes_into_range_and_out_of_it_at_midnight_of_the_birthday(
    house: House, born: str, years: int, before: Outcome, since: Outcome
) -> None:
    house["crc"].assignments.update(valid_from=date(1990, 1, 1))
    turns = birthday(date.fromisoformat(born), years)
    midnight = datetime(turns.year, turns.month, turns.day, tzinfo=SHANGHAI)
    evening = midnight - timedelta(minutes=1)
    participant = a_participant(house, born=born, now=f"{evening:%Y-%m-%d %H:%M}")
    consents(participant, house, evening)
    assert outcome(participant, "age", evening) is before
    consents(participant, house, midnight)
    assert outcome(participant, "age", midnight) is since


@each_night
def test_the_clearance_counts_the_birthday_on_the_day_of_the_sample(house: House, born: str) -> None:
    """At the clearance's limit one year of age decides: (140 - age) × 72 / (72 × creatinine)."""
    turns = birthday(date.fromisoformat(born), 39)
    midnight = datetime(turns.year, turns.month, turns.day, tzinfo=SHANGHAI)
    participant = a_participant(house, sex="male", born=born, now="2024-01-01 09:00")
    enough_at_38 = str(Decimal(140 - 38) / 50)
    for drawn, expected in ((midnight - timedelta(minutes=1), Outcome.MET), (midnight, Outcome.FAIL)):
        entries = [
            FactEntry("creatinine", drawn, value=enough_at_38, unit="mg/dL", resulted_at=drawn),
            FactEntry("weight", drawn, value="72", unit="kg"),
        ]
        facts.record_panel(participant=participant, entries=entries, by=house["crc"], now=drawn)
        assert outcome(participant, "crcl", drawn) is expected


@each_night
def test_a_day_of_those_years_stays_that_day_on_record_on_the_page_and_in_the_log(
    crc: Client, house: House, born: str
) -> None:
    """A fact of which only the day is known, even a day without a midnight."""
    participant = a_participant(house, born="1970-01-01")
    day = date.fromisoformat(born)
    facts.record_fact(participant=participant, entry=FactEntry("consent", day), by=house["crc"], now=at(ENROLLED))
    assert RecordedFact.objects.get().moment == day
    page = crc.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()
    assert f"{day:%a} {day.day} {day:%b} {day.year}" in page
    log = crc.get(reverse("admin:tracker_screening_log_export")).getvalue().decode()
    assert born in log


def test_the_log_shows_no_date_of_birth(crc: Client, house: House) -> None:
    register(crc, house, "1988-04-17")
    log = crc.get(reverse("admin:tracker_screening_log_export")).getvalue().decode()
    assert "RJ-001" in log
    assert "1988" not in log

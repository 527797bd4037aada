"""Sites in other zones: nights on which the clocks change, days that end before or after those of UTC."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.builders import (
    House,
    a_house,
    a_participant,
    at,
    enrolled_woman,
    fresh,
    screened_woman,
    take,
)
from tracker.errors import NotAllowed, ParticipantInvalid, StepRefused
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Notification, Participant
from tracker.services import deadlines, facts, plans
from tracker.services.facts import FactEntry
from tracker.services.participants import register_participant, take_step
from tracker.services.signatures import Signing
from workflow.findings import Outcome
from workflow.stages import Step

BERLIN, LOS_ANGELES = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Los_Angeles")
TICK = timedelta(microseconds=1)


@pytest.fixture
def berlin(house: House) -> House:
    """A second site of the same study."""
    return a_house("BER", study=house.study, zone="Europe/Berlin")


@pytest.fixture
def los_angeles(house: House) -> House:
    """A site whose evenings are another day by UTC."""
    return a_house("LAX", study=house.study, zone="America/Los_Angeles")


@pytest.fixture
def everywhere(house: House, berlin: House, los_angeles: House) -> dict[str, House]:
    """The sites by their codes."""
    return {each.site.code: each for each in (house, berlin, los_angeles)}


def there(text: str, house: House, *, fold: int = 0) -> datetime:
    """The instant at which the site's clock shows this; `fold` 1: for the second time that night."""
    return datetime.fromisoformat(text).replace(tzinfo=house.site.zone, fold=fold).astimezone(UTC)


def note(
    participant: Participant, house: House, concept: str, when: datetime | date, known: datetime, *, value: str = ""
) -> None:
    entry = FactEntry(concept=concept, at=when, value=value)
    facts.record_fact(participant=participant, entry=entry, by=house["crc"], now=known)


def outcome(participant: Participant, step: Step, clause: str, start: datetime) -> Outcome:
    gate = evaluate_participant(fresh(participant), as_of=start).gates[step]
    return next(finding.outcome for finding in gate.findings if finding.clause == clause)


def collected_early(house: House) -> Participant:
    """A woman of the site whose product was released before the clocks went forward."""
    participant = enrolled_woman(house, "BER-001")
    note(participant, house, "infection_review", at("2026-03-16 08:00"), at("2026-03-16 08:00"))
    take(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["apheresis_nurse"])
    for concept, when in (("leukapheresis_completed", "2026-03-16 13:00"), ("product_released", "2026-03-25 10:00")):
        note(participant, house, concept, at(when), at(when))
    return fresh(participant)


NIGHTS = [
    # The first dose, and 48 hours before it, on the site's clock: 49 and 47 hours apart by the wall.
    ("2026-03-30 10:00", "2026-03-28 09:00", timedelta(hours=49)),
    ("2026-10-26 10:00", "2026-10-24 11:00", timedelta(hours=47)),
]


@pytest.mark.parametrize(("dose", "earliest", "by_the_wall"), NIGHTS)
def test_48_hours_elapse_whatever_the_clock_does_that_night(
    berlin: House, dose: str, earliest: str, by_the_wall: timedelta
) -> None:
    assert datetime.fromisoformat(dose) - datetime.fromisoformat(earliest) == by_the_wall
    first_dose, drawn = there(dose, berlin), there(earliest, berlin)
    participant = collected_early(berlin)
    note(
        participant, berlin, "serum_hcg", drawn - timedelta(minutes=1), first_dose - timedelta(hours=20),
        value="negative",
    )  # fmt: skip
    with pytest.raises(StepRefused, match="hcg_48h_ld"):
        _give_first_dose(participant, berlin, first_dose)
    note(participant, berlin, "serum_hcg", drawn, first_dose - timedelta(hours=10), value="negative")
    _give_first_dose(participant, berlin, first_dose)


@pytest.mark.parametrize(("dose", "earliest", "_by_the_wall"), NIGHTS)
def test_the_row_and_the_reminders_count_the_same_48_hours(
    berlin: House, dose: str, earliest: str, _by_the_wall: timedelta
) -> None:
    first_dose, opens = there(dose, berlin), there(earliest, berlin)
    participant = collected_early(berlin)
    plans.plan_step(
        participant=participant, step=Step.LYMPHODEPLETION, at=first_dose, by=berlin["crc"],
        now=first_dose - timedelta(days=5),
    )  # fmt: skip
    row = participant.deadlines.get(clause="hcg_48h_ld")
    assert (row.opens_at, row.due_at) == (opens, first_dose)
    for hours, rung in ((72, "order_test"), (48, "window_open"), (24, "no_sample"), (6, "no_result"), (0, "blocked")):
        fires_at = first_dose - timedelta(hours=hours)
        deadlines.sweep(fires_at - TICK)
        assert not Alert.objects.filter(rung=rung).exists()
        deadlines.sweep(fires_at)
        assert Alert.objects.get(rung=rung).raised_at == fires_at


def test_a_reminder_some_calendar_days_before_comes_at_the_same_time_on_the_clock(berlin: House) -> None:
    participant = screened_woman(berlin, "BER-001")
    start = there("2026-03-30 10:00", berlin)
    plans.plan_step(
        participant=participant, step=Step.ENROL, at=start, by=berlin["crc"], now=there("2026-03-20 10:00", berlin)
    )
    ordered, urged = there("2026-03-27 10:00", berlin), there("2026-03-29 10:00", berlin)
    assert (start - ordered, start - urged) == (timedelta(hours=71), timedelta(hours=24))
    for fires_at, rung in ((ordered, "order_test"), (urged, "no_result")):
        deadlines.sweep(fires_at - TICK)
        assert not Alert.objects.filter(rung=rung).exists()
        deadlines.sweep(fires_at)
        assert Alert.objects.get(rung=rung).raised_at == fires_at


SEVEN_DAYS = [
    # Assessed on the seventh day after, or on the eighth: the site's calendar decides, not that of UTC.
    ("BER", "2026-03-25 00:30", "2026-04-01 10:00", Outcome.FAIL),
    ("BER", "2026-03-24 23:30", "2026-04-01 10:00", Outcome.MET),
    ("BER", "2026-10-19 00:30", "2026-10-26 23:30", Outcome.FAIL),
    ("BER", "2026-10-18 23:30", "2026-10-26 00:30", Outcome.MET),
    ("LAX", "2026-03-09 20:00", "2026-03-17 10:00", Outcome.MET),
    ("LAX", "2026-03-10 20:00", "2026-03-17 23:59", Outcome.FAIL),
]


@pytest.mark.parametrize(("site", "transfused", "assessed", "expected"), SEVEN_DAYS)
def test_seven_days_are_days_of_the_sites_calendar(
    everywhere: dict[str, House], site: str, transfused: str, assessed: str, expected: Outcome
) -> None:
    house = everywhere[site]
    participant = screened_woman(house, f"{site}-001")
    start = there(assessed, house)
    note(participant, house, "transfusion", there(transfused, house), start)
    note(participant, house, "transfusion_review", start, start)
    assert outcome(participant, Step.ENROL, "no_transfusion_7d", start) is expected


@pytest.mark.parametrize(("evening", "age_is"), [("2026-03-17 20:00", Outcome.FAIL), ("2026-03-18 00:00", Outcome.MET)])
def test_one_comes_of_age_by_the_sites_calendar(los_angeles: House, evening: str, age_is: Outcome) -> None:
    signed = there(evening, los_angeles)
    participant = a_participant(los_angeles, "LAX-001", born="2008-03-18")
    note(participant, los_angeles, "consent", signed, signed)
    assert signed.date() == date(2026, 3, 18)
    assert outcome(participant, Step.ENROL, "age", signed) is age_is


def test_nobody_is_born_tomorrow_though_it_is_tomorrow_by_utc(los_angeles: House) -> None:
    born = {
        "study": los_angeles.study, "site": los_angeles.site, "sex": "male", "birth_date": date(2026, 3, 18),
        "by": los_angeles["crc"],
    }  # fmt: skip
    with pytest.raises(ParticipantInvalid, match="future"):
        register_participant(**born, subject_number="LAX-001", now=there("2026-03-17 23:59", los_angeles))  # type: ignore[arg-type]
    register_participant(**born, subject_number="LAX-001", now=there("2026-03-18 00:00", los_angeles))  # type: ignore[arg-type]


def test_a_role_that_ended_yesterday_is_out_from_the_sites_midnight(los_angeles: House) -> None:
    participant = a_participant(los_angeles, "LAX-001")
    los_angeles["crc"].assignments.update(valid_until=date(2026, 3, 17))
    last, over = there("2026-03-17 23:59", los_angeles), there("2026-03-18 00:00", los_angeles)
    assert last.date() == date(2026, 3, 18)
    note(participant, los_angeles, "transfusion", last, last)
    with pytest.raises(NotAllowed):
        note(participant, los_angeles, "transfusion", over, over)


@pytest.mark.parametrize(("known", "still_in"), [("2026-03-17 23:59", {"crc"}), ("2026-03-18 00:00", set())])
def test_who_is_out_by_the_sites_calendar_is_told_nothing(los_angeles: House, known: str, still_in: set[str]) -> None:
    participant = a_participant(los_angeles, "LAX-001")
    los_angeles["crc"].assignments.update(valid_until=date(2026, 3, 17))
    now = there(known, los_angeles)
    entry = FactEntry("serum_hcg", now - timedelta(hours=1), value="positive", resulted_at=now)
    facts.record_fact(participant=participant, entry=entry, by=los_angeles["pi"], now=now)
    told = set(Notification.objects.values_list("recipient__username", flat=True))
    assert told == {los_angeles[role].username for role in {"pi", "sub_i", "pharmacist"} | still_in}


def test_the_study_ends_on_one_date_everywhere_and_contraception_with_each_sites_own_day(
    everywhere: dict[str, House],
) -> None:
    women = {code: enrolled_woman(each, f"{code}-001") for code, each in everywhere.items()}
    now, house = at("2026-04-01 09:00"), everywhere["RJ"]
    facts.record_fact(study=house.study, entry=FactEntry("study_end", date(2026, 12, 31)), by=house["pi"], now=now)
    deadlines.sweep(now)
    over = {code: there("2029-01-01 00:00", each) for code, each in everywhere.items()}
    for code, midnight in sorted(over.items(), key=lambda each: each[1]):
        assert women[code].deadlines.get(clause="contraception").required_through == date(2028, 12, 31)
        deadlines.sweep(midnight - TICK)
        assert women[code].deadlines.get(clause="contraception").status == "open"
        deadlines.sweep(midnight)
        assert women[code].deadlines.get(clause="contraception").status == "met"
    assert over["BER"] - over["RJ"] == timedelta(hours=7)
    assert over["LAX"] - over["RJ"] == timedelta(hours=16)


def _give_first_dose(participant: Participant, house: House, when: datetime) -> None:
    by = house["ward_nurse"]
    take_step(
        participant=participant, step=Step.LYMPHODEPLETION, happened_at=when, by=by, now=when, signature=Signing(by)
    )

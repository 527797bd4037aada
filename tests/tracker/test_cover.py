"""Absences and duties: what is refused, in which words, and what reaches nobody by mistake."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import House, at, collected_woman, employ
from tracker.errors import CoverInvalid, NotAllowed
from tracker.models import Absence, Assignment, Duty, Participant, Role, User
from tracker.services import cover
from tracker.services.cover import AbsenceEntry, DutyEntry
from tracker.services.recipients import Staff

NOW = at("2026-04-10 10:00")
DAY = date(2026, 4, 13)


def absence(user: User, **changes: object) -> AbsenceEntry:
    return replace(AbsenceEntry(user=user, first_day=DAY, last_day=DAY), **changes)  # type: ignore[arg-type]


def away(user: User, deputy: User | None = None, first: date = DAY, last: date = DAY) -> Absence:
    entry = AbsenceEntry(user=user, deputy=deputy, first_day=first, last_day=last)
    return cover.enter_absence(entry=entry, by=user, now=NOW)


def told(participant: Participant, role: str, when: str = "2026-04-13 12:00", *, urgent: bool = False) -> list[str]:
    found, _unreachable = Staff(at(when)).told_of(participant, [role], urgent=urgent)
    return [each.recipient.username.removeprefix("rj-") for each in found]


def refused(entry: AbsenceEntry, by: User) -> dict[str, list[str]]:
    with pytest.raises(CoverInvalid) as error:
        cover.enter_absence(entry=entry, by=by, now=NOW)
    assert not Absence.objects.exists()
    return dict(error.value.errors)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"first_day": None}, "first_day", "Say from which day on."),
        ({"last_day": None}, "last_day", "Say until which day; it is the last one away."),
        ({"last_day": DAY - timedelta(days=1)}, "last_day", "The last day lies before the first."),
    ],
)
def test_days_that_cannot_be_are_refused(house: House, changes: dict[str, object], field: str, said: str) -> None:
    assert refused(absence(house["crc"], **changes), house["crc"]) == {field: [said]}


def test_nobody_stands_in_for_herself_nor_who_cannot_acknowledge(house: House) -> None:
    crc, monitor = house["crc"], house["monitor"]
    assert refused(absence(crc, deputy=crc), crc) == {"deputy": ["Nobody stands in for herself."]}
    assert list(refused(absence(crc, deputy=monitor), crc)) == ["deputy"]


def test_an_absence_that_meets_another_is_refused_until_that_is_cancelled(house: House) -> None:
    first = away(house["crc"], last=DAY + timedelta(days=2))
    with pytest.raises(CoverInvalid) as error:
        away(house["crc"], first=DAY + timedelta(days=2), last=DAY + timedelta(days=9))
    assert "2026-04-13 to 2026-04-15" in str(error.value.errors["first_day"])
    cover.cancel_absence(absence=first, by=house["crc"], now=NOW)
    away(house["crc"], first=DAY + timedelta(days=2), last=DAY + timedelta(days=9))
    assert Absence.objects.count() == 2


def test_only_who_arranges_cover_enters_it_for_others(house: House) -> None:
    with pytest.raises(NotAllowed):
        cover.enter_absence(entry=absence(house["crc"]), by=house["ward_nurse"], now=NOW)
    entered = cover.enter_absence(entry=absence(house["ward_nurse"]), by=house["crc"], now=NOW)
    with pytest.raises(NotAllowed):
        cover.cancel_absence(absence=entered, by=house["pharmacist"], now=NOW)
    duty = DutyEntry(Assignment.objects.get(user=house["sub_i"]), NOW, NOW + timedelta(hours=12))
    with pytest.raises(NotAllowed):
        cover.enter_duty(entry=duty, by=house["ward_nurse"], now=NOW)
    cover.enter_duty(entry=duty, by=house["pi"], now=NOW)


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [(None, 1, "starts_at"), (0, None, "ends_at"), (-2, -1, "ends_at"), (5, 4, "ends_at"), (0, 24 * 31, "ends_at")],
)
def test_duties_that_cannot_be_are_refused(house: House, starts: int | None, ends: int | None, field: str) -> None:
    starts_at, ends_at = (None if hours is None else NOW + timedelta(hours=hours) for hours in (starts, ends))
    entry = DutyEntry(Assignment.objects.get(user=house["sub_i"]), starts_at, ends_at)
    with pytest.raises(CoverInvalid) as error:
        cover.enter_duty(entry=entry, by=house["pi"], now=NOW)
    assert list(error.value.errors) == [field]
    assert not Duty.objects.exists()


def test_nobody_is_on_call_who_cannot_acknowledge(house: House) -> None:
    entry = DutyEntry(Assignment.objects.get(user=house["monitor"]), NOW, NOW + timedelta(hours=12))
    with pytest.raises(CoverInvalid) as error:
        cover.enter_duty(entry=entry, by=house["pi"], now=NOW)
    assert list(error.value.errors) == ["assignment"]


def test_a_deputy_who_is_away_too_passes_it_on_and_a_circle_ends(house: House) -> None:
    woman, crc = collected_woman(house), house["crc"]
    away(crc, deputy=house["sub_i"])
    away(house["sub_i"], deputy=house["pi"])
    assert told(woman, "crc") == ["pi"]
    away(house["pi"], deputy=crc)
    assert told(woman, "crc") == ["crc"]


def test_a_deputy_whose_role_has_ended_stands_in_no_more(house: House) -> None:
    woman = collected_woman(house)
    away(house["crc"], deputy=house["sub_i"])
    Assignment.objects.filter(user=house["sub_i"]).update(valid_until=DAY - timedelta(days=1))
    assert told(woman, "crc") == ["pi"]


@pytest.mark.parametrize(
    ("when", "reader"),
    [
        ("2026-04-12 23:59", "crc"), ("2026-04-13 00:00", "sub_i"), ("2026-04-13 23:59", "sub_i"),
        ("2026-04-14 00:00", "crc"),
    ],
)  # fmt: skip
def test_an_absence_holds_on_whole_days_of_the_sites_calendar(house: House, when: str, reader: str) -> None:
    woman = collected_woman(house)
    away(house["crc"], deputy=house["sub_i"])
    assert told(woman, "crc", when) == [reader]


@pytest.mark.parametrize(
    ("when", "urgent", "readers"),
    [
        ("2026-04-13 16:59", True, ["night", "sub_i"]), ("2026-04-13 17:00", True, ["night"]),
        ("2026-04-14 07:59", True, ["night"]), ("2026-04-14 08:00", True, ["night", "sub_i"]),
        ("2026-04-13 20:00", False, ["night", "sub_i"]),
    ],
)  # fmt: skip
def test_a_duty_holds_from_its_first_instant_until_before_its_last_and_for_what_is_urgent(
    house: House, when: str, urgent: bool, readers: list[str]
) -> None:
    woman, night = collected_woman(house), employ(house, "sub_i", "night")
    entry = DutyEntry(Assignment.objects.get(user=night), at("2026-04-13 17:00"), at("2026-04-14 08:00"))
    cover.enter_duty(entry=entry, by=house["pi"], now=NOW)
    assert sorted(told(woman, "sub_i", when, urgent=urgent)) == readers


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}, "cancelled", "ended", "away"])
def test_who_is_on_call_and_cannot_be_reached_leaves_it_to_everybody(house: House, change: object) -> None:
    woman, night = collected_woman(house), employ(house, "sub_i", "night")
    held = Assignment.objects.get(user=night)
    duty = cover.enter_duty(entry=DutyEntry(held, NOW, NOW + timedelta(days=7)), by=house["pi"], now=NOW)
    if isinstance(change, dict):
        User.objects.filter(pk=night.pk).update(**change)
    elif change == "cancelled":
        cover.cancel_duty(duty=duty, by=house["pi"], now=NOW)
    elif change == "away":
        away(night)
    else:
        Assignment.objects.filter(pk=held.pk).update(valid_until=DAY - timedelta(days=1))
    assert "sub_i" in told(woman, "sub_i", urgent=True)


def test_one_place_is_asked_for_once_however_many_are_told(house: House) -> None:
    women = [collected_woman(house, f"RJ-00{number}") for number in (1, 2, 3)]
    staff = Staff(at("2026-04-13 12:00"))
    with CaptureQueriesContext(connection) as seen:
        for woman in women:
            staff.told_of(woman, Role.values, urgent=True)
    assert len(seen) == 3

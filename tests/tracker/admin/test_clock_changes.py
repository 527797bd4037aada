"""Pages and forms of a site whose clock is changed: no time that never is, and none mistaken for another."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import House, a_house, a_participant
from tests.tracker.admin.conftest import Enter
from tracker.models import Participant, RecordedFact
from tracker.services import facts
from tracker.services.facts import FactEntry

DeskAt = Callable[[str], Client]
BERLIN = ZoneInfo("Europe/Berlin")
FIRST, SECOND = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
"""Half past two in the night of 25 October, in summer time and then in winter time."""


@pytest.fixture
def berlin(db: None) -> House:
    """A site in Berlin."""
    return a_house("BER", zone="Europe/Berlin")


@pytest.fixture
def woman(berlin: House) -> Participant:
    """Somebody registered there."""
    return a_participant(berlin, "BER-001")


@pytest.fixture
def desk_at(berlin: House, enter: Enter, clock: time_machine.Traveller) -> DeskAt:
    """The coordinator's browser there, when the site's clock first shows this."""

    def signed_in(when: str) -> Client:
        clock.move_to(datetime.fromisoformat(when).replace(tzinfo=BERLIN))
        return enter(berlin["crc"])

    return signed_in


def add(woman: Participant, concept: str) -> str:
    return reverse("admin:tracker_fact_add", args=[woman.pk, concept])


def show(desk: Client, woman: Participant) -> str:
    return str(desk.get(reverse("admin:tracker_participant_change", args=[woman.pk])).content.decode())


def typed(day: str, clock: str, **more: str) -> dict[str, str]:
    return {"at_0": day, "at_1": clock, **more}


def fields_of(response: Any) -> dict[str, str]:
    """What a browser would send back if nothing were changed."""
    form = response.context["form"]
    fields: dict[str, str] = {}
    for bound in form:
        parts = bound.field.widget.decompress(bound.value()) if hasattr(bound.field, "fields") else None
        if parts is None:
            fields[bound.html_name] = str(bound.value() or "")
            continue
        shown = (f"{part:%Y-%m-%d}" if hasattr(part, "year") else f"{part:%H:%M}" if part else "" for part in parts[:2])
        fields |= {f"{bound.html_name}_{number}": text for number, text in enumerate([*shown, *parts[2:]])}
    return fields


def test_a_time_that_the_clock_skips_is_refused_and_nothing_typed_is_lost(desk_at: DeskAt, woman: Participant) -> None:
    desk = desk_at("2026-03-29 09:00")
    response = desk.post(add(woman, "transfusion"), typed("2026-03-29", "02:30", detail="two units"))
    html = response.content.decode()
    assert response.status_code == 422
    assert "This time does not exist on that day: the clocks go forward." in html
    assert 'value="2026-03-29"' in html
    assert 'value="02:30"' in html
    assert "two units" in html
    assert not RecordedFact.objects.exists()


@pytest.mark.parametrize(("clock_time", "utc"), [("01:59", "00:59"), ("03:00", "01:00")])
def test_the_minutes_before_and_after_the_skipped_hour_are_what_they_are(
    desk_at: DeskAt, woman: Participant, clock_time: str, utc: str
) -> None:
    desk = desk_at("2026-03-29 09:00")
    desk.post(add(woman, "transfusion"), typed("2026-03-29", clock_time))
    assert RecordedFact.objects.get().at == datetime.fromisoformat(f"2026-03-29T{utc}:00+00:00")
    assert f"Sun 29 Mar {clock_time}" in show(desk, woman)


def test_a_time_that_the_clock_shows_twice_means_the_first_and_the_page_says_which(
    desk_at: DeskAt, woman: Participant
) -> None:
    desk = desk_at("2026-10-25 09:00")
    desk.post(add(woman, "transfusion"), typed("2026-10-25", "02:30"))
    assert RecordedFact.objects.get().at == FIRST
    assert "Sun 25 Oct 02:30 CEST" in show(desk, woman)


def test_the_second_of_the_two_is_told_from_the_first_and_a_correction_keeps_it(
    desk_at: DeskAt, woman: Participant, berlin: House
) -> None:
    desk = desk_at("2026-10-25 09:00")
    now = datetime(2026, 10, 25, 8, 0, tzinfo=UTC)
    entry = FactEntry("transfusion", SECOND, detail="one unit")
    fact = facts.record_fact(participant=woman, entry=entry, by=berlin["crc"], now=now)
    assert "Sun 25 Oct 02:30 CET" in show(desk, woman)
    page = reverse("admin:tracker_fact_correct", args=[woman.pk, fact.pk])
    again = fields_of(desk.get(page))
    assert (again["at_0"], again["at_1"]) == ("2026-10-25", "02:30")
    desk.post(page, {**again, "detail": "two units", "reason": "Miscounted"})
    corrected = RecordedFact.objects.get(version=2)
    assert (corrected.at, corrected.detail) == (SECOND, "two units")


def test_the_mark_of_the_second_hour_alone_is_no_time(desk_at: DeskAt, woman: Participant) -> None:
    desk = desk_at("2026-10-25 09:00")
    drawn = typed("2026-10-25", "01:00", value="")
    marked = {"resulted_at_0": "", "resulted_at_1": "", "resulted_at_2": "second"}
    assert desk.post(add(woman, "serum_hcg"), {**drawn, **marked}).status_code == 302
    assert RecordedFact.objects.get().resulted_at is None


@pytest.mark.parametrize(("day", "offset"), [("2026-03-28", "UTC+1"), ("2026-03-30", "UTC+2"), ("2026-10-26", "UTC+1")])
def test_the_page_says_by_which_offset_its_clock_goes_today(
    desk_at: DeskAt, woman: Participant, day: str, offset: str
) -> None:
    assert f"12:00 ({offset})" in show(desk_at(f"{day} 12:00"), woman)


def test_a_time_field_names_both_offsets_where_the_clock_is_changed(desk_at: DeskAt, woman: Participant) -> None:
    desk = desk_at("2026-03-28 12:00")
    assert "(UTC+1/UTC+2)" in desk.get(add(woman, "transfusion")).content.decode()

"""A person's calendar: what is due for her roles and nothing clinical; read by a key that stands nowhere."""

import io
import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import CONDITIONED, House, a_participant, at, collected_woman, plan, record
from tests.tracker.admin.two_sites import berlin, shanghai
from tests.tracker.calendar_program import MOVED, NOW, ask, events, key_of, waiting_woman
from tracker.models import Assignment, CalendarEntry, CalendarKey, Participant, User
from tracker.services.calendar_keys import revoke
from tracker.services.calendars import publish
from workflow.stages import Step


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(NOW), tick=False) as traveller:
        yield traveller


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose is planned, and whose test is owed before it."""
    return waiting_woman(house)


def test_the_coordinator_sees_what_is_planned_and_due_by_number_time_and_link_alone(
    waiting: Participant, house: House
) -> None:
    due, planned = sorted(events(key_of(house["crc"])), key=lambda event: "planned" in event["summary"])[-2:]
    assert planned["summary"] == "RJ-001: something is planned, open Daymark"
    assert due["summary"] == "RJ-001: something is due, open Daymark"
    assert planned["dtstart"].dt == at(CONDITIONED)
    assert planned["url"].endswith(f"/admin/tracker/participant/{waiting.pk}/change/")
    assert (planned["status"], planned["sequence"], planned["class"]) == ("CONFIRMED", 0, "PRIVATE")
    assert planned["dtstamp"].dt == planned["last-modified"].dt == at(NOW)


def test_no_word_of_the_file_is_clinical(waiting: Participant, house: House) -> None:
    file = ask(key_of(house["crc"])).content.decode().lower()
    for word in (
        "hcg",
        "pregnan",
        "lympho",
        "dose",
        "serum",
        "contracep",
        "negativ",
        "clause",
        house.site.name.lower(),
    ):
        assert word not in file, word


def test_a_reader_of_chinese_reads_chinese(waiting: Participant, house: House) -> None:
    User.objects.update(language="zh-hans")
    assert {event["summary"] for event in events(key_of(house["crc"]))} <= {
        "RJ-001：有计划安排，请打开Daymark", "RJ-001：有事项到期，请打开Daymark",
    }  # fmt: skip


def test_each_sees_what_her_roles_are_told_of(waiting: Participant, house: House) -> None:
    assert events(key_of(house["crc"]))
    assert events(key_of(house["monitor"])) == []


def test_only_those_are_looked_at_of_whom_something_was_written_and_everybody_once_a_day(
    waiting: Participant, house: House
) -> None:
    key_of(house["crc"])
    # Behind everybody's back: no change of the record does this.
    CalendarEntry.objects.update(starts_at=at(MOVED))
    assert publish(at("2026-04-07 13:00")) == 0
    record(a_participant(house, "RJ-002"), "consent", "2026-04-07 13:10", by=house["pi"])
    assert publish(at("2026-04-07 13:20")) == 0
    assert publish(at("2026-04-08 13:00")) > 0
    CalendarEntry.objects.update(starts_at=at(MOVED))
    record(waiting, "transfusion_review", "2026-04-08 13:10", by=house["crc"])
    assert publish(at("2026-04-08 13:20")) > 0


def test_a_plan_for_a_day_is_a_whole_day_of_the_site(house: House, clock: time_machine.Traveller) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20", by=house["crc"], now="2026-04-07 10:00")
    assert date(2026, 4, 20) in [event["dtstart"].dt for event in events(key_of(house["crc"]))]


def test_nobody_who_works_here_no_longer_finds_a_calendar(
    waiting: Participant, house: House, clock: time_machine.Traveller
) -> None:
    key = key_of(house["crc"])
    unknown = ask("nobody’s").content
    assert ask(key).status_code == 200
    Assignment.objects.filter(user=house["crc"]).update(valid_until=date(2026, 4, 7))
    assert ask(key).status_code == 200
    clock.move_to(at("2026-04-08 00:01"))
    assert (ask(key).status_code, ask(key).content) == (404, unknown)
    Assignment.objects.update(valid_until=None)
    User.objects.filter(pk=house["crc"].pk).update(is_active=False)
    assert (ask(key).status_code, ask(key).content) == (404, unknown)


def test_an_address_that_is_ended_or_replaced_leads_nowhere(waiting: Participant, house: House) -> None:
    first = key_of(house["crc"])
    second = key_of(house["crc"])
    assert [ask(each).status_code for each in (first, second, "", second[:-1])] == [404, 200, 404, 404]
    revoke(by=house["crc"], now=at(NOW))
    assert ask(second).status_code == 404


def test_another_sites_people_are_in_nobodys_file(clock: time_machine.Traveller) -> None:
    there = shanghai()
    here = berlin(there)
    for role in ("pi", "crc", "ward_nurse"):
        response = ask(key_of(here.house[role]))
        assert response.status_code == 200
        assert [mark for mark in there.marks() if mark in response.content.decode()] == []


def test_reading_is_all_that_can_be_done_there_and_it_changes_nothing(waiting: Participant, house: House) -> None:
    key = key_of(house["crc"])
    plan(waiting, Step.LYMPHODEPLETION, MOVED, by=house["crc"], now="2026-04-07 13:00", reason="no bed")
    before = list(CalendarEntry.objects.values_list())
    assert ask(key).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(f"{reverse('calendar')}?key={key}").status_code == 405
    assert list(CalendarEntry.objects.values_list()) == before


def test_what_a_program_has_already_is_not_sent_again(waiting: Participant, house: House) -> None:
    key = key_of(house["crc"])
    first = ask(key)
    assert first["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in first
    assert "Cookie" not in first.get("Vary", "")
    again = ask(key, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-store"
    plan(waiting, Step.LYMPHODEPLETION, MOVED, by=house["crc"], now="2026-04-07 13:00", reason="no bed")
    publish(at("2026-04-07 13:00"))
    assert ask(key, **{"if-none-match": first["ETag"]}).status_code == 200


def test_the_key_is_kept_nowhere_and_stands_in_no_log(
    waiting: Participant, house: House, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_of(house["crc"])
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(message)s %(args)s %(request_path)s", defaults={"request_path": ""}))
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [*root.handlers, handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    with structlog.testing.capture_logs() as said:
        ask(key)
        ask(key[:-1])
        Client().post(f"{reverse('calendar')}?key={key}")
        monkeypatch.setattr("tracker.views.calendar.entries_for", _fails)
        Client(raise_request_exception=False).get(f"{reverse('calendar')}?key={key}")
    assert [line["status"] for line in said if line["event"] == "answered"] == [200, 404, 405, 500]
    assert key[:20] not in written.getvalue() + repr(said)
    assert [row for row in CalendarKey.objects.values_list() if key in repr(row)] == []


def _fails(*_asked: object) -> None:
    raise RuntimeError("the database is away")


def test_while_nobody_has_an_address_nothing_is_written(waiting: Participant) -> None:
    assert publish(at(NOW)) == 0
    assert not CalendarEntry.objects.exists()


def test_somebody_newly_registered_has_nothing_in_it(house: House, clock: time_machine.Traveller) -> None:
    a_participant(house)
    assert events(key_of(house["crc"])) == []

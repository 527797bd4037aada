"""A person's calendar: what is due for her roles, moved and cancelled as it is, nothing clinical; read by a key."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from icalendar import Calendar

from tests.builders import (
    CONDITIONED,
    House,
    a_house,
    a_participant,
    at,
    collected_woman,
    fresh,
    hcg,
    plan,
    record,
    take,
)
from tests.tracker.admin.two_sites import berlin, shanghai
from tracker.models import Assignment, CalendarEntry, CalendarKey, Participant, TrackedDeadline, User
from tracker.services import facts
from tracker.services.calendar_keys import renew, revoke
from tracker.services.calendars import publish
from workflow.stages import Step

NOW = "2026-04-07 12:00"
MOVED = "2026-04-11 09:00"


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(NOW), tick=False) as traveller:
        yield traveller


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose is planned, and whose test is owed before it."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    return fresh(participant)


def ask(key: str, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).get(reverse("calendar"), {"key": key}, headers=headers)


def key_of(user: User, when: str = NOW) -> str:
    """A new address, and what is published by then."""
    key = renew(by=user, now=at(when))
    publish(at(when))
    return key


def events(key: str) -> list[dict[str, Any]]:
    """What a program reads, in order of time."""
    response = ask(key)
    assert response.status_code == 200
    calendar = Calendar.from_ical(response.content)
    found = [{str(name).lower(): value for name, value in event.items()} for event in calendar.walk("VEVENT")]
    return sorted(found, key=lambda event: str(event["dtstart"].dt))


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


def test_a_plan_that_moves_keeps_its_number_and_raises_its_revision(waiting: Participant, house: House) -> None:
    key = key_of(house["crc"])
    before = {event["uid"]: event for event in events(key)}
    plan(waiting, Step.LYMPHODEPLETION, MOVED, by=house["crc"], now="2026-04-07 13:00", reason="no bed")
    publish(at("2026-04-07 13:00"))
    after = {event["uid"]: event for event in events(key)}
    moved = [event for event in after.values() if event["dtstart"].dt == at(MOVED)]
    assert {event["summary"].split(",")[0] for event in moved} == {
        "RJ-001: something is planned", "RJ-001: something is due",
    }  # fmt: skip
    for event in moved:
        assert before[event["uid"]]["dtstart"].dt == at(CONDITIONED)
        assert (before[event["uid"]]["sequence"], event["sequence"]) == (0, 1)
        assert event["last-modified"].dt == at("2026-04-07 13:00")


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


def test_what_is_done_is_cancelled_and_stays_in_the_file(waiting: Participant, house: House) -> None:
    key = key_of(house["crc"])
    before = {event["uid"]: event for event in events(key)}
    hcg(waiting, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(waiting, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    publish(at("2026-04-09 09:05"))
    after = {event["uid"]: event for event in events(key)}
    assert before.keys() <= after.keys()
    gone = [after[uid] for uid, event in before.items() if event["dtstart"].dt == at(CONDITIONED)]
    assert gone
    assert {(event["status"], event["sequence"]) for event in gone} == {("CANCELLED", 1)}


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


def test_publishing_twice_or_by_two_at_once_raises_nothing_twice(waiting: Participant, house: House) -> None:
    key_of(house["crc"])
    before = list(CalendarEntry.objects.values_list())
    assert publish(at("2026-04-07 13:00")) == 0
    assert list(CalendarEntry.objects.values_list()) == before


@dataclass
class Seen:
    """What a calendar program remembers of one entry."""

    uid: str
    sequence: int
    shown: tuple[Any, ...]


_MOVES = st.lists(
    st.one_of(st.integers(min_value=1, max_value=40), st.just("cancel"), st.just("publish"), st.just("twice")),
    max_size=14,
)


class Calendars:
    """One participant's plans, and a program that remembers every entry it was ever shown."""

    def __init__(self) -> None:
        self.house = a_house(roles=("crc",))
        self.participant = a_participant(self.house)
        self.now = at(NOW)
        self.seen: dict[str, Seen] = {}
        self.planned = False
        renew(by=self.house["crc"], now=self.now)

    def happens(self, move: Any) -> None:
        """Seven minutes later."""
        self.now += timedelta(minutes=7)
        if isinstance(move, int):
            self._plan(at("2026-04-08 09:00") + timedelta(days=move))
        elif move == "cancel" and self.planned:
            self._cancel()
        elif move in {"publish", "twice"}:
            self.published(times=2 if move == "twice" else 1)

    def _plan(self, day: datetime) -> None:
        planning: dict[str, Any] = {
            "step": Step.LYMPHODEPLETION,
            "by": self.house["crc"],
            "now": self.now,
            "reason": "it moves",
        }
        facts.plan_step(participant=self.participant, at=day, **planning)
        self.planned = True

    def _cancel(self) -> None:
        cancelling: dict[str, Any] = {
            "step": Step.LYMPHODEPLETION,
            "by": self.house["crc"],
            "now": self.now,
            "reason": "no bed",
        }
        facts.cancel_plan(participant=self.participant, **cancelling)
        self.planned = False

    def _asked(self, reason: str) -> dict[str, Any]:
        return {"step": Step.LYMPHODEPLETION, "by": self.house["crc"], "now": self.now, "reason": reason}

    def published(self, times: int = 1) -> None:
        """What is shown is what is due; each entry under its own number, its revision up by one where it changed."""
        for _time in range(times):
            publish(self.now)
        rows = {row.source: row for row in CalendarEntry.objects.all()}
        assert self.seen.keys() <= rows.keys()
        for source, row in rows.items():
            shown = (row.starts_at, row.all_day, row.cancelled)
            before = self.seen.get(source, Seen(str(row.uid), row.sequence, shown))
            assert before.uid == str(row.uid)
            assert row.sequence == before.sequence + (shown != before.shown)
            self.seen[source] = Seen(str(row.uid), row.sequence, shown)
        owed = TrackedDeadline.objects.filter(status__in=("upcoming", "open", "overdue"), due_at__isnull=False)
        due = owed.exclude(clause__startswith="plan_").count()
        assert sum(not row.cancelled for row in rows.values()) == due + self.planned


class EntriesMove(TestCase):
    @hypothesis_settings(max_examples=25)
    @given(_MOVES)
    def test_the_number_stays_and_the_revision_rises_with_every_change_that_was_published(
        self, moves: list[Any]
    ) -> None:
        calendars = Calendars()
        for move in moves:
            calendars.happens(move)
        calendars.published()


def test_somebody_newly_registered_has_nothing_in_it(house: House, clock: time_machine.Traveller) -> None:
    a_participant(house)
    assert events(key_of(house["crc"])) == []

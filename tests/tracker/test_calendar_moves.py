"""What stands in a calendar keeps its number, wherever it moves; its revision rises when it changes, else never."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.builders import CONDITIONED, House, a_house, a_participant, at, hcg, plan, take
from tests.tracker.calendar_program import MOVED, NOW, events, key_of, waiting_woman
from tracker.models import CalendarEntry, Participant, TrackedDeadline
from tracker.services import facts
from tracker.services.calendar_keys import renew
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

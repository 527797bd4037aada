"""How often a calendar may be asked for: by a program that has its key, and by whoever tries keys."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import caches

from tests.builders import House, at
from tests.tracker.calendar_program import ask
from tracker.door.limits import FEED, GUESSED_FEED
from tracker.services.calendar_keys import renew

NOW = at("2026-04-07 12:00")


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    """A minute in which nobody has asked yet."""
    caches["common"].clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_a_program_that_asks_too_often_waits_and_the_calendars_of_others_do_not(
    house: House, clock: time_machine.Traveller
) -> None:
    eager, calm = renew(by=house["crc"], now=NOW), renew(by=house["pi"], now=NOW)
    assert {ask(eager).status_code for _time in range(FEED.number)} == {200}
    refused = ask(eager)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert ask(calm).status_code == 200
    clock.move_to(at("2026-04-07 13:00"))
    assert ask(eager).status_code == 200


def test_whoever_tries_keys_is_stopped_and_no_program_that_has_one(house: House, clock: time_machine.Traveller) -> None:
    known = renew(by=house["crc"], now=NOW)
    tried = [ask(f"guess {number}").status_code for number in range(GUESSED_FEED.number + 1)]
    assert (set(tried[:-1]), tried[-1]) == ({404}, 429)
    assert ask(known).status_code == 200

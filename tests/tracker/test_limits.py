"""Limits: who knocks too often waits, in whatever process; where nobody can count, nobody stands outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisIsAway

from config.cache import caches_for
from tests.environment import REDIS_URL
from tracker.door import limits
from tracker.door.limits import Limit

NOON = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
THREE = Limit("a-test", 3, timedelta(minutes=1))


def test_so_many_are_allowed_and_then_none_until_the_time_is_over() -> None:
    assert [THREE.allows("203.0.113.9", NOON) for _time in range(5)] == [True, True, True, False, False]
    assert THREE.allows("198.51.100.7", NOON)
    assert THREE.allows("203.0.113.9", NOON + timedelta(minutes=1))


def test_one_limit_does_not_count_for_another() -> None:
    other = Limit("another-test", 1, timedelta(minutes=1))
    assert [other.allows("203.0.113.9", NOON), THREE.allows("203.0.113.9", NOON)] == [True, True]


@pytest.mark.services("Redis")
def test_processes_count_together_in_redis(settings: Any) -> None:
    settings.CACHES = caches_for(REDIS_URL)
    whose = f"test at {datetime.now(UTC)}"
    first = [THREE.allows(whose, NOON) for _time in range(2)]
    # Another process has a connection of its own.
    caches["common"].close()
    assert [*first, THREE.allows(whose, NOON), THREE.allows(whose, NOON)] == [True, True, True, False]


def test_nobody_stands_outside_because_the_common_memory_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_args: Any) -> int:
        raise RedisIsAway

    monkeypatch.setattr(limits, "_one_more", away)
    assert all(THREE.allows("203.0.113.9", NOON) for _time in range(9))
    assert "203.0.113.9" not in caplog.text


@pytest.mark.parametrize("door", ["admin:login", "admin_password_reset", "password_reset_confirm"])
def test_a_machine_at_the_door_is_told_to_wait(db: None, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = reverse(door)
    monkeypatch.setattr(limits, "_limits", lambda: {url: THREE})
    answers = [Client().post(url, {}) for _time in range(4)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True]
    assert answers[-1].headers["Retry-After"] == "60"
    assert Client().get(url).status_code != 429


@pytest.mark.parametrize("door", ["password_change", "tracker_code", "tracker_codes", "login"])
def test_every_page_where_a_secret_can_be_guessed_has_a_limit(door: str) -> None:
    assert reverse(f"admin:{door}") in limits._limits()


def test_a_ward_at_the_change_of_shifts_is_no_machine() -> None:
    assert limits.SIGN_IN.number / (limits.SIGN_IN.within / timedelta(minutes=1)) >= 10

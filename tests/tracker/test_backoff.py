"""How long a message waits after an attempt that failed."""

from datetime import timedelta

from tracker.services.backoff import FIRST_WAIT, LONGEST_OUTAGE_WAIT, LONGEST_WAIT, wait_after

KEYS = [f"<daymark.{number}@site.example>" for number in range(200)]


def test_it_doubles_up_to_an_hour_and_stays_between_half_and_the_whole() -> None:
    wholes = [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    for failures, whole in enumerate(wholes, start=1):
        waits = [wait_after(failures, key).total_seconds() for key in KEYS]
        assert whole / 2 <= min(waits)
        assert max(waits) < whole


def test_messages_that_failed_together_are_not_tried_together_again() -> None:
    waits = sorted(wait_after(9, key) / LONGEST_WAIT for key in KEYS)
    assert len(set(waits)) == len(KEYS)
    assert waits[0] < 0.53
    assert 0.7 < waits[len(KEYS) // 2] < 0.8
    assert waits[-1] > 0.97


def test_one_message_does_not_always_come_at_the_same_part_of_its_wait() -> None:
    assert len({wait_after(failures, KEYS[0]) / LONGEST_WAIT for failures in range(9, 29)}) == 20


def test_the_same_failure_of_the_same_message_waits_the_same() -> None:
    assert wait_after(3, KEYS[0]) == wait_after(3, KEYS[0])


def test_an_outage_never_makes_a_message_wait_long() -> None:
    waits = [wait_after(500, key, longest=LONGEST_OUTAGE_WAIT) for key in KEYS]
    assert max(waits) < timedelta(minutes=1)
    assert min(waits) > FIRST_WAIT


def test_no_number_of_failures_is_too_large() -> None:
    assert wait_after(10**9, KEYS[0]) <= LONGEST_WAIT

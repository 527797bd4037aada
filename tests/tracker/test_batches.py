"""Many participants are reassessed together: at the cost of one, with the same outcome; none holds up the others."""

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.builders import House, at, collected_woman, fresh, plan
from tracker.models import Alert, AlertEvent, Heartbeat, Notification, Participant, TrackedDeadline
from tracker.services import deadlines
from tracker.services.locking import lock
from workflow.stages import Step

DOSE = "2026-04-20 09:00"
TWO_DAYS_BEFORE = at("2026-04-18 09:00")


def waiting(house: House, count: int, first: int = 1) -> list[Participant]:
    """Women whose first dose is planned for the same hour; the reminder two days before is still to come."""
    women = [collected_woman(house, f"RJ-{number:03}") for number in range(first, first + count)]
    for woman in women:
        plan(woman, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-15 10:00")
    return women


def queries_of_a_sweep() -> int:
    with CaptureQueriesContext(connection) as seen:
        deadlines.sweep(TWO_DAYS_BEFORE)
    return len(seen)


def what_stands() -> list[Any]:
    """Everything that a sweep writes, without the keys."""
    about = ("deadline__participant", "deadline__clause", "rung", "due_at", "raised_at", "status", "escalates_at")
    told = (
        "alert__deadline__participant",
        "alert__rung",
        "recipient",
        "role",
        "kind",
        "subject",
        "text_body",
        "status",
    )
    return [
        sorted(map(str, rows))
        for rows in (
            TrackedDeadline.objects.values_list(
                "participant", "clause", "occurrence", "status", "due_at", "updated_at"
            ),
            Alert.objects.values_list(*about),
            AlertEvent.objects.values_list("alert__deadline__participant", "alert__rung", "kind", "at"),
            Notification.objects.values_list(*told),
            Participant.objects.values_list("pk", "reassess_after"),
        )
    ]


def test_a_sweep_with_nothing_to_do_asks_and_notes_that_it_did(house: House) -> None:
    deadlines.sweep(TWO_DAYS_BEFORE)
    assert queries_of_a_sweep() == 2


def test_four_cost_as_many_queries_as_two(house: House) -> None:
    deadlines.sweep(TWO_DAYS_BEFORE)
    waiting(house, 2)
    for_two = queries_of_a_sweep()
    assert Alert.objects.count() == 2
    waiting(house, 4, first=3)
    for_four = queries_of_a_sweep()
    assert Alert.objects.count() == 6
    assert for_two == for_four < 25


def test_together_comes_out_what_comes_out_one_by_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(house, 3)
    together = []
    for size in (100, 1):
        monkeypatch.setattr(deadlines, "BATCH", size)
        with transaction.atomic():
            assert deadlines.sweep(TWO_DAYS_BEFORE) == 3
            together.append(what_stands())
            transaction.set_rollback(True)
    assert together[0] == together[1]
    assert len(together[0][1]) == 3


def test_more_than_fit_into_one_batch_are_all_reassessed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(house, 3)
    monkeypatch.setattr(deadlines, "BATCH", 2)
    assert deadlines.sweep(TWO_DAYS_BEFORE) == 3
    assert deadlines.sweep(TWO_DAYS_BEFORE) == 0
    assert Alert.objects.count() == 3


def test_between_two_batches_sqlite_is_left_to_whoever_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(house, 3)
    left: list[float] = []
    monkeypatch.setattr(deadlines, "BATCH", 2)
    monkeypatch.setattr(deadlines, "sleep", left.append)
    deadlines.sweep(TWO_DAYS_BEFORE)
    assert left == ([] if connection.vendor == "postgresql" else [deadlines.BREATH_SECONDS])


def test_a_database_that_fails_while_the_batch_is_chosen_is_no_healthy_sweep(house: House) -> None:
    waiting(house, 1)
    deadlines.sweep(TWO_DAYS_BEFORE - timedelta(minutes=1))

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("SELECT") and "tracker_site" in sql:
            raise OperationalError("the server closed the connection")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError):
        deadlines.sweep(TWO_DAYS_BEFORE)
    assert Heartbeat.objects.get(name="sweep").at < TWO_DAYS_BEFORE


@pytest.mark.django_db(transaction=True)
def test_who_is_being_written_about_is_left_alone_and_taken_by_the_next_sweep(house: House) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite one writer locks the whole database, and a sweep waits for it")
    busy, free = waiting(house, 2)
    locked, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            lock(busy.pk)
            locked.set()
            done.wait(20)
        connections.close_all()

    holder = Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    assert deadlines.sweep(TWO_DAYS_BEFORE) == 1
    assert [alert.deadline.participant_id for alert in Alert.objects.select_related("deadline")] == [free.pk]
    done.set()
    holder.join()
    assert deadlines.sweep(TWO_DAYS_BEFORE) == 1
    assert fresh(busy).deadlines.filter(alerts__isnull=False).exists()

"""A clock that is set back, a disk without room, a queue of thousands: nothing is doubled, nothing half-written."""

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.builders import House, at, collected_woman, fresh, hcg, plan, record
from tests.services.processes import free_port
from tests.services.sink import Sink, listening
from tests.tracker.mailbox import open_mailbox
from tracker.management.benching.due import all_due
from tracker.models import Alert, AlertEvent, Notification, Participant, RecordedFact
from tracker.services import deadlines, notifications
from workflow.stages import Step

DOSE = "2026-04-20 09:00"
HOUR = timedelta(hours=1)
QUEUE = 10_000 if os.environ.get("DAYMARK_TEST_PROFILE") == "soak" else 100


@pytest.fixture
def waiting(house: House) -> Participant:
    """A woman whose first dose is planned; nothing is due yet."""
    woman = collected_woman(house)
    plan(woman, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-15 10:00")
    return woman


def test_a_clock_that_is_set_back_an_hour_tells_nothing_twice_and_loses_nothing(
    waiting: Participant, settings: Any
) -> None:
    due = at("2026-04-18 09:00")
    with open_mailbox(settings) as mailbox:
        for now in (due, due - HOUR, due - HOUR / 2, due, due + HOUR):
            deadlines.sweep(now)
            deadlines.reconcile(fresh(waiting), now)
            notifications.deliver_due(now)
        told = Counter(Notification.objects.values_list("alert__rung", "recipient", "kind"))
        assert {key: count for key, count in told.items() if count > 1} == {}
        assert len(mailbox.taken) == sum(told.values())
    standing = Alert.objects.exclude(status="resolved").get()
    assert (standing.rung, standing.status) == ("window_open", "raised")
    assert set(Notification.objects.values_list("status", flat=True)) == {"sent"}


def test_a_test_recorded_while_the_clock_is_behind_still_resolves_what_was_told(
    waiting: Participant, house: House
) -> None:
    deadlines.sweep(at("2026-04-18 10:00"))
    assert Alert.objects.exclude(status="resolved").exists()
    hcg(waiting, house, "2026-04-18 09:10", "2026-04-18 09:40")
    assert not Alert.objects.exclude(status="resolved").exists()


def test_three_days_of_downtime_are_followed_by_the_newest_rung_alone(waiting: Participant, settings: Any) -> None:
    with open_mailbox(settings) as mailbox:
        deadlines.sweep(at("2026-04-17 08:59"))
        before = len(mailbox.taken)
        back = at(DOSE) - timedelta(minutes=30)
        deadlines.sweep(back)
        notifications.deliver_due(back)
        told = [message["To"] for message in mailbox.taken[before:]]
        assert len(told) == len(set(told)) > 0
    assert len({alert.rung for alert in Alert.objects.exclude(status="resolved")}) == 1


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_says_so_keeps_everything_and_goes_on_when_there_is_room(
    waiting: Participant, house: House
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the size of a PostgreSQL database has no limit that a test could set")
    before = (RecordedFact.objects.count(), AlertEvent.objects.count(), fresh(waiting).reassess_after)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    written = _written_until_it_is_full(waiting, house)
    assert (RecordedFact.objects.count() - written, AlertEvent.objects.count(), fresh(waiting).reassess_after) == before
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {pages * 100}")
    record(waiting, "weight", "2026-04-16 09:00", "62", by=house["crc"])
    assert deadlines.sweep(at("2026-04-18 09:00")) == 1
    assert Alert.objects.filter(status="raised").exists()


def _written_until_it_is_full(woman: Participant, house: House) -> int:
    for number in range(2_000):
        try:
            record(woman, "weight", "2026-04-16 08:00", "61", by=house["crc"], detail=f"{number} " + "x" * 400)
        except OperationalError as error:
            assert "full" in str(error)  # noqa: PT017 - how many were written before is the answer
            return number
    raise AssertionError("the disk never became full")


@pytest.mark.storm
@pytest.mark.django_db(transaction=True)
def test_a_queue_of_many_is_emptied_in_one_go_and_each_message_comes_once(settings: Any) -> None:
    now = all_due(QUEUE, 60)
    assert deadlines.sweep(now) == QUEUE
    port = free_port()
    settings.MAIL_CONFIGURED, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with listening(Sink(), port) as sink:
        while Notification.objects.exclude(status="sent").exists():
            assert notifications.deliver_due(now) > 0
    assert Counter(sink.message_ids) == Counter(Notification.objects.values_list("message_id", flat=True))
    assert len(sink.message_ids) == QUEUE

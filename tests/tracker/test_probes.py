"""Alive, ready, how it is doing: what machines are told, and what they are never told."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Never

import pytest
from celery import Celery
from celery.signals import after_task_publish
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from config import celery_app
from config.celery import celery_options
from tests.builders import House, a_participant
from tests.services.processes import free_port
from tracker.models import Heartbeat, Notification, NotificationStatus, Participant, User
from tracker.tasks import note_beat
from tracker.views.readings import readings

NOW = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
TOKEN = "t" * 40


def read(now: datetime = NOW) -> dict[str, float]:
    """Every metric by its name with its label."""
    lines = [line for line in readings(now).decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_process_that_answers_lives_whatever_the_database_does(client: Client) -> None:
    # No mark gives this test a database: a query would fail it.
    assert client.get("/livez").content == b"ok\n"


@pytest.mark.django_db
def test_a_process_is_ready_when_database_and_broker_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"database: ok\naudit trail: ok\nbroker: ok\n")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_database_that_misses_a_migration_is_named(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tracker' AND name LIKE '0001%%'")
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database: not migrated\naudit trail: ok\nbroker: ok\n")


def refuse(*_query: object) -> Never:
    """The database is away, and says more than anybody may read."""
    raise OperationalError('connection to server at "10.1.2.3" failed: password "hunter2"')


@pytest.mark.django_db
def test_a_database_out_of_reach_is_named_without_what_it_said(client: Client) -> None:
    with connection.execute_wrapper(refuse):
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (
        503,
        b"database: not reachable\naudit trail: not reachable\nbroker: ok\n",
    )


@pytest.fixture
def nobody_at_the_broker() -> Iterator[None]:
    """Production's broker, at a port on which nobody listens."""
    away = Celery("away", set_as_current=True)
    away.conf.update(celery_options(f"redis://:hunter2@127.0.0.1:{free_port()}/0"))
    yield
    celery_app.set_current()


@pytest.mark.django_db
@pytest.mark.usefixtures("nobody_at_the_broker")
def test_a_broker_out_of_reach_is_named_without_its_address(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database: ok\naudit trail: ok\nbroker: not reachable\n")


def test_probes_are_only_asked(client: Client) -> None:
    assert [client.post(path).status_code for path in ("/livez", "/readyz", "/metrics")] == [405, 405, 405]


def test_without_a_token_there_are_no_metrics(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", f"Bearer {TOKEN[1:]}", TOKEN, "Bearer é"])
def test_metrics_are_for_the_bearer_of_the_token(client: Client, settings: Settings, said: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    refused = client.get("/metrics", headers={"authorization": said})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.django_db
def test_metrics_are_text_for_prometheus(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert b"# TYPE daymark_participants_overdue gauge" in response.content


@pytest.mark.django_db
def test_work_that_was_never_done_is_infinitely_old_and_done_work_has_an_age() -> None:
    Heartbeat.objects.create(name="sweep", at=NOW - timedelta(seconds=90))
    told = read()
    assert told['daymark_heartbeat_age_seconds{work="sweep"}'] == 90
    assert told['daymark_heartbeat_age_seconds{work="deliver"}'] == float("inf")


@pytest.mark.django_db
def test_a_clock_that_runs_behind_makes_no_negative_age() -> None:
    Heartbeat.objects.create(name="sweep", at=NOW + timedelta(seconds=2))
    assert read()['daymark_heartbeat_age_seconds{work="sweep"}'] == 0


@pytest.mark.django_db(transaction=True)
def test_handing_out_a_sweep_is_the_beats_own_heartbeat() -> None:
    after_task_publish.send(sender="tracker.tasks.deliver")
    assert not Heartbeat.objects.exists()
    after_task_publish.send(sender="tracker.tasks.sweep")
    assert Heartbeat.objects.filter(name="beat").exists()


@pytest.mark.django_db(transaction=True)
def test_the_beat_goes_on_while_the_database_is_away() -> None:
    with connection.execute_wrapper(refuse):
        note_beat()
    note_beat()
    assert Heartbeat.objects.filter(name="beat").exists()


def test_participants_whose_time_has_come_are_counted_with_the_oldest_lag(house: House) -> None:
    assert read()["daymark_reassessment_lag_seconds"] == 0
    for number, late in enumerate((timedelta(seconds=30), timedelta(minutes=5), -timedelta(minutes=5))):
        woman = a_participant(house, f"RJ-{number:03}")
        Participant.objects.filter(pk=woman.pk).update(reassess_after=NOW - late)
    told = read()
    assert (told["daymark_participants_overdue"], told["daymark_reassessment_lag_seconds"]) == (2, 300)


def queued(reader: User, house: House, number: int, status: NotificationStatus, minutes_ago: int) -> Notification:
    """A message about nothing in particular."""
    written, day = NOW - timedelta(minutes=minutes_ago), (NOW - timedelta(days=number)).date()
    return Notification.objects.create(
        recipient=reader, kind="digest", digest_for=day, site=house.site, status=status, created_at=written,
        message_id=f"<{number}@test>", sent_at=written if status == NotificationStatus.SENT else None,
        held_until=NOW + timedelta(minutes=10) if status == NotificationStatus.HELD else None,
    )  # fmt: skip


def test_messages_are_counted_by_status_and_the_oldest_unsent_has_an_age(house: House) -> None:
    crc = house["crc"]
    queued(crc, house, 1, NotificationStatus.SENT, minutes_ago=600)
    assert read()["daymark_oldest_unsent_message_seconds"] == 0
    queued(crc, house, 2, NotificationStatus.PENDING, minutes_ago=1)
    queued(crc, house, 3, NotificationStatus.FAILED, minutes_ago=7)
    queued(crc, house, 4, NotificationStatus.WITHDRAWN, minutes_ago=90)
    told = read()
    assert told["daymark_oldest_unsent_message_seconds"] == 7 * 60
    counted = {name: told[f'daymark_messages{{status="{name}"}}'] for name in NotificationStatus.values}
    assert counted == {
        **dict.fromkeys(NotificationStatus.values, 0),
        "sent": 1,
        "pending": 1,
        "failed": 1,
        "withdrawn": 1,
    }


def test_a_message_held_in_the_quiet_hours_waits_only_from_their_end_on(house: House) -> None:
    queued(house["crc"], house, 1, NotificationStatus.HELD, minutes_ago=300)
    assert read()["daymark_oldest_unsent_message_seconds"] == 0
    assert read(NOW + timedelta(minutes=12))["daymark_oldest_unsent_message_seconds"] == 120


def test_no_metric_names_anybody(house: House) -> None:
    woman = a_participant(house)
    text = readings(NOW).decode()
    assert woman.subject_number not in text
    labels = set(re.findall(r'(\w+)="', text))
    assert labels == {"work", "status"}

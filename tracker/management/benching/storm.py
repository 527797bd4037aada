"""A storm: everybody's reminder is due at once. What it costs to raise them, to write them, and to send them."""

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from socket import socket
from time import monotonic, sleep
from typing import Any
from unittest.mock import patch

from django.db import connection, connections, transaction
from django.test.utils import override_settings

from tracker.evaluation import evaluate_all
from tracker.models import (
    UNSENT,
    Alert,
    AlertEvent,
    AlertEventKind,
    Notification,
    NotificationStatus,
    Participant,
    TrackedDeadline,
    User,
)
from tracker.services import deadlines, notifications
from tracker.services.delivery import email_of

BATCH = deadlines.BATCH


@dataclass(frozen=True)
class Sink:
    """A mail server in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int

    def ended(self) -> tuple[int, float, float]:
        """End it; how many messages it took, and when the first and the last came."""
        self.process.terminate()
        told, _ = self.process.communicate(timeout=10)
        taken, first, last = told.split()
        return int(taken), float(first), float(last)


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink, and settings that name it as the mail server."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "tracker.management.benching.sink", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        if process.stdout is not None:
            process.stdout.readline()
        named = override_settings(
            MAIL_CONFIGURED=True, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_USE_TLS=False, EMAIL_USE_SSL=False,
            EMAIL_HOST_USER="", EMAIL_HOST_PASSWORD="", EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        )  # fmt: skip
        try:
            with named:
                yield Sink(process, port)
        finally:
            process.terminate()
            process.wait(timeout=10)


def seconds(work: Callable[[], object]) -> float:
    """How long it took, on the wall: the database and the mail server are other processes."""
    began = monotonic()
    work()
    return monotonic() - began


def queries(work: Callable[[], object]) -> int:
    """How many queries it asked: counted one by one, since Django's own log of them keeps the last 9,000 only."""
    asked = count()
    with connection.execute_wrapper(lambda execute, *rest: (next(asked), execute(*rest))[1]):
        work()
    return next(asked)


def rolled_back(work: Callable[[], object]) -> None:
    """Do it, and leave nothing of it."""
    with transaction.atomic():
        work()
        transaction.set_rollback(True)


@contextmanager
def evaluating() -> Iterator[list[float]]:
    """Gathers how long each batch took to be read and held against the protocol, in seconds."""
    taken: list[float] = []

    def timed(*people: Any, **when: Any) -> Any:
        began = monotonic()
        found = evaluate_all(*people, **when)
        taken.append(monotonic() - began)
        return found

    with patch.object(deadlines, "evaluate_all", timed):
        yield taken


def write_as_the_orm_does(now: datetime) -> None:
    """The reference: what a sweep writes, by the ORM's own bulk idiom, with nothing decided and nothing composed."""
    keys = list(Participant.objects.order_by("pk").values_list("pk", flat=True))
    for place in range(0, len(keys), BATCH):
        with transaction.atomic():
            _write_batch(keys[place : place + BATCH], now)


def _write_batch(keys: list[int], now: datetime) -> None:
    locked = list(Participant.objects.select_for_update().filter(pk__in=keys))
    rows = TrackedDeadline.objects.filter(participant__in=keys).order_by("participant", "pk")
    one_each = dict(rows.values_list("participant", "pk")).values()
    reader = User.objects.get(username="bench")
    alerts = Alert.objects.bulk_create(
        Alert(deadline_id=row, rung="bench", raised_at=now, say="Look.", tell=["pi"]) for row in one_each
    )
    AlertEvent.objects.bulk_create(AlertEvent(alert=alert, kind=AlertEventKind.RAISED, at=now) for alert in alerts)
    Notification.objects.bulk_create([_message(alert, reader, now) for alert in alerts], ignore_conflicts=True)
    for participant in locked:
        participant.reassess_after = None
    Participant.objects.bulk_update(locked, ["reassess_after"])


def _message(alert: Alert, reader: User, now: datetime) -> Notification:
    """About as long as a real one."""
    text = "A reminder. " * 60
    return Notification(
        alert=alert, recipient=reader, role="pi", kind="first", language="en", subject="BENCH-1: a reminder",
        text_body=text, html_body=text * 3, message_id=f"<bench.{alert.pk}@localhost>", created_at=now,
    )  # fmt: skip


def send_raw(port: int, messages: list[tuple[str, bytes]]) -> None:
    """The reference: the same bytes over one connection that is kept open, and nothing noted."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for reader, content in messages:
            server.sendmail("daymark@localhost", [reader], content)


def queued() -> list[tuple[str, bytes]]:
    """Every message that waits, to whom and in full."""
    rows = Notification.objects.filter(status__in=UNSENT).select_related("recipient", "alert")
    return [(row.recipient.email, email_of(row).message().as_bytes()) for row in rows]


def deliver_all(now: datetime) -> None:
    """Send until nothing waits."""
    while Notification.objects.filter(status__in=(*UNSENT, NotificationStatus.SENDING)).exists():
        notifications.deliver_due(now)


@contextmanager
def delivering_beside(now: datetime) -> Iterator[None]:
    """A second process that sends what there is, looking every tenth of a second, as a worker for mail would."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        while True:
            notifications.deliver_due(now)
            sleep(0.1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

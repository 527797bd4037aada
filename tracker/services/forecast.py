"""Forecast: who will be told what, and when, if nothing else happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tracker.models import Notification, Participant
from tracker.services import deadlines
from tracker.services.locking import lock


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One message that will be written at an instant to one person, about one clause; `kind` says why.

    `say` and `say_zh` are what it asks for, in the protocol file's words.
    """

    subject_number: str
    at: datetime
    clause: str
    rung: str
    kind: str
    urgent: bool
    role: str
    recipient: str
    email: str
    say: str
    say_zh: str


_TOLD = (
    "created_at", "alert__deadline__clause", "alert__rung", "kind", "alert__urgent", "role", "recipient__username",
    "recipient__email", "alert__say", "alert__say_zh",
)  # fmt: skip


def forecast(participant: Participant, *, now: datetime, until: datetime) -> list[Foreseen]:
    """Every message about one participant from now up to an instant (closed), in the order in which it is written.

    The very services that will write them are asked at every instant at which the sweep would ask them; all that they
    write is rolled back. What is queued already is not foreseen, it is in the outbox.
    """
    with transaction.atomic():
        row = lock(participant.pk)
        known = set(_messages(row).values_list("pk", flat=True))
        for instant in _instants(row, now, until):
            deadlines.reconcile(row, instant)
        found = [
            Foreseen(row.subject_number, *told) for told in _messages(row).exclude(pk__in=known).values_list(*_TOLD)
        ]
        transaction.set_rollback(True)
    return found


def _instants(row: Participant, now: datetime, until: datetime) -> Iterator[datetime]:
    """Now, and each instant at which the participant is to be looked at again; every look sets the next one."""
    instant: datetime | None = now
    while instant is not None and instant <= until:
        yield instant
        following = row.reassess_after
        if following is not None and following <= instant:
            raise RuntimeError(f"participant {row.pk} is to be looked at again at {following}, not after {instant}")
        instant = following


def _messages(row: Participant) -> QuerySet[Notification]:
    return Notification.objects.filter(alert__deadline__participant=row).order_by("created_at", "pk")

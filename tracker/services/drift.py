"""Drift: what the database holds and the protocol does not answer, because something went past the services.

Making a participant equal to the evaluation twice writes nothing the second time. So whatever it would write about
somebody whose next reassessment is still to come is drift; the audit trail of the attempt says what, column by column.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Max, QuerySet

from tracker.audit.context import acting
from tracker.models import AuditEvent, Participant
from tracker.services.deadlines import BATCH, kind_and_place, reconcile_all
from tracker.services.locking import lock_settled

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drift:
    """What would be written, or was, to make one participant equal; `error` is why that cannot even be asked."""

    participant: Participant
    events: tuple[AuditEvent, ...]
    error: str = ""


def waiting(participants: QuerySet[Participant], now: datetime) -> int:
    """How many the sweep has not come to yet: they may differ, and that is no drift."""
    return participants.filter(reassess_after__lte=now).count()


def find(keys: Sequence[int], now: datetime) -> Iterator[Drift]:
    """Who of these differs at `now`, and how; nothing is written. Locks BATCH of them at a time, for as long."""
    yield from _each(keys, now, keep=False)


def mend(keys: Sequence[int], now: datetime) -> Iterator[Drift]:
    """Make whoever differs at `now` equal, each in a transaction of her own; what that wrote."""
    yield from _each(keys, now, keep=True)


def _each(keys: Sequence[int], now: datetime, *, keep: bool) -> Iterator[Drift]:
    for place in range(0, len(keys), BATCH):
        batch = keys[place : place + BATCH]
        if _is_suspect(batch, now):
            alone = (_alone(key, now, keep=keep) for key in batch)
            yield from (drift for drift in alone if drift is not None)


def _is_suspect(keys: Sequence[int], now: datetime) -> bool:
    """Whether anything would be written about any of them, or one cannot be asked about."""
    try:
        return bool(_written(keys, now, keep=False)[1])
    except Exception as error:  # noqa: BLE001 - whatever one record does, it is named when she is asked about alone
        logger.warning("a batch of %s could not be compared together: %s", len(keys), kind_and_place(error))
        return True


def _alone(key: int, now: datetime, *, keep: bool) -> Drift | None:
    try:
        participants, events = _written([key], now, keep=keep)
    except Exception as error:  # noqa: BLE001 - as above; the command prints it and ends with 1
        one = Participant.objects.select_related("study", "site").get(pk=key)
        return Drift(one, (), kind_and_place(error))
    return Drift(participants[0], tuple(events)) if events else None


def _written(keys: Iterable[int], now: datetime, *, keep: bool) -> tuple[list[Participant], list[AuditEvent]]:
    """Make them equal, and read in the audit trail what that wrote."""
    attempt = f"reconcile-{uuid4().hex}"
    with acting(actor=None, reason="reconciled with the protocol", request_id=attempt), transaction.atomic():
        before = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0
        participants = lock_settled(keys, now)
        reconcile_all(participants, now)
        # Others write meanwhile: theirs carry other numbers.
        events = list(AuditEvent.objects.filter(pk__gt=before, request_id=attempt))
        transaction.set_rollback(not keep)
    return participants, events

"""Sealing: what is committed is chained, and how far the chain goes is published outside the database."""

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from tracker.audit.chain import BEGINNING, Head, Link, breaks, digest_of
from tracker.models import AuditEvent, AuditSeal, Heartbeat

logger = logging.getLogger(__name__)

BATCH = 5_000
"""How many are sealed in one transaction."""

REACH = 100_000
"""How far behind the last sealed event one may be that was committed late: a transaction takes its number early."""

PATIENCE = timedelta(hours=1)
"""How old an event may be that is not sealed yet; an older one shows that nobody seals."""

_FIELDS = ("id", "at", "table", "row", "operation", "old", "new", "actor", "reason", "request_id", "program")


def seal(now: datetime) -> int:
    """Chain every committed event that is not sealed yet, oldest first; how many there were.

    Two at once do it one after the other. The new head is published once it is committed.
    """
    sealed = 0
    while number := _seal_batch(now):
        sealed += number
        if number < BATCH:
            break
    return sealed


def problems(now: datetime, heads: Iterable[Head]) -> Iterator[str]:
    """Everything that is wrong with the chain, in order."""
    yield from breaks(_links(), heads)
    late = AuditEvent.objects.filter(seal=None, at__lt=now - PATIENCE)
    for event in late.iterator():
        yield f"event {event.pk} ({event.table} {event.row}) was never sealed"


def published(path: Path) -> list[Head]:
    """The heads in a file of them. Raises FileNotFoundError, and ValueError for a line that is none."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Head(said["count"], said["head"]) for said in map(json.loads, lines)]


def _seal_batch(now: datetime) -> int:
    with transaction.atomic():
        Heartbeat.objects.get_or_create(name="seal", defaults={"at": now})
        Heartbeat.objects.select_for_update().get(name="seal")
        last = AuditSeal.objects.order_by("-position").first()
        seals = list(_sealed(_unsealed()[:BATCH], last))
        AuditSeal.objects.bulk_create(seals)
        Heartbeat.objects.filter(name="seal").update(at=now)
    if seals:
        _publish(seals[-1], now)
    return len(seals)


def _unsealed() -> Any:
    newest = AuditSeal.objects.aggregate(newest=Max("event_id"))["newest"] or 0
    return AuditEvent.objects.filter(seal=None, pk__gt=newest - REACH).order_by("pk")


def _sealed(events: Iterable[AuditEvent], last: AuditSeal | None) -> Iterator[AuditSeal]:
    position, digest = (last.position, last.digest) if last else (0, BEGINNING)
    for event in events:
        position, digest = position + 1, digest_of(_plain(event), digest)
        yield AuditSeal(position=position, event=event, digest=digest)


def _links() -> Iterator[Link]:
    for found in AuditSeal.objects.order_by("position").select_related("event").iterator(chunk_size=2_000):
        yield Link(found.position, found.digest, _plain(found.event))


def _plain(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _FIELDS}


def _publish(head: AuditSeal, now: datetime) -> None:
    """Add a line to the file, and one to the log, which goes elsewhere."""
    path = Path(settings.AUDIT_HEADS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": now.isoformat(), "count": head.position, "head": head.digest}) + "\n")
    logger.info("the audit trail is sealed to %s: %s", head.position, head.digest)

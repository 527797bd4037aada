"""Sealing: what is committed is chained, and how far the chain goes is published outside the database."""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from tracker.audit.chain import BEGINNING, Head, Link, TakenOut, breaks
from tracker.audit.digests import digest_of
from tracker.models import AuditEvent, AuditSeal, Heartbeat, Redaction

logger = logging.getLogger(__name__)

BATCH = 5_000
"""How many are sealed in one transaction."""

REACH = 100_000
"""How far behind the last sealed event one may be that was committed late: a transaction takes its number early."""

PATIENCE = timedelta(hours=1)
"""How old an event may be that is not sealed yet; an older one shows that nobody seals."""

_LONGEST_LINE = 1_000

_FIELDS = ("id", "at", "table", "row", "operation", "old", "new", "actor", "reason", "request_id", "program", "salt")


def seal(now: datetime) -> int:
    """Chain every committed event that is not sealed yet, oldest first; how many there were.

    Two at once do it one after the other. The new head is published once it is committed; one that a crash kept from
    being published is published by the next.
    """
    sealed = 0
    while number := _seal_batch(now):
        sealed += number
        if number < BATCH:
            break
    _publish(now)
    return sealed


def problems(now: datetime, heads: Iterable[Head] | None) -> Iterator[str]:
    """Everything that is wrong with the chain, in order. Without published heads a cut end is not found."""
    due = now - PATIENCE
    yield from breaks(links(), heads or (), redactions(), due if heads is not None else None)
    late = AuditEvent.objects.filter(seal=None, at__lt=due)
    for event in late.iterator():
        yield f"event {event.pk} ({event.table} {event.row}) was never sealed"


def links() -> Iterator[Link]:
    """Every seal with its event, in order."""
    for found in AuditSeal.objects.order_by("position").select_related("event").iterator(chunk_size=2_000):
        yield Link(found.position, found.digest, plain(found.event))


def plain(event: AuditEvent) -> dict[str, Any]:
    """An event as its digest is made of it."""
    return {name: getattr(event, name) for name in _FIELDS}


def redactions() -> dict[int, TakenOut]:
    """What two people agreed to take out, and what was taken out since."""
    done = Redaction.objects.filter(done_at__isnull=False)
    return {row.pk: TakenOut(row.table, row.column, frozenset(map(str, row.rows))) for row in done}


def published(path: Path) -> list[Head]:
    """The heads in a file of them. Raises FileNotFoundError, and ValueError for a line that is none."""
    return heads_in(path.read_text(encoding="utf-8"))


def heads_in(text: str) -> list[Head]:
    """The heads in what such a file holds, a line each. Raises ValueError and KeyError for a line that is none."""
    lines = text.splitlines()
    return [Head(said["count"], said["head"], said.get("after")) for said in map(json.loads, lines)]


def _seal_batch(now: datetime) -> int:
    with transaction.atomic():
        Heartbeat.objects.get_or_create(name="seal", defaults={"at": now})
        Heartbeat.objects.select_for_update().get(name="seal")
        last = AuditSeal.objects.order_by("-position").first()
        seals = list(_sealed(_unsealed()[:BATCH], last))
        AuditSeal.objects.bulk_create(seals)
        Heartbeat.objects.filter(name="seal").update(at=now)
    return len(seals)


def _unsealed() -> Any:
    newest = AuditSeal.objects.aggregate(newest=Max("event_id"))["newest"] or 0
    return AuditEvent.objects.filter(seal=None, pk__gt=newest - REACH).order_by("pk")


def _sealed(events: Iterable[AuditEvent], last: AuditSeal | None) -> Iterator[AuditSeal]:
    position, digest = (last.position, last.digest) if last else (0, BEGINNING)
    for event in events:
        position, digest = position + 1, digest_of(plain(event), digest)
        yield AuditSeal(position=position, event=event, digest=digest)


def _publish(now: datetime) -> None:
    """Add a line to the file, and one to the log, which goes elsewhere, unless the newest head is there already."""
    head = AuditSeal.objects.order_by("-position").first()
    if head is None:
        return
    path = Path(settings.AUDIT_HEADS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        after = _last_count(file)
        if after >= head.position:
            return
        line = {"at": now.isoformat(), "count": head.position, "head": head.digest, "after": after}
        file.write(json.dumps(line).encode() + b"\n")
    logger.info("the audit trail is sealed to %s: %s", head.position, head.digest)


def _last_count(file: BinaryIO) -> int:
    """How far the file goes; a last line that cannot be read counts for nothing, and is found by whoever verifies."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_LINE))
    lines = file.read().splitlines()
    try:
        return int(json.loads(lines[-1])["count"]) if lines else 0
    except (ValueError, KeyError, TypeError):
        return 0

"""Comparing: whether every row is what its history says, so that what bypassed the triggers is found."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import connection

from tracker.audit.chain import Redactions
from tracker.audit.digests import content_hash
from tracker.audit.tables import SIGNATURES, Table, audited
from tracker.audit.triggers import dialect
from tracker.models import AuditEvent, Operation

Image = Mapping[str, Any]
Rows = Mapping[str, Image]
"""The rows of one table by their numbers."""


def differences() -> Iterator[str]:
    """Every row that is not what the audit trail made of it: changed, deleted or slipped in behind its back."""
    for table in audited():
        events = AuditEvent.objects.filter(table=table.name).order_by("pk")
        told = history(events.values("row", "operation", "new").iterator(chunk_size=2_000))
        yield from compared(table.name, told, rows_of(table))


def compared(table: str, told: Rows, there: Rows) -> Iterator[str]:
    """Where the rows of a table are not what their events made of them."""
    for row in sorted(told.keys() | there.keys(), key=_number):
        yield from _of(f"{table} {row}", told.get(row), there.get(row))


def history(events: Iterable[Mapping[str, Any]]) -> dict[str, Image]:
    """Each row that should be there, as its events made it; `events` are those of one table, oldest first."""
    rows: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["operation"] == Operation.DELETE:
            rows.pop(event["row"], None)
        else:
            rows.setdefault(event["row"], {}).update(event["new"] if isinstance(event["new"], Mapping) else {})
    return dict(rows)


def rows_of(table: Table) -> dict[str, Image]:
    """Each row that is there, as its insertion would be written down now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT this_row.id, {dialect(connection).image(table)} FROM {table.name} this_row")
        return {str(number): json.loads(image) if isinstance(image, str) else image for number, image in cursor}


def unsigned(signatures: Rows, redactions: Redactions) -> Iterator[str]:
    """Every signature under what does not have the hash that was signed."""
    for number, row in signatures.items():
        content = json.loads(row["content"]) if isinstance(row["content"], str) else row["content"]
        if content_hash(content) != row["content_hash"] and not _was_taken_out(content, number, redactions):
            under = f"step {row['step_record_id']}" if row["step_record_id"] else f"deviation {row['deviation_id']}"
            yield f"{SIGNATURES} {number}: what was signed under {under} was changed"


def _was_taken_out(content: Any, number: str, redactions: Redactions) -> bool:
    taken_out = redactions.get(content.get("redacted", 0)) if isinstance(content, dict) else None
    return taken_out is not None and taken_out.table == SIGNATURES and number in taken_out.rows


def _number(row: str) -> tuple[int, str]:
    return len(row), row


def _of(row: str, told: Image | None, there: Image | None) -> Iterator[str]:
    if told is None:
        yield f"{row} is in no audit event"
    elif there is None:
        yield f"{row} is gone, and no audit event says so"
    else:
        # A column that a later version added, or dropped, is in only one of them.
        differing = [name for name in told.keys() & there.keys() if told[name] != there[name]]
        if differing:
            yield f"{row}: {', '.join(sorted(differing))} changed, and no audit event says so"

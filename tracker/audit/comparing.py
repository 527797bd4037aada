"""Comparing: whether every row is what its history says, so that what bypassed the triggers is found."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from tracker.audit.tables import Table, audited
from tracker.audit.triggers import dialect
from tracker.models import AuditEvent, Operation

Image = dict[str, Any]


def differences() -> Iterator[str]:
    """Every row that is not what the audit trail made of it: changed, deleted or slipped in behind its back."""
    for table in audited():
        told, there = dict(_histories(table)), dict(_rows(table))
        for row in sorted(told.keys() | there.keys(), key=int):
            yield from _of(table, row, told.get(row), there.get(row))


def _of(table: Table, row: str, told: Image | None, there: Image | None) -> Iterator[str]:
    if told is None:
        yield f"{table.name} {row} is in no audit event"
    elif there is None:
        yield f"{table.name} {row} is gone, and no audit event says so"
    else:
        # A column that a later version added, or dropped, is in only one of them.
        differing = [name for name in told.keys() & there.keys() if told[name] != there[name]]
        if differing:
            yield f"{table.name} {row}: {', '.join(sorted(differing))} changed, and no audit event says so"


def _histories(table: Table) -> Iterator[tuple[str, Image]]:
    """Each row that should be there, as its events made it."""
    rows: dict[str, Image] = {}
    for event in AuditEvent.objects.filter(table=table.name).order_by("pk").iterator():
        if event.operation == Operation.DELETE:
            rows.pop(event.row, None)
        else:
            rows.setdefault(event.row, {}).update(event.new or {})
    yield from rows.items()


def _rows(table: Table) -> Iterator[tuple[str, Image]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rows.id, {dialect(connection).image(table)} FROM {table.name} rows")
        for number, image in cursor:
            yield str(number), json.loads(image) if isinstance(image, str) else image

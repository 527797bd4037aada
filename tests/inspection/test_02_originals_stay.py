"""Row 2: nothing overwrites what was there: not through the ORM, not as a superuser, not with SQL."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.builders import House, at
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.sealing import seal
from tracker.models import (
    AlertEvent,
    AppendOnly,
    AuditEvent,
    AuditSeal,
    RecordedFact,
    Signature,
    StepRecord,
)

WRITTEN_ONCE = (AuditEvent, AuditSeal, RecordedFact, StepRecord, Signature, AlertEvent)
COLUMN = {AuditEvent: "reason", AuditSeal: "digest", Signature: "role", AlertEvent: "note"}


@pytest.fixture
def story(house: House) -> House:
    """Rows in every table, sealed."""
    one_of_everything(house)
    seal(at("2026-04-10 09:00"))
    return house


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def ways(model: Any) -> list[Callable[[], Any]]:
    """Every way to overwrite or remove that Django and SQL offer."""
    column, table = COLUMN.get(model, "reason"), model._meta.db_table
    plain = model._default_manager

    def saved() -> None:
        row = plain.latest("pk")
        setattr(row, column, "another")
        row.save()

    def removed() -> None:
        plain.latest("pk").delete()

    return [
        saved, removed, lambda: plain.update(**{column: "another"}), lambda: plain.all().delete(),
        lambda: plain.all()._raw_delete(plain.db),
        lambda: plain.bulk_update([_renamed(plain.latest("pk"), column)], [column]),
        lambda: sql(f"UPDATE {table} SET {column} = 'another'"), lambda: sql(f"DELETE FROM {table}"),
    ]  # fmt: skip


def _renamed(row: Any, column: str) -> Any:
    setattr(row, column, "another")
    return row


@pytest.mark.parametrize("model", WRITTEN_ONCE, ids=lambda model: model.__name__)
def test_no_way_overwrites_or_removes_it(model: Any, story: House) -> None:
    before = list(model._default_manager.values())
    assert before
    for way in ways(model):
        with pytest.raises((AppendOnly, DatabaseError)), transaction.atomic():
            way()
    assert list(model._default_manager.values()) == before

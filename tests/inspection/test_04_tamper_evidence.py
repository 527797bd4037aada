"""Row 4: one byte flipped in a copy is found, and the command names the row.

Ten thousand single changes of every kind: tests/tracker/audit/test_tampering.py.
"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.builders import House, at
from tests.flushing import unaudited
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.sealing import seal
from tracker.audit.triggers import install
from tracker.models import AuditEvent, RecordedFact, Signature


@pytest.fixture
def sealed(house: House, audit_heads: Path) -> Path:
    """A trail, sealed and published."""
    one_of_everything(house)
    seal(at("2026-04-10 09:00"))
    return audit_heads


def verified(heads: Path) -> list[str]:
    """What the command says, its last line first."""
    said = StringIO()
    try:
        call_command("verify_audit", heads=heads, stdout=said, stderr=said)
    except CommandError as error:
        return [str(error), *said.getvalue().splitlines()]
    return said.getvalue().splitlines()


def tamper(statement: str) -> None:
    with unaudited(), connection.cursor() as cursor:
        cursor.execute(statement)
    install()


def test_a_whole_trail_holds(sealed: Path) -> None:
    assert verified(sealed)[-1].startswith("the audit trail holds")


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (AuditEvent, "program = program || '.'"),
        (RecordedFact, "value = '9'"),
        (Signature, "role = 'crc'"),
        (Signature, "content_hash = '0'"),
    ],
)
def test_one_changed_value_is_found_and_its_row_named(model: type, change: str, sealed: Path) -> None:
    row = model._default_manager.order_by("pk")[1]  # type: ignore[attr-defined]
    table = model._meta.db_table  # type: ignore[attr-defined]
    tamper(f"UPDATE {table} SET {change} WHERE id = {row.pk}")
    named = f"event {row.pk} (" if model is AuditEvent else f"{table} {row.pk}:"
    found = verified(sealed)
    assert "does not hold" in found[0]
    assert any(named in line for line in found)


def test_what_was_signed_cannot_be_changed_together_with_its_history_either(sealed: Path) -> None:
    signature = Signature.objects.order_by("pk")[0]
    content = "'{}'"
    tamper(f"UPDATE tracker_signature SET content = {content} WHERE id = {signature.pk}")
    found = verified(sealed)
    under = f"what was signed under step {signature.step_record_id} was changed"
    assert any(line == f"tracker_signature {signature.pk}: {under}" for line in found)


def test_a_deleted_row_and_a_cut_end_are_named(sealed: Path) -> None:
    gone = AuditEvent.objects.filter(table="tracker_alertevent").latest("pk")
    tamper(f"DELETE FROM tracker_alertevent WHERE id = {gone.row}")
    assert any(f"tracker_alertevent {gone.row} is gone" in line for line in verified(sealed))
    last = AuditEvent.objects.latest("pk").seal
    tamper(f"DELETE FROM tracker_auditseal WHERE position = {last.position}")
    assert any(f"seal {last.position} is missing" in line for line in verified(sealed))

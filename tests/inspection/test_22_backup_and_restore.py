"""Row 22: the restore drill of docs/operations.md, on the database at hand: the restored copy passes verify_audit."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from tests.builders import House, a_house, at
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.sealing import seal
from tracker.audit.triggers import missing
from tracker.models import AuditEvent, RecordedFact

RESTORED = f"daymark_drill_{os.getpid()}"


@pytest.fixture
def lived(transactional_db: None, audit_heads: Path) -> House:
    """Committed, sealed and published: a backup sees nothing else."""
    house = a_house()
    one_of_everything(house)
    seal(at("2026-04-10 09:00"))
    return house


def test_a_backup_is_restored_and_the_copy_passes_with_its_triggers_and_its_published_heads(
    lived: House, audit_heads: Path, tmp_path: Path
) -> None:
    facts, events = RecordedFact.objects.count(), AuditEvent.objects.count()
    with restored(tmp_path) as name:
        assert name
        assert (RecordedFact.objects.count(), AuditEvent.objects.count()) == (facts, events)
        assert missing() == []
        said = StringIO()
        call_command("verify_audit", heads=audit_heads, stdout=said)
        assert "the audit trail holds" in said.getvalue()
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM tracker_recordedfact")


def test_a_restored_copy_that_is_older_than_what_was_published_is_known_for_it(
    lived: House, audit_heads: Path, tmp_path: Path
) -> None:
    older = pytest.raises(CommandError, match="were published, the trail ends at")
    with restored(tmp_path, before_restoring=lambda: _go_on(lived)), older:
        call_command("verify_audit", heads=audit_heads, stderr=StringIO())


def _go_on(house: House) -> None:
    house.study.target_number = 9
    house.study.save()
    seal(at("2026-04-11 09:00"))


@contextmanager
def restored(folder: Path, before_restoring: object = None) -> Iterator[str]:
    """The database backed up and restored beside itself, and looked at instead of it."""
    vendor = connection.vendor
    backup = folder / "backup"
    _back_up[vendor](backup)
    if callable(before_restoring):
        before_restoring()
    name = _restore[vendor](backup, folder)
    kept = connections[DEFAULT_DB_ALIAS]
    settings = {**kept.settings_dict, "NAME": name}
    copy = type(kept)(settings, alias=DEFAULT_DB_ALIAS)
    # The tests' own guard stands on the connection that it wrapped.
    copy.ensure_connection = type(kept).ensure_connection.__get__(copy)  # type: ignore[method-assign]
    connections[DEFAULT_DB_ALIAS] = copy
    try:
        yield name
    finally:
        copy.close()
        connections[DEFAULT_DB_ALIAS] = kept
        if vendor == "postgresql":
            _run("dropdb", name)


def _sqlite_backup(backup: Path) -> None:
    with (
        closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as source,
        closing(sqlite3.connect(backup)) as to,
    ):
        source.backup(to)


def _sqlite_restore(backup: Path, folder: Path) -> str:
    name = folder / "restored.sqlite3"
    name.write_bytes(backup.read_bytes())
    return str(name)


def _postgresql_backup(backup: Path) -> None:
    _run("pg_dump", "--format=custom", f"--file={backup}", str(connection.settings_dict["NAME"]))


def _postgresql_restore(backup: Path, _folder: Path) -> str:
    _run("createdb", RESTORED)
    _run("pg_restore", "--exit-on-error", f"--dbname={RESTORED}", str(backup))
    return RESTORED


_back_up = {"sqlite": _sqlite_backup, "postgresql": _postgresql_backup}
_restore = {"sqlite": _sqlite_restore, "postgresql": _postgresql_restore}


def _run(program: str, *words: str) -> None:
    said = connection.settings_dict
    where = {
        "PGHOST": said["HOST"],
        "PGPORT": str(said["PORT"] or 5432),
        "PGUSER": said["USER"],
        "PGPASSWORD": said["PASSWORD"],
    }
    environment = {**os.environ, **{name: str(value) for name, value in where.items() if value}}
    subprocess.run([program, *words], check=True, env=environment, capture_output=True)

"""What this process needs from others before it can serve: the database, brought up to date, and the broker."""

from functools import cache

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tracker.audit.triggers import missing

OK = "ok"


def readiness() -> dict[str, str]:
    """What each of them is, by name: OK, or what is wrong in words that hold no address and no error's text."""
    return {"database": _database(), "audit trail": _audit_trail(), "broker": _broker()}


def _database() -> str:
    try:
        applied = MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return "not reachable"
    return OK if applied >= _shipped() else "not migrated"


def _audit_trail() -> str:
    try:
        return "triggers are missing" if missing() else OK
    except DatabaseError:
        return "not reachable"


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    """Every migration in this process's own code, which does not change while it runs."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _broker() -> str:
    with current_app.connection_for_write() as broker:
        try:
            # One attempt: whoever asks will ask again.
            broker.connect()
        except broker.connection_errors:
            return "not reachable"
    return OK

"""How tests that commit leave an empty database behind, although the audit trail lets nobody empty it.

The program itself has no such way: this needs PostgreSQL's superuser, or SQLite's triggers dropped by their names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import TransactionTestCase


@contextmanager
def unaudited() -> Iterator[None]:
    """No trigger of ours fires on this connection; on SQLite they are gone until the next migration's end."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")


def empty_without_audit() -> None:
    """Let Django empty the tables after a test that committed; what follows a migration installs the triggers anew."""
    teardown = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def unaudited_teardown(case: Any) -> None:
        with unaudited():
            teardown(case)

    TransactionTestCase._fixture_teardown = unaudited_teardown  # type: ignore[attr-defined]

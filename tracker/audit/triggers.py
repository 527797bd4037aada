"""Triggers: installed after every migration, looked for at every start."""

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.audit import postgresql, sqlite
from tracker.audit.tables import EVENTS, REDACTIONS, Table, audited

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_NAME = re.compile(r"CREATE (?:OR REPLACE )?TRIGGER (\w+)")


def dialect(connection: BaseDatabaseWrapper) -> ModuleType:
    """The triggers of a database. Raises KeyError for one that has none."""
    return _DIALECTS[connection.vendor]


def install(using: str = "default", **_options: Any) -> None:
    """Install every trigger anew: rebuilding a table, as a migration on SQLite does, drops its triggers silently.

    Rows from before the first installation enter the trail as they are found.
    """
    connection = connections[using]
    tables = _existing(connection)
    if not tables or not _is_there(connection):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for statement in dialect(connection).statements(tables):
            cursor.execute(statement)
        for table in tables:
            cursor.execute(_baseline(connection, table))


def missing(using: str = "default") -> list[str]:
    """The triggers that should be there and are not, or are switched off."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(dialect(connection).INSTALLED)
        there = {name for (name,) in cursor.fetchall()}
    return sorted(set(_names(connection)) - there)


def _names(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for statement in dialect(connection).statements(audited()):
        yield from _NAME.findall(statement)


def _existing(connection: BaseDatabaseWrapper) -> list[Table]:
    """Half-way through the migrations some tables are not there yet, or have not all their columns."""
    there = set(connection.introspection.table_names())
    return [table for table in audited() if table.name in there and _is_complete(connection, table)]


def _is_there(connection: BaseDatabaseWrapper) -> bool:
    """Whether the trail's own tables are there, as these triggers need them."""
    if not {EVENTS, REDACTIONS} <= set(connection.introspection.table_names()):
        return False
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, EVENTS)
    return "salt" in {column.name for column in found}


def _is_complete(connection: BaseDatabaseWrapper, table: Table) -> bool:
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table.name)}
    return columns.issuperset(table.columns)


def _baseline(connection: BaseDatabaseWrapper, table: Table) -> str:
    now = "now()" if connection.vendor == "postgresql" else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    row, image = "CAST(this_row.id AS varchar(40))", dialect(connection).image(table)
    return (
        f'INSERT INTO {EVENTS} (at, "table", "row", operation, new, reason, request_id, program, salt)'
        f" SELECT {now}, '{table.name}', {row}, 'baseline', {image}, '', '', '', {dialect(connection).SALT}"
        f" FROM {table.name} this_row WHERE NOT EXISTS"
        f' (SELECT 1 FROM {EVENTS} known WHERE known."table" = \'{table.name}\' AND known."row" = {row})'
    )

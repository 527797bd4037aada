"""SQLite's triggers. What they cannot know themselves they ask of a function that only our own programs bring."""

from collections.abc import Iterator

from tracker.audit.tables import APPEND_ONLY, EVENTS, SEALS, SECRET, Table

_KEYS = {EVENTS: "id", SEALS: "position"}


def statements(tables: list[Table]) -> Iterator[str]:
    """What installs the triggers, however often it is done."""
    for table in tables:
        yield from _captured(table)
    for name in APPEND_ONLY:
        yield from _kept(name)


def image(table: Table, row: str = "rows") -> str:
    """A row as its insertion was written down."""
    return "json_object(" + ", ".join(f"'{column}', {row}.\"{column}\"" for column in table.columns) + ")"


INSTALLED = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def _captured(table: Table) -> Iterator[str]:
    yield from _trigger(table, "insert", "NEW", "NULL", image(table, "NEW"))
    yield from _trigger(table, "delete", "OLD", image(table, "OLD"), "NULL")
    columns = [*table.columns, *([SECRET] if table.has_secret else [])]
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in columns)
    yield from _trigger(table, "update", "NEW", _changes(table, "OLD"), _changes(table, "NEW"), when=changed)


def _changes(table: Table, row: str) -> str:
    """The columns that differ, as they were in `row`."""
    parts = [
        f'SELECT \'{column}\' AS name, json_quote({row}."{column}") AS value WHERE OLD."{column}" IS NOT NEW."{column}"'
        for column in table.columns
    ]
    if table.has_secret and row == "NEW":
        parts.append(f"SELECT '{SECRET}_changed', 'true' WHERE OLD.\"{SECRET}\" IS NOT NEW.\"{SECRET}\"")
    return f"(SELECT json_group_object(name, json(value)) FROM ({' UNION ALL '.join(parts)}))"


def _trigger(table: Table, operation: str, row: str, old: str, new: str, *, when: str = "") -> Iterator[str]:
    name = f"{table.name}_audit_{operation}"
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield (
        f"CREATE TRIGGER {name} AFTER {operation.upper()} ON {table.name} {'WHEN ' + when if when else ''} BEGIN"
        f' INSERT INTO {EVENTS} (at, "table", "row", operation, old, new, actor, reason, request_id, program) VALUES'
        f" (strftime('%Y-%m-%d %H:%M:%f', 'now'), '{table.name}', {row}.id, '{operation}', {old}, {new},"
        " nullif(daymark_audit('actor'), ''), daymark_audit('reason'), daymark_audit('request_id'),"
        " daymark_audit('program')); END"
    )


def _kept(name: str) -> Iterator[str]:
    """Refuse changes, deletions, and an insertion that would replace a row without a deletion being seen."""
    there = f"WHEN EXISTS (SELECT 1 FROM {name} WHERE {_KEYS[name]} = NEW.{_KEYS[name]})"
    for operation, when in (("update", ""), ("delete", ""), ("insert", there)):
        trigger = f"{name}_kept_on_{operation}"
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        yield f"CREATE TRIGGER {trigger} BEFORE {operation.upper()} ON {name} {when} {refuse}"

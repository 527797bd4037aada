"""SQLite's triggers. What they cannot know themselves they ask of a function that only our own programs bring."""

from collections.abc import Iterator

from tracker.audit.tables import EVENTS, REDACTIONS, SEALS, SECRET, Table

_KEYS = {EVENTS: "id", SEALS: "position"}

SALT = "lower(hex(randomblob(16)))"
"""What nobody guesses."""

_CONFIRMED = "r.confirmed_by_id IS NOT NULL AND r.done_at IS NULL"


def statements(tables: list[Table]) -> Iterator[str]:
    """What installs the triggers, however often it is done."""
    for table in tables:
        yield from _captured(table)
        yield from _kept(table)
    yield from _refuse(SEALS, "update")
    yield from _refuse(EVENTS, "update", f"WHEN NOT ({_is_taken_out()})")
    for name in (SEALS, EVENTS):
        yield from _refuse(name, "delete")
        # An insertion would replace a row without a deletion being seen.
        yield from _refuse(
            name, "insert", f"WHEN EXISTS (SELECT 1 FROM {name} WHERE {_KEYS[name]} = NEW.{_KEYS[name]})"
        )


def image(table: Table, row: str = "this_row") -> str:
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
        f' INSERT INTO {EVENTS} (at, "table", "row", operation, old, new, actor, reason, request_id, program, salt)'
        f" VALUES (strftime('%Y-%m-%d %H:%M:%f', 'now'), '{table.name}', {row}.id, '{operation}', {old}, {new},"
        " nullif(daymark_audit('actor'), ''), daymark_audit('reason'), daymark_audit('request_id'),"
        f" daymark_audit('program'), {SALT}); END"
    )


def _kept(table: Table) -> Iterator[str]:
    """No row is deleted; some are never changed, but for what is being taken out of them."""
    if not table.is_link:
        yield from _refuse(table.name, "delete")
    if table.is_written_once:
        changed = " OR ".join(f"({_is_changed(table, column)})" for column in table.columns)
        yield from _refuse(table.name, "update", f"WHEN {changed}")
    if table.name == REDACTIONS:
        asked = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in ("table", "column", "rows", "reason"))
        yield from _refuse(table.name, "update", f"WHEN OLD.done_at IS NOT NULL OR {asked}")


def _is_changed(table: Table, column: str) -> str:
    taken_out = (
        f"SELECT 1 FROM {REDACTIONS} r, json_each(r.rows) n WHERE r.\"table\" = '{table.name}'"
        f" AND r.\"column\" = '{column}' AND n.value = OLD.id AND {_CONFIRMED}"
    )
    return f'OLD."{column}" IS NOT NEW."{column}" AND NOT EXISTS ({taken_out})'


def _is_taken_out() -> str:
    """Whether a change of an event touches nothing but the column that is being taken out, its reason and its salts."""
    same = " AND ".join(
        f'OLD."{name}" IS NEW."{name}"'
        for name in ("id", "at", "table", "row", "operation", "actor", "request_id", "program")
    )
    rest = " AND ".join(f"{_without('OLD', side)} IS {_without('NEW', side)}" for side in ("old", "new"))
    return f"{same} AND EXISTS (SELECT 1 FROM {REDACTIONS} r WHERE {_CONFIRMED} AND {rest})"


def _without(row: str, side: str) -> str:
    return f'json_remove({row}."{side}", \'$."\' || r."column" || \'"\')'


def _refuse(name: str, operation: str, when: str = "") -> Iterator[str]:
    trigger = f"{name}_kept_on_{operation}"
    yield f"DROP TRIGGER IF EXISTS {trigger}"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    yield f"CREATE TRIGGER {trigger} BEFORE {operation.upper()} ON {name} {when} {refuse}"

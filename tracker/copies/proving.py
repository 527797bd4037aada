"""Proving: whether a copy holds by itself, with nothing but what stands in it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tracker.audit.chain import BEGINNING, TakenOut, unaccounted
from tracker.audit.comparing import compared, history, unsigned
from tracker.audit.digests import digest_of, is_redacted
from tracker.audit.tables import REDACTIONS, SIGNATURES
from tracker.audit.values import field_of, model_of, value_of
from tracker.copies.collecting import FORMAT, VERSION, Copy
from tracker.copies.plain import Row, plain

NOT_IN_THE_TRAIL = (
    "tracker_redaction", "tracker_study", "tracker_site", "tracker_laboratory", "tracker_upperlimit", "study_facts",
)  # fmt: skip
"""Rows that a copy has because others lead to them."""


class NotACopy(ValueError):
    """The file is no copy that this version reads."""


def must_be_readable(copy: Any) -> None:
    """Raise NotACopy for anything but a copy of this format."""
    if not isinstance(copy, dict) or copy.get("format") != FORMAT:
        raise NotACopy("this is no copy of a record")
    if copy.get("version") != VERSION:
        raise NotACopy(f"this copy has format version {copy.get('version')}: expected {VERSION}")


def wrong_with(copy: Copy) -> Iterator[str]:
    """Everything that does not hold: seals, what was taken out, rows against their history, signatures."""
    redactions = _redactions(copy)
    yield from _breaks(copy)
    for link in copy["trail"]:
        if link["event"]:
            for column in unaccounted(link["event"], redactions):
                yield f"seal {link['position']}: {column} was taken out, and no redaction by two people says so"
    for table, rows in _tables(copy).items():
        yield from compared(table, _told(copy, table), {str(row["id"]): row for row in rows})
    yield from unsigned({str(row["id"]): row for row in copy["rows"][SIGNATURES]}, redactions)


def _breaks(copy: Copy) -> Iterator[str]:
    whole, before, count = copy["participant"] is None, BEGINNING, 0
    for link in copy["trail"]:
        position, event = link["position"], link["event"]
        follows = position == count + 1
        if (whole and not follows) or position <= count:
            yield f"seal {count + 1} is missing: seal {position} follows seal {count}"
        if follows and link["before"] != before:
            yield f"seal {position} does not follow what seal {count} says"
        if event and digest_of(_dated(event), link["before"]) != link["digest"]:
            yield f"seal {position}: event {event['id']} ({event['table']} {event['row']}) was changed"
        before, count = link["digest"], position


def _dated(event: Row) -> dict[str, Any]:
    return {**event, "at": datetime.fromisoformat(event["at"])}


def _redactions(copy: Copy) -> Mapping[int, TakenOut]:
    found = {
        row["id"]: TakenOut(row["table"], row["column"], frozenset(map(str, row["rows"])))
        for row in copy["rows"][REDACTIONS] if row["done_at"]
    }  # fmt: skip
    for withheld in copy["withheld"]:
        table, _dot, column = withheld.partition(".")
        found[0] = TakenOut(table, column, frozenset(str(row["id"]) for row in copy["rows"][table]))
    return found


def _tables(copy: Copy) -> dict[str, list[Row]]:
    """The rows whose whole history the trail of the copy tells."""
    shown = {table: list(rows) for table, rows in copy["rows"].items() if table not in NOT_IN_THE_TRAIL}
    shown["tracker_recordedfact"] += copy["rows"]["study_facts"]
    return shown


def _told(copy: Copy, table: str) -> dict[str, Row]:
    model = model_of(table)
    events = [link["event"] for link in copy["trail"] if link["event"] and link["event"]["table"] == table]
    told = history(sorted(events, key=lambda event: int(event["id"])))
    return {number: _read(model, image) for number, image in told.items()}


def _read(model: Any, image: Mapping[str, Any]) -> Row:
    """An image as rows are written in a copy; without what is withheld."""
    fields = {column: field_of(model, column) for column in image}
    return {
        column: plain(value_of(field, image[column]))
        for column, field in fields.items() if field is not None and not is_redacted(image[column])
    }  # fmt: skip

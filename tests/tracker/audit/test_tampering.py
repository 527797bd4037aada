"""Whatever single thing somebody changes behind the triggers in a copy of the database is found, and the row is named.

A few hundred changes here; ten thousand with DAYMARK_TEST_PROFILE=soak.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import House, a_participant, record
from tests.environment import PROFILE
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.chain import Head, Link
from tracker.audit.comparing import rows_of
from tracker.audit.proving import Record, wrong_in
from tracker.audit.sealing import heads_in, links, redactions, seal
from tracker.audit.tables import SIGNATURES, audited
from tracker.models import AuditEvent

pytestmark = pytest.mark.hypothesis

CHANGES = 10_000 if PROFILE == "soak" else 300
DUE = datetime.now(UTC) + timedelta(days=1)
STUDY = ("tracker_recordedfact", "tracker_steprecord", "tracker_participant", "tracker_deviation", "tracker_alert")
"""Rows of these are chosen as often as those of all other tables together."""


@dataclass(frozen=True)
class Tampered:
    """The record after one change; `named` is what a report about it must say, any of these."""

    record: Record
    named: tuple[str, ...]


@pytest.fixture
def whole(house: House, audit_heads: Path) -> tuple[Record, str]:
    """A trail with something of everything, sealed and published bit by bit; and the published file."""
    woman = a_participant(house, "RJ-777")
    for hour in range(8, 12):
        record(woman, "weight", f"2026-03-09 {hour:02}:00", "61", unit="kg", by=house["crc"])
        seal(datetime.now(UTC))
    one_of_everything(house)
    seal(datetime.now(UTC))
    text = audit_heads.read_text(encoding="utf-8")
    rows = {table.name: rows_of(table) for table in audited()}
    return Record(list(links()), rows, heads_in(text), redactions()), text


def test_a_record_that_nobody_changed_holds(whole: tuple[Record, str]) -> None:
    kept, _text = whole
    assert len(kept.links) == AuditEvent.objects.count() > 150
    assert len(kept.heads) == 5
    assert list(wrong_in(kept, DUE)) == []


def test_every_single_change_is_found_and_its_row_named(whole: tuple[Record, str]) -> None:
    kept, text = whole
    kinds = (flipped_event, flipped_seal, flipped_row, flipped_signature, deleted, swapped, cut, shortened, slipped_in)
    seen: dict[str, int] = {}

    @settings(max_examples=CHANGES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.data())
    def each(data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(kinds))
        tampered = kind(data, kept, text)
        seen[kind.__name__] = seen.get(kind.__name__, 0) + 1
        found = list(wrong_in(tampered.record, DUE))
        assert any(name in line for line in found for name in tampered.named), (kind.__name__, tampered.named, found)

    each()
    sys.stdout.write(f"changed {sum(seen.values())} times, all found: {seen}\n")
    assert set(seen) == {kind.__name__ for kind in kinds}


def another(value: Any) -> Any:
    """A value that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, Mapping):
        return {**value, "x": 1}
    if isinstance(value, list):
        return [*value, 0]
    return "x" if value is None else f"{value}x"


def place(data: st.DataObject, what: Any) -> int:
    return data.draw(st.integers(0, len(what) - 1))


def flipped_event(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """One value of one audit row."""
    number = place(data, kept.links)
    link = kept.links[number]
    assert link.event is not None
    column = data.draw(st.sampled_from(sorted(link.event)))
    value = link.event[column]
    if column in ("old", "new") and value and data.draw(st.booleans()):
        inner = data.draw(st.sampled_from(sorted(value)))
        changed = {**value, inner: another(value[inner])}
    else:
        changed = another(value)
    event = {**link.event, column: changed}
    return Tampered(_with_link(kept, number, replace(link, event=event)), (f"seal {link.position}:",))


def flipped_seal(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """One character of one digest, or the number of one seal."""
    number = place(data, kept.links)
    link = kept.links[number]
    if data.draw(st.booleans()):
        changed = replace(link, position=link.position + data.draw(st.sampled_from((-1, 1, 1000))))
        return Tampered(_with_link(kept, number, changed), (f"seal {link.position} is missing",))
    at = data.draw(st.integers(0, 63))
    digest = link.digest[:at] + ("0" if link.digest[at] != "0" else "1") + link.digest[at + 1 :]
    return Tampered(_with_link(kept, number, replace(link, digest=digest)), (f"seal {link.position}:",))


def flipped_row(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """One value of one row of the study."""
    return _flipped(data, kept, data.draw(st.sampled_from(_tables(kept))))


def flipped_signature(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """One value of one signature, what was signed included."""
    return _flipped(data, kept, SIGNATURES)


def deleted(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """An audit row with its seal, or without it, or a row of the study."""
    if data.draw(st.booleans()):
        table = data.draw(st.sampled_from(_tables(kept)))
        row = data.draw(st.sampled_from(sorted(kept.rows[table])))
        rest = {name: image for name, image in kept.rows[table].items() if name != row}
        return Tampered(replace(kept, rows={**kept.rows, table: rest}), (f"{table} {row} is gone",))
    number = place(data, kept.links)
    link = kept.links[number]
    if data.draw(st.booleans()):
        gone = _with_link(kept, number, replace(link, event=None))
        return Tampered(gone, (f"seal {link.position}: its event is missing",))
    rest_of = [*kept.links[:number], *kept.links[number + 1 :]]
    return Tampered(replace(kept, links=rest_of), (f"seal {link.position} is missing",))


def swapped(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """Two audit rows, two digests, or two rows of one table, each in the other's place."""
    if data.draw(st.booleans()):
        table = data.draw(st.sampled_from([name for name in _tables(kept) if len(kept.rows[name]) > 1]))
        one, other = data.draw(st.permutations(sorted(kept.rows[table])))[:2]
        rows = {**kept.rows[table], one: kept.rows[table][other], other: kept.rows[table][one]}
        return Tampered(replace(kept, rows={**kept.rows, table: rows}), (f"{table} {one}:",))
    first, second = sorted(
        data.draw(st.lists(st.integers(0, len(kept.links) - 1), min_size=2, max_size=2, unique=True))
    )
    left, right = kept.links[first], kept.links[second]
    if data.draw(st.booleans()):
        pair = replace(left, event=right.event), replace(right, event=left.event)
    else:
        pair = replace(left, digest=right.digest), replace(right, digest=left.digest)
    both = _with_link(_with_link(kept, first, pair[0]), second, pair[1])
    return Tampered(both, (f"seal {left.position}:",))


def cut(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """The end of the trail, with its seals."""
    number = place(data, kept.links)
    return Tampered(replace(kept, links=kept.links[:number]), (f"seal {number + 1} is missing",))


def shortened(data: st.DataObject, kept: Record, text: str) -> Tampered:
    """The published file: lines gone at its beginning, in its middle or at its end, or its last line cut short."""
    lines = text.splitlines(keepends=True)
    if data.draw(st.booleans()):
        short = text[: data.draw(st.integers(0, len(text) - 2))]
    else:
        first = place(data, lines)
        short = "".join([*lines[:first], *lines[first + data.draw(st.integers(1, len(lines))) :]])
    try:
        return Tampered(replace(kept, heads=heads_in(short)), ("published heads",))
    except (ValueError, KeyError):
        return Tampered(replace(kept, heads=[Head(0, "cut short", after=1)]), ("published heads",))


def slipped_in(data: st.DataObject, kept: Record, _text: str) -> Tampered:
    """A row of the study that nobody recorded."""
    table = data.draw(st.sampled_from(_tables(kept)))
    row = data.draw(st.sampled_from(sorted(kept.rows[table])))
    rows = {**kept.rows[table], "98765": {**kept.rows[table][row], "id": 98765}}
    return Tampered(replace(kept, rows={**kept.rows, table: rows}), (f"{table} 98765 is in no audit event",))


def _flipped(data: st.DataObject, kept: Record, table: str) -> Tampered:
    row = data.draw(st.sampled_from(sorted(kept.rows[table])))
    image = kept.rows[table][row]
    column = data.draw(st.sampled_from(sorted(image)))
    value = image[column]
    changed: Any = another(value)
    if table == SIGNATURES and column == "content":
        read = json.loads(value) if isinstance(value, str) else value
        inner = data.draw(st.sampled_from(sorted(read)))
        flipped = {**read, inner: another(read[inner])}
        changed = json.dumps(flipped) if isinstance(value, str) else flipped
    rows = {**kept.rows[table], row: {**image, column: changed}}
    return Tampered(replace(kept, rows={**kept.rows, table: rows}), (f"{table} {row}:",))


def _tables(kept: Record) -> list[str]:
    others = [name for name, rows in kept.rows.items() if rows and name not in STUDY]
    return [*(name for name in STUDY for _time in range(max(1, len(others) // len(STUDY)))), *others]


def _with_link(kept: Record, number: int, link: Link) -> Record:
    changed = list(kept.links)
    changed[number] = link
    return replace(kept, links=changed)

"""Proving: everything that is wrong with the trail, with the signatures and with what is on record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from operator import itemgetter

from tracker.audit.chain import Head, Link, Redactions, breaks
from tracker.audit.comparing import Rows, compared, differences, history, rows_of, unsigned
from tracker.audit.sealing import problems, redactions
from tracker.audit.tables import SIGNATURES, audited
from tracker.audit.triggers import missing


def everything_wrong(now: datetime, heads: Iterable[Head] | None) -> Iterator[str]:
    """What is wrong in the database: triggers, chain, published heads, every row, every signature; triggers first.

    Without published heads (None) a cut end is not found.
    """
    yield from (f"trigger {name} is missing" for name in missing())
    yield from problems(now, heads)
    yield from differences()
    (signatures,) = (table for table in audited() if table.name == SIGNATURES)
    yield from unsigned(rows_of(signatures), redactions())


@dataclass(frozen=True)
class Record:
    """A trail and the rows that it is about, in memory: `rows` by table, then by number."""

    links: Sequence[Link]
    rows: Mapping[str, Rows]
    heads: Sequence[Head] = ()
    redactions: Redactions = field(default_factory=dict)


def wrong_in(record: Record, due: datetime | None = None) -> Iterator[str]:
    """The same, of a record in memory. With `due`, what was written before that instant must have been published."""
    yield from breaks(record.links, record.heads, record.redactions, due)
    events = sorted((link.event for link in record.links if link.event is not None), key=itemgetter("id"))
    told = {table: history(event for event in events if event["table"] == table) for table in record.rows}
    yield from chain.from_iterable(compared(table, told[table], rows) for table, rows in record.rows.items())
    yield from unsigned(record.rows.get(SIGNATURES, {}), record.redactions)

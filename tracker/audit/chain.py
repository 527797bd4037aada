"""The chain: what each seal must say, and the first place where it does not. Plain values in, plain words out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.audit.digests import digest_of, places, redaction_at

BEGINNING = "0" * 64
"""What the first seal follows."""


@dataclass(frozen=True, slots=True)
class Link:
    """One seal with its event; `event` is None where the seal's event is gone."""

    position: int
    digest: str
    event: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Head:
    """What was published outside the database: how many were sealed, and the digest of the last.

    `after` is how many the line before it said; None in files from before that was written.
    """

    count: int
    digest: str
    after: int | None = None


@dataclass(frozen=True, slots=True)
class TakenOut:
    """What one redaction that two people agreed on took out: one column of some rows of a table."""

    table: str
    column: str
    rows: frozenset[str]


Redactions = Mapping[int, TakenOut]


def breaks(
    links: Iterable[Link], heads: Iterable[Head] = (), redactions: Redactions | None = None,
    due: datetime | None = None,
) -> Iterator[str]:  # fmt: skip
    """Every place where the chain does not hold, in order; the first is where somebody was at work.

    Behind a broken link the chain goes on with what the link says, so that one change is one break. With `due`, the
    seal of every event from before that instant must have been published.
    """
    heads = list(heads)
    yield from gaps(heads)
    published = {head.count: head.digest for head in heads}
    longest, unsaid = max(published, default=0), ""
    before, count = BEGINNING, 0
    for link in links:
        if link.position != count + 1:
            yield f"seal {count + 1} is missing: seal {link.position} follows seal {count}"
        yield from _of(link, before, published.get(link.position), redactions or {})
        if not unsaid and _is_unsaid(link, longest, due):
            unsaid = f"published heads: they end at {longest}, and seal {link.position} was never published"
            yield unsaid
        before, count = link.digest, link.position
    if longest > count:
        yield f"seal {count + 1} is missing: {longest} were published, the trail ends at {count}"


def gaps(heads: Iterable[Head]) -> Iterator[str]:
    """Where lines of the published file are gone: each says how far the line before it went."""
    count = 0
    for head in heads:
        if head.after is not None and head.after > count:
            yield f"published heads: what was published between {count} and {head.after} is missing"
        count = head.count


def _is_unsaid(link: Link, longest: int, due: datetime | None) -> bool:
    return due is not None and link.position > longest and link.event is not None and link.event["at"] < due


def _of(link: Link, before: str, published: str | None, redactions: Redactions) -> Iterator[str]:
    if link.event is None:
        yield f"seal {link.position}: its event is missing"
    else:
        event = f"event {link.event['id']} ({link.event['table']} {link.event['row']})"
        if digest_of(link.event, before) != link.digest:
            yield f"seal {link.position}: {event} was changed"
        for column in unaccounted(link.event, redactions):
            yield f"seal {link.position}: {event}: {column} was taken out, and no redaction by two people says so"
    if published is not None and published != link.digest:
        yield f"seal {link.position}: another digest was published"


def unaccounted(event: Mapping[str, Any], redactions: Redactions) -> Iterator[str]:
    """The values that were taken out of an event without two people having agreed on it."""
    for place, column in places(event):
        number = redaction_at(event, place, column)
        if number is not None and not _covers(redactions.get(number), event, column):
            yield column or place


def _covers(taken_out: TakenOut | None, event: Mapping[str, Any], column: str) -> bool:
    """A reason stands in every event of its request, whatever row that is about."""
    if taken_out is None or not column:
        return taken_out is not None
    return (taken_out.table, taken_out.column) == (event["table"], column) and event["row"] in taken_out.rows

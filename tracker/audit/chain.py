"""The chain: what each seal must say, and the first place where it does not. Plain values in, plain words out."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

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
    """What was published outside the database: how many were sealed, and the digest of the last."""

    count: int
    digest: str


def digest_of(event: Mapping[str, Any], before: str) -> str:
    """The digest of an event that follows another: SHA-256 over both, in one canonical form."""
    said = json.dumps([before, event], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return sha256(said.encode()).hexdigest()


def breaks(links: Iterable[Link], heads: Iterable[Head] = ()) -> Iterator[str]:
    """Every place where the chain does not hold, in order; the first is where somebody was at work.

    Behind a broken link the chain goes on with what the link says, so that one change is one break.
    """
    published = {head.count: head.digest for head in heads}
    before, count = BEGINNING, 0
    for link in links:
        if link.position != count + 1:
            yield f"seal {count + 1} is missing: seal {link.position} follows seal {count}"
        yield from _of(link, before, published.get(link.position))
        before, count = link.digest, link.position
    longest = max(published, default=0)
    if longest > count:
        yield f"seal {count + 1} is missing: {longest} were published, the trail ends at {count}"


def _of(link: Link, before: str, published: str | None) -> Iterator[str]:
    if link.event is None:
        yield f"seal {link.position}: its event is missing"
    elif digest_of(link.event, before) != link.digest:
        yield f"seal {link.position}: event {link.event['id']} ({link.event['table']} {link.event['row']}) was changed"
    if published is not None and published != link.digest:
        yield f"seal {link.position}: another digest was published"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")

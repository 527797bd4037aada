"""Digests: what a seal says of an event, value by value: one can be taken out, and all others stay proven."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

Event = Mapping[str, Any]

_OPEN = ("id", "at", "table", "row", "operation", "actor", "request_id", "program")
"""What is never taken out, and stands in the digest as it is."""

TAKEN_OUT = '{"redacted"'
"""How a reason begins that was taken out. What somebody types begins otherwise: see `acting`."""

_OF_OLD = (*_OPEN, "old", "new", "reason")
"""The whole of an event from before events were salted."""


def digest_of(event: Event, before: str) -> str:
    """The digest of an event that follows another: SHA-256 over both, in one canonical form.

    In place of each value stands its own salted digest. An event without a salt is older than they are: it is digested
    as it stands.
    """
    if not event.get("salt"):
        return _sha(_canonical([before, {name: event[name] for name in _OF_OLD}]))
    said = {name: event[name] for name in _OPEN}
    values = {f"{place}.{name}" if name else place: _sealed(event, place, name) for place, name in places(event)}
    shape = [_shape(event[place]) for place in ("old", "new")]
    return _sha(_canonical([before, said, shape, values]))


def places(event: Event) -> Iterator[tuple[str, str]]:
    """Where an event holds values: ("old" or "new", column), and ("reason", "")."""
    yield "reason", ""
    for place in ("old", "new"):
        if isinstance(event[place], Mapping):
            yield from ((place, name) for name in event[place])


def value_at(event: Event, place: str, name: str) -> Any:
    """The value there; of the reason, a withdrawn one as the mapping that it is kept as."""
    if name:
        return event[place][name]
    reason: str = event["reason"]
    return _read(reason) if reason.startswith(TAKEN_OUT) else reason


def redaction_at(event: Event, place: str, name: str) -> int | None:
    """The number of the redaction that took the value out; None where it stands."""
    value = value_at(event, place, name)
    return value["redacted"] if is_redacted(value) else None


def is_redacted(value: Any) -> bool:
    """Whether this stands in the place of a value that was taken out."""
    return isinstance(value, dict) and value.keys() == {"redacted", "was"}


def taken_out(event: Event, place: str, name: str, redaction: int) -> dict[str, Any]:
    """What stands in the place of a value from now on: which redaction it was, and the digest that the seal covers."""
    return {"redacted": redaction, "was": _sealed(event, place, name)}


def salts_without(event: Event, gone: set[tuple[str, str]]) -> str:
    """The salts of all other values: without its own nobody can try out what a value that is gone may have been."""
    kept = [each for each in places(event) if each not in gone and redaction_at(event, *each) is None]
    return _canonical({f"{place}.{name}": _salt(event, place, name) for place, name in kept})


def content_hash(content: object) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no blanks, UTF-8."""
    return _sha(_canonical(content))


def _sealed(event: Event, place: str, name: str) -> str:
    value = value_at(event, place, name)
    if is_redacted(value):
        return str(value["was"])
    return _sha(_salt(event, place, name) + _canonical(value))


def _salt(event: Event, place: str, name: str) -> str:
    salt: str = event["salt"]
    if salt.startswith("{") and isinstance(kept := _read(salt), dict):
        return str(kept.get(f"{place}.{name}", ""))
    return _sha(f"{salt} {place}.{name}")


def _shape(values: Any) -> Any:
    """Whether there are none; whatever was put in their place stands in the digest itself."""
    return values is None if values is None or isinstance(values, Mapping) else values


def _read(text: str) -> Any:
    """What somebody may have been at is read as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")

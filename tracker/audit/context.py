"""Who changes something, why, and in which request: told to the database, whose triggers write it down."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.audit.digests import TAKEN_OUT

_NOTHING: dict[str, str] = {}
_acting: ContextVar[dict[str, str]] = ContextVar("acting", default=_NOTHING)

_TELL = "SELECT " + ", ".join(f"set_config('daymark.{name}', %s, false)" for name in ("actor", "reason", "request_id"))


@contextmanager
def acting(*, actor: int | None, reason: str = "", request_id: str = "") -> Iterator[None]:
    """Whatever is changed in this block, on this thread's connection, is changed by this user, for this reason."""
    said = {"actor": "" if actor is None else str(actor), "reason": _typed(reason), "request_id": request_id}
    before = _acting.set(said)
    _tell(said)
    try:
        yield
    finally:
        _acting.reset(before)
        _tell(_acting.get())


@contextmanager
def because(reason: str, *, by: int) -> Iterator[None]:
    """Whatever is changed in this block is changed for this reason: by whoever acts already, else by this user."""
    acts = _acting.get()
    actor = int(acts["actor"]) if acts.get("actor") else by
    with acting(actor=actor, reason=reason, request_id=acts.get("request_id", "")):
        yield


def answer_triggers(connection: BaseDatabaseWrapper, **_options: Any) -> None:
    """Let SQLite's triggers ask for the context. A program without this function cannot write to an audited table."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("daymark_audit", 1, _answer)
        # So that a row that is replaced counts as deleted, and its triggers hear of it.
        connection.connection.execute("PRAGMA recursive_triggers = ON")


def program() -> str:
    """The process that writes, as the audit trail names it."""
    words = [word.rpartition("/")[2] for word in sys.argv[:2]]
    return " ".join(words)[:100]


def _answer(name: str) -> str:
    return program() if name == "program" else _acting.get().get(name, "")


def _typed(reason: str) -> str:
    """The reason as it is kept: nobody types what looks like a reason that was taken out."""
    return (f" {reason}" if reason.startswith(TAKEN_OUT) else reason)[:500]


def _tell(said: dict[str, str]) -> None:
    """PostgreSQL keeps it with the connection, until it is told otherwise."""
    if connection.vendor == "postgresql" and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(_TELL, [said.get(name, "") for name in ("actor", "reason", "request_id")])

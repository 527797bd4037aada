"""Which database remembers: SQLite in one file by default, PostgreSQL in production."""

import sys
from typing import Any

import environ

from config.environment import BASE_DIR, Environment

_NAME = "DAYMARK_DATABASE_URL"
_KINDS = ("postgresql://", "postgres://", "sqlite:///")

# IMMEDIATE takes the write lock when a transaction begins, so two writers queue for up to `timeout` seconds
# instead of failing half-way with "database is locked"; WAL lets readers go on meanwhile.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}

# A server that does not answer must not hold a page, a probe or the beat for minutes.
POSTGRESQL_OPTIONS = {"connect_timeout": 5}


def database(env: Environment, default_url: str) -> dict[str, Any]:
    """The `default` database as DAYMARK_DATABASE_URL names it; a relative SQLite path counts from the checkout."""
    chosen = _parsed(env.text(_NAME, default_url))
    if not chosen:
        # The address holds a password: it is not quoted.
        env.note(_NAME, "not understood", "postgresql://user:password@host:5432/name or sqlite:///a/file")
        chosen = _parsed(default_url)
    if chosen["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(chosen)
    options = POSTGRESQL_OPTIONS | {"application_name": _program()} | chosen.get("OPTIONS", {})
    return {**chosen, "OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _program() -> str:
    """What runs, as the database's own lists and the audit trail name it; PostgreSQL keeps 63 characters."""
    return " ".join(word.rpartition("/")[2] for word in sys.argv[:2])[:63]


def _parsed(url: str) -> dict[str, Any]:
    """The parts of an address; none if it is of another kind, has a port that is no number, or names no database."""
    if not url.startswith(_KINDS):
        return {}
    try:
        chosen = dict(environ.Env.db_url_config(url))
    except ValueError:
        return {}
    return chosen if chosen["NAME"] else {}


def _sqlite(chosen: dict[str, Any]) -> dict[str, Any]:
    path = BASE_DIR / chosen["NAME"]
    path.parent.mkdir(parents=True, exist_ok=True)
    return {**chosen, "NAME": path, "OPTIONS": SQLITE_OPTIONS}

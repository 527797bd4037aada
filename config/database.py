"""Which database remembers: SQLite in one file by default, PostgreSQL in production."""

from typing import Any

from config.environment import BASE_DIR, env

# IMMEDIATE takes the write lock when a transaction begins, so two writers queue for up to `timeout` seconds
# instead of failing half-way with "database is locked"; WAL lets readers go on meanwhile.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def database(default_url: str) -> dict[str, Any]:
    """The `default` database as DAYMARK_DATABASE_URL names it; a relative SQLite path counts from the checkout."""
    chosen: dict[str, Any] = dict(env.db_url("DAYMARK_DATABASE_URL", default=default_url))
    if chosen["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(chosen)
    return {**chosen, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _sqlite(chosen: dict[str, Any]) -> dict[str, Any]:
    path = BASE_DIR / chosen["NAME"]
    path.parent.mkdir(parents=True, exist_ok=True)
    return {**chosen, "NAME": path, "OPTIONS": SQLITE_OPTIONS}

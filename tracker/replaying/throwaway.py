"""A database that exists only while a replay runs, in the memory of its process."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections

_MEMORY = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}


@contextmanager
def throwaway_database() -> Iterator[None]:
    """Put an empty, migrated database in the place of the configured one, which is neither read nor written.

    Holds for the thread that asks; afterwards the configured database is back, and nothing is left of the other.
    """
    configured, kept = connections.databases[DEFAULT_DB_ALIAS], connections[DEFAULT_DB_ALIAS]
    connections.databases[DEFAULT_DB_ALIAS] = {**configured, **_MEMORY}
    connections[DEFAULT_DB_ALIAS] = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections.databases[DEFAULT_DB_ALIAS] = configured
        connections[DEFAULT_DB_ALIAS] = kept

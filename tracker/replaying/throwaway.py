"""A database that exists only while a replay runs, in the memory of its process."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

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
    try:
        with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as in_memory:
            connections[DEFAULT_DB_ALIAS] = in_memory
            call_command("migrate", verbosity=0, interactive=False)
            yield
    finally:
        connections.databases[DEFAULT_DB_ALIAS] = configured
        connections[DEFAULT_DB_ALIAS] = kept

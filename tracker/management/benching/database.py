"""A database of the benchmark's own, on the server that is configured, made and dropped as Django does it for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from django.db import connection


@contextmanager
def own_database() -> Iterator[None]:
    """An empty, migrated database in the place of the configured one, which is neither read nor written."""
    configured = connection.settings_dict["NAME"]
    with TemporaryDirectory(prefix="daymark-bench-") as folder:
        name = f"daymark_bench_{uuid4().hex[:8]}"
        # On SQLite a file: what lies in memory only is no measure of what has to be written.
        own = str(Path(folder) / "bench.sqlite3") if connection.vendor == "sqlite" else name
        connection.settings_dict["TEST"]["NAME"] = own
        connection.creation.create_test_db(verbosity=0, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(configured, verbosity=0)

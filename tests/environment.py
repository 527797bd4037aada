"""Fixes the environment before Django reads it: a developer's own settings never reach a test."""

import os

POSTGRES_URL = os.environ.get("DAYMARK_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("DAYMARK_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
SEED = int(os.environ.get("DAYMARK_TEST_SEED", "2026"))
PROFILE = os.environ.get("DAYMARK_TEST_PROFILE", "ci")
DATABASE = os.environ.get("DAYMARK_TEST_DATABASE", "sqlite")

_CHOICES = {"sqlite": "sqlite:///var/tests.sqlite3", "postgres": POSTGRES_URL}


def prepare() -> None:
    """Drop every DAYMARK_ variable that is not about testing, and choose the database."""
    if DATABASE not in _CHOICES:
        raise SystemExit(f"DAYMARK_TEST_DATABASE is {DATABASE!r}: expected one of {', '.join(_CHOICES)}")
    for name in [name for name in os.environ if name.startswith("DAYMARK_") and not name.startswith("DAYMARK_TEST_")]:
        del os.environ[name]
    os.environ["DAYMARK_DATABASE_URL"] = _CHOICES[DATABASE]
    os.environ["DAYMARK_SECRET_KEY"] = "only for tests"
    os.environ["DAYMARK_LOG_LEVEL"] = "WARNING"
    # Development's static files: no manifest has to be collected before a page can be tested.
    os.environ["DAYMARK_DEBUG"] = "true"
    # Playwright's synchronous interface runs a loop of its own, in which Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


prepare()

"""What every test shares: which parts can run here, how hard the properties search, how a browser starts."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests.availability import CHROMIUM, missing
from tests.environment import DATABASE
from tests.flushing import empty_without_audit

# A slow example on a busy machine is not a failure: the properties are about answers, not about speed.
_RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large]
hypothesis_settings.register_profile(
    "ci", max_examples=40, deadline=None, suppress_health_check=_RELAXED, derandomize=True, database=None
)
hypothesis_settings.register_profile("soak", max_examples=4_000, deadline=None, suppress_health_check=_RELAXED)
hypothesis_settings.load_profile(os.environ.get("DAYMARK_TEST_PROFILE", "ci"))

# What else opens the network while the page loads would only be refused, slowly.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def in_ci() -> bool:
    """Whether a missing service must fail the run (CI=true) instead of being named and left out."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run half a suite in CI, hash test passwords fast, and let people sit idle."""
    if in_ci() and missing() and not hasattr(config, "workerinput"):
        raise pytest.UsageError("CI=true and something is missing: " + _sentence())
    empty_without_audit()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Most tests are about something else: those about codes ask for them (tests/codes.py).
    settings.CODES_ARE_FORCED = False
    # And their clocks jump over hours.
    settings.IDLE_MINUTES = 12 * 60
    # Empty, and the tests' own: a server that a test starts collects into the other while its files are being listed.
    settings.STATIC_ROOT = settings.VAR_DIR / "tests-static"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what cannot run here: `browser`, and `services` by the name of the service they need."""
    for item in items:
        for name in _needs(item) & missing().keys():
            item.add_marker(pytest.mark.skip(reason=f"{name}: {missing()[name]}"))


def _needs(item: pytest.Item) -> set[str]:
    named = {str(name) for mark in item.iter_markers("services") for name in mark.args}
    return named | ({"browser"} if item.get_closest_marker("browser") else set())


def pytest_report_header() -> str:
    """The database this run uses, on its first lines."""
    return f"daymark: on {DATABASE}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left out, and why, where nobody can miss it."""
    if missing():
        terminalreporter.section("left out", yellow=True)
        terminalreporter.line("left out: " + _sentence())


def _sentence() -> str:
    return ", ".join(f"{name} ({reason})" for name, reason in missing().items())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each run, and each worker of a parallel run, makes a database of its own: two runs never meet.

    On SQLite it is a file, not memory: threads that race in a test must meet on the real locks.
    """
    on_file = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    name = on_file if DATABASE == "sqlite" else f"daymark_test_{os.getpid()}"
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = name


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, headless, instead of a browser that Playwright would download."""
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The reader of the browser tests sits in Shanghai, reads English, and has a desk-sized screen."""
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture(autouse=True)
def audit_heads(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Path:
    """Where this test publishes how far its audit trail is sealed."""
    path: Path = tmp_path_factory.mktemp("audit") / "heads.jsonl"
    settings.AUDIT_HEADS = str(path)
    return path


@pytest.fixture(autouse=True)
def nobody_knocked_yet() -> None:
    """What limits count begins anew with each test."""
    caches["common"].clear()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in the source language, whatever the one before it switched to."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End what still holds the run's database before it is dropped: a live server's thread may close too late."""
    yield
    if DATABASE == "postgres":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

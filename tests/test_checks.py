"""The start-up checks: what stops Daymark, and what it only warns of."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from pytest_django.fixtures import Settings

from config.environment import BASE_DIR
from tracker import checks
from tracker.deployment import unsafe_settings
from workflow import loading

BIN = Path(sys.executable).parent
SAFE: dict[str, Any] = {
    "SECRET_KEY": "k0-" + "abcdefghijklmnopqrstuvwxyz" * 2, "SECRET_KEY_IS_SET": True, "DEBUG": False, "DEMO": False,
    "ALLOWED_HOSTS": ["daymark.example.org"], "SITE_URL": "https://daymark.example.org",
    "METRICS_TOKEN": "bXq7-tnR2vKd0_hZ8mWc5yLs3uFj6aGe",
    "BEHIND_PROXY": True, "IDLE_MINUTES": 30, "BROKER_URL": "redis://broker:6379/0",
    "MAIL_CONFIGURED": True, "DEFAULT_FROM_EMAIL": "daymark@example.org", "EMAIL_HOST_USER": "daymark",
    "EMAIL_HOST_PASSWORD": "correct horse", "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False,
}  # fmt: skip
POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "HOST": "postgres", "PASSWORD": "correct horse battery"}


def told(*, several_processes: bool = True, **chosen: Any) -> list[CheckMessage]:
    """What is said of a safe installation in which these settings are otherwise."""
    databases = {"default": POSTGRESQL | chosen.pop("database", {})}
    settings = SimpleNamespace(**{**SAFE, "DATABASES": databases, **chosen})
    return unsafe_settings(settings, several_processes=several_processes)


def test_an_installation_as_shipped_has_no_error() -> None:
    assert [message for message in run_checks() if message.is_serious()] == []


def test_every_mistake_in_a_shipped_protocol_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("id: broken\nid: twice\nrulez: []\n", encoding="utf-8")
    monkeypatch.setattr(loading, "PROTOCOLS", tmp_path)
    loading.shipped_protocol.cache_clear()
    errors = checks.check_protocols()
    assert {error.id for error in errors} == {"tracker.E001"}
    assert any("line 2" in str(error.msg) for error in errors)
    assert any("rulez" in str(error.msg) for error in errors)
    assert all("check_protocol" in str(error.hint) for error in errors)


def test_a_clock_that_is_not_utc_stops_the_start(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    assert [error.id for error in checks.check_time_zone()] == ["tracker.E002"]


def test_a_site_without_a_mail_server_is_warned_unless_it_is_a_demo(settings: Settings) -> None:
    settings.MAIL_CONFIGURED = False
    settings.DEMO = False
    assert [warning.id for warning in checks.check_mail()] == ["tracker.W001"]
    settings.DEMO = True
    assert checks.check_mail() == []


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("https://daymark.example.org", False),
        ("http://127.0.0.1:8000", False),
        ("http://daymark.example.org", True),
    ],
)
def test_plain_http_is_for_this_machine_only(settings: Settings, address: str, warned: bool) -> None:
    settings.SITE_URL = address
    assert bool(checks.check_site_address()) is warned


def test_nothing_is_said_of_an_installation_that_is_safe() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("chosen", "variable"),
    [
        ({"SECRET_KEY_IS_SET": False}, "DAYMARK_SECRET_KEY is not set"),
        ({"SECRET_KEY": SAFE["SECRET_KEY"][:49]}, "DAYMARK_SECRET_KEY is too easy"),
        ({"SECRET_KEY": "ab" * 30}, "DAYMARK_SECRET_KEY is too easy"),
        ({"SECRET_KEY": "django-insecure-" + SAFE["SECRET_KEY"]}, "DAYMARK_SECRET_KEY is too easy"),
        ({"DEBUG": True}, "DAYMARK_DEBUG"),
        ({"DEMO": True}, "DAYMARK_DEMO"),
        ({"ALLOWED_HOSTS": ["*"]}, "DAYMARK_ALLOWED_HOSTS"),
        ({"METRICS_TOKEN": "short"}, "DAYMARK_METRICS_TOKEN"),
        ({"METRICS_TOKEN": "t" * 40}, "DAYMARK_METRICS_TOKEN"),
        ({"SECRET_KEY": "correct horse battery staple " * 4}, "DAYMARK_SECRET_KEY is too easy"),
        ({"SITE_URL": "http://daymark.example.org"}, "DAYMARK_SITE_URL"),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "DAYMARK_SITE_URL"),
        ({"BROKER_URL": "memory://localhost"}, "DAYMARK_BROKER_URL"),
        ({"database": {"ENGINE": "django.db.backends.sqlite3"}}, "DAYMARK_DATABASE_URL is an SQLite file"),
        ({"database": {"PASSWORD": ""}}, "DAYMARK_DATABASE_URL holds no password"),
    ],
)
def test_what_is_unsafe_stops_several_processes(chosen: dict[str, Any], variable: str) -> None:
    (error,) = told(**chosen)
    assert error.is_serious()
    assert error.msg.startswith(variable)
    assert "expected" in error.msg


@pytest.mark.parametrize(
    ("chosen", "variable"),
    [
        ({"BEHIND_PROXY": False}, "DAYMARK_BEHIND_PROXY"),
        ({"IDLE_MINUTES": 61}, "DAYMARK_IDLE_MINUTES"),
        ({"database": {"PASSWORD": "daymark"}}, "DAYMARK_DATABASE_URL holds a short password"),
        ({"DEFAULT_FROM_EMAIL": "daymark@localhost"}, "DAYMARK_EMAIL_FROM"),
        ({"EMAIL_USE_TLS": False}, "DAYMARK_EMAIL_ENCRYPTION"),
        ({"EMAIL_HOST_PASSWORD": ""}, "DAYMARK_EMAIL_USER and DAYMARK_EMAIL_PASSWORD"),
    ],
)
def test_what_a_site_may_choose_is_a_warning(chosen: dict[str, Any], variable: str) -> None:
    (warning,) = told(**chosen)
    assert not warning.is_serious()
    assert warning.msg.startswith(variable)


def test_a_socket_of_this_machine_needs_no_password() -> None:
    assert told(database={"PASSWORD": "", "HOST": ""}) == []


def test_one_process_on_this_machine_may_be_as_it_likes() -> None:
    local = {"SITE_URL": "http://127.0.0.1:8000", "DEBUG": True, "SECRET_KEY": "short", "DEMO": True}
    assert told(several_processes=False, **local) == []


def test_one_process_that_others_reach_must_not_show_what_is_recorded() -> None:
    (error,) = told(several_processes=False, DEBUG=True, BROKER_URL="memory://localhost")
    assert (error.id, error.is_serious()) == ("tracker.E004", True)


def test_no_message_quotes_a_secret() -> None:
    everything = told(SECRET_KEY="hunter2", METRICS_TOKEN="hunter2", database={"PASSWORD": "hunter2"})
    assert len(everything) == 3
    assert "hunter2" not in str(everything)


def test_what_cannot_be_used_is_an_error_and_what_nothing_reads_a_warning(settings: Settings) -> None:
    settings.MISREAD_VARIABLES = ("DAYMARK_DEMO is 'ture': expected true or false",)
    settings.UNREAD_VARIABLES = ("DAYMARK_EMAIL_HOTS is set and nothing reads it",)
    found = {message.id: message.msg for message in run_checks()}
    assert found["tracker.E003"] == "DAYMARK_DEMO is 'ture': expected true or false"
    assert found["tracker.W003"] == "DAYMARK_EMAIL_HOTS is set and nothing reads it"


@pytest.mark.parametrize(
    "program",
    [
        [sys.executable, "-c", "import config.wsgi"],
        [str(BIN / "celery"), "--app", "config", "worker"],
        [str(BIN / "celery"), "--app", "config", "beat"],
    ],
    ids=["web", "worker", "beat"],
)
def test_no_process_of_production_starts_before_everything_is_put_right_and_it_names_all_at_once(
    program: list[str],
) -> None:
    unsafe = {
        "DAYMARK_DEBUG": "true",
        "DAYMARK_DEMO": "true",
        "DAYMARK_LOG_LEVEL": "loud",
        "DAYMARK_ALLOWED_HOSTS": "*",
    }
    done = subprocess.run(
        program, cwd=BASE_DIR, env={"PATH": os.environ["PATH"], **unsafe}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    said = done.stderr.partition("To be put right first")[2].partition("To be known")
    assert sorted(line.split()[0] for line in said[0].splitlines()[1:]) == [
        "DAYMARK_ALLOWED_HOSTS", "DAYMARK_BROKER_URL", "DAYMARK_DATABASE_URL", "DAYMARK_DEBUG", "DAYMARK_DEMO",
        "DAYMARK_LOG_LEVEL", "DAYMARK_SECRET_KEY", "DAYMARK_SITE_URL",
    ]  # fmt: skip
    assert "DAYMARK_BEHIND_PROXY is false" in said[2]


def test_a_production_like_environment_passes_djangos_own_check_of_a_deployment_in_silence() -> None:
    chosen = {
        "DAYMARK_SECRET_KEY": "bXq7-tnR2vKd0_hZ8mWc5yLs3uFj6aGeP9rQ1kT4xN7oVwYzB2", "DAYMARK_BEHIND_PROXY": "true",
        "DAYMARK_SITE_URL": "https://daymark.example.org", "DAYMARK_BROKER_URL": "redis://127.0.0.1:1/0",
        "DAYMARK_DATABASE_URL": "postgresql://daymark:correct-horse-battery@127.0.0.1:1/daymark",
        "DAYMARK_EMAIL_HOST": "mail.example.org", "DAYMARK_EMAIL_FROM": "daymark@example.org",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], **chosen}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues (1 silenced)" in done.stdout

"""The settings: what the environment may say, and what an unset environment means."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.celery import broker_url, celery_options
from config.database import database
from config.environment import BASE_DIR, Environment
from config.mail import mail_settings
from config.secret_key import kept_secret_key, secret_key
from config.security import transport_settings

VARIABLE = re.compile(r'"(DAYMARK_[A-Z_]*[A-Z])"')


def settings_read_as(expression: str, **environment: str) -> str:
    """What `expression` on the settings prints in a process of its own with this environment."""
    program = f"from django.conf import settings; print({expression})"
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_every_variable_is_documented_and_every_documented_variable_is_read() -> None:
    sources = [*(BASE_DIR / "config").glob("*.py"), BASE_DIR / "tests/environment.py", BASE_DIR / "tests/conftest.py"]
    sources.append(BASE_DIR / "tests/availability.py")
    read = {name for source in sources for name in VARIABLE.findall(source.read_text(encoding="utf-8"))}
    manual = (BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(DAYMARK_[A-Z_]+)`", manual, re.MULTILINE)) == read


def test_nothing_set_means_an_embedded_site_without_mail_and_without_debugging() -> None:
    assert settings_read_as(
        "settings.DEBUG, settings.DEMO, settings.MAIL_CONFIGURED, settings.DATABASES['default']['ENGINE']"
    ) == ("False False False django.db.backends.sqlite3")


def test_a_mail_server_switches_mail_on() -> None:
    told = settings_read_as(
        "settings.MAIL_CONFIGURED, settings.EMAIL_PORT, settings.EMAIL_USE_TLS", DAYMARK_EMAIL_HOST="mail.example.org"
    )
    assert told == "True 587 True"


def test_tls_from_the_first_byte_has_its_own_port() -> None:
    settings = mail_settings(Environment({"DAYMARK_EMAIL_HOST": "mail.example.org", "DAYMARK_EMAIL_ENCRYPTION": "TLS"}))
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (465, True, False)


def test_an_empty_variable_is_an_unset_one() -> None:
    env = Environment({"DAYMARK_EMAIL_PORT": "", "DAYMARK_DEBUG": " ", "DAYMARK_SITE_URL": ""})
    assert env.number("DAYMARK_EMAIL_PORT", 587, at_most=65_535) == 587
    assert env.flag("DAYMARK_DEBUG") is False
    assert env.http_url("DAYMARK_SITE_URL", default="http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert env.faults == []


def test_every_value_that_cannot_be_used_is_told_with_what_was_expected() -> None:
    env = Environment({
        "DAYMARK_DEMO": "ture", "DAYMARK_SITE_URL": "daymark.example.org", "DAYMARK_LANGUAGE": "fr",
        "DAYMARK_EMAIL_PORT": "70000", "DAYMARK_EMAIL_TIMEOUT": "０",
    })  # fmt: skip
    assert env.flag("DAYMARK_DEMO") is False
    env.http_url("DAYMARK_SITE_URL", default="http://127.0.0.1:8000")
    env.one_of("DAYMARK_LANGUAGE", ("en", "zh-hans"), default="en")
    mail_settings(env)
    assert env.faults == [
        "DAYMARK_DEMO is 'ture': expected true or false",
        "DAYMARK_SITE_URL is 'daymark.example.org': expected an address such as https://daymark.example.org",
        "DAYMARK_LANGUAGE is 'fr': expected one of en, zh-hans",
        "DAYMARK_EMAIL_PORT is '70000': expected a whole number from 1 to 65535",
        "DAYMARK_EMAIL_TIMEOUT is '０': expected a whole number from 1 to 60",
    ]


@pytest.mark.parametrize("address", ["http://", "ftp://daymark.example.org", "https://host:port", "https://[::1"])
def test_an_address_that_no_browser_could_open_is_refused(address: str) -> None:
    env = Environment({"DAYMARK_SITE_URL": address})
    assert env.http_url("DAYMARK_SITE_URL", default="http://localhost") == "http://localhost"
    assert len(env.faults) == 1


@pytest.mark.parametrize(
    "address", ["mysql://u:hunter2@h/n", "postgresql://u:hunter2@h:port/n", "postgresql://u:hunter2@h/", "hunter2"]
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(address: str) -> None:
    env = Environment({"DAYMARK_DATABASE_URL": address})
    assert database(env, "sqlite:///var/tests.sqlite3")["ENGINE"] == "django.db.backends.sqlite3"
    (fault,) = env.faults
    assert "DAYMARK_DATABASE_URL is not understood: expected postgresql://" in fault
    assert "hunter2" not in fault


def test_a_database_server_is_waited_for_five_seconds_unless_its_address_says_otherwise() -> None:
    plain = Environment({"DAYMARK_DATABASE_URL": "postgresql://u:p@h/n?sslmode=require"})
    options = database(plain, "")["OPTIONS"]
    assert (options["connect_timeout"], options["sslmode"]) == (5, "require")
    patient = Environment({"DAYMARK_DATABASE_URL": "postgresql://u:p@h/n?connect_timeout=20"})
    assert database(patient, "")["OPTIONS"]["connect_timeout"] == 20


def test_a_broker_of_another_kind_is_told_without_its_password() -> None:
    env = Environment({"DAYMARK_BROKER_URL": "amqp://u:hunter2@h"})
    assert broker_url(env) == "memory://localhost"
    assert env.faults == ["DAYMARK_BROKER_URL is not understood: expected redis://host:6379/0"]


def test_a_misspelt_variable_is_told_with_the_one_that_was_meant() -> None:
    env = Environment({
        "DAYMARK_EMAIL_HOTS": "mail.example.org", "DAYMARK_DEMO": "true", "DAYMARK_TEST_DATABASE": "x", "HOME": "/",
    })  # fmt: skip
    env.text("DAYMARK_EMAIL_HOST")
    env.flag("DAYMARK_DEMO")
    assert env.unread() == ["DAYMARK_EMAIL_HOTS is set and nothing reads it: did you mean DAYMARK_EMAIL_HOST?"]


def test_the_host_of_the_sites_own_address_is_answered_without_naming_it_twice() -> None:
    told = settings_read_as("settings.ALLOWED_HOSTS[-1]", DAYMARK_SITE_URL="https://daymark.example.org")
    assert told == "daymark.example.org"


def test_https_in_the_address_makes_cookies_and_redirects_strict() -> None:
    strict = transport_settings(https=True, behind_proxy=False)
    assert (strict["SESSION_COOKIE_SECURE"], strict["SECURE_SSL_REDIRECT"]) == (True, True)
    assert strict["SECURE_HSTS_SECONDS"] > 0


def test_a_proxy_is_believed_only_when_there_is_one() -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in transport_settings(https=True, behind_proxy=False)
    assert "SECURE_PROXY_SSL_HEADER" in transport_settings(https=True, behind_proxy=True)


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"
    key = kept_secret_key(path)
    assert kept_secret_key(path) == key
    assert len(key) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in path.parent.iterdir()] == ["secret_key"]


def test_a_key_that_cannot_be_kept_names_the_variable_to_set(tmp_path: Path) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.touch()
    env = Environment({})
    assert len(secret_key(env, blocked / "secret_key")) >= 50
    assert [fault.split(",")[0] for fault in env.faults] == ["DAYMARK_SECRET_KEY is not set"]


def test_production_gives_a_dead_workers_task_back_and_the_embedded_queue_looks_often() -> None:
    redis = celery_options("redis://broker/0")
    assert (redis["task_acks_late"], redis["broker_transport_options"]["visibility_timeout"]) == (True, 600)
    memory = celery_options("memory://localhost")
    assert memory["broker_transport_options"]["polling_interval"] < 1


def test_what_hangs_is_ended_before_the_broker_gives_it_to_somebody_else() -> None:
    redis = celery_options("redis://broker/0")
    assert redis["task_time_limit"] < redis["broker_transport_options"]["visibility_timeout"]


def test_a_slow_mail_server_holds_up_mail_and_nothing_else() -> None:
    redis = celery_options("redis://broker/0")
    queues = {queue.name for queue in redis["task_queues"]}
    assert redis["task_routes"] == {"tracker.tasks.deliver": {"queue": "mail"}}
    assert queues == {"mail", redis["task_default_queue"]}

"""The settings: what the environment may say, and what an unset environment means."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.celery import celery_options
from config.environment import BASE_DIR, http_url, one_of
from config.mail import mail_settings
from config.secret_key import kept_secret_key
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


def test_tls_from_the_first_byte_has_its_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYMARK_EMAIL_HOST", "mail.example.org")
    monkeypatch.setenv("DAYMARK_EMAIL_ENCRYPTION", "tls")
    settings = mail_settings()
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (465, True, False)


def test_an_address_without_a_scheme_is_refused_with_its_name_and_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYMARK_SITE_URL", "daymark.example.org")
    with pytest.raises(ImproperlyConfigured, match=r"DAYMARK_SITE_URL is 'daymark\.example\.org': expected"):
        http_url("DAYMARK_SITE_URL", default="http://127.0.0.1:8000")


def test_a_language_we_do_not_speak_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYMARK_LANGUAGE", "fr")
    with pytest.raises(ImproperlyConfigured, match="'fr': expected one of en, zh-hans"):
        one_of("DAYMARK_LANGUAGE", ("en", "zh-hans"), default="en")


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
    with pytest.raises(ImproperlyConfigured, match="DAYMARK_SECRET_KEY is not set"):
        kept_secret_key(blocked / "secret_key")


def test_production_gives_a_dead_workers_task_back_and_the_embedded_queue_looks_often() -> None:
    redis = celery_options("redis://broker/0")
    assert (redis["task_acks_late"], redis["broker_transport_options"]["visibility_timeout"]) == (True, 600)
    memory = celery_options("memory://localhost")
    assert memory["broker_transport_options"]["polling_interval"] < 1

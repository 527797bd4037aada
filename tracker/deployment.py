"""Start-up checks of what the environment chose: every variable that is missing, unsafe or unread, named at once.

An error is unsafe whoever runs it; a warning is for the site to decide.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from zlib import compress

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own word

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

LEAST_KEY, LEAST_TOKEN, LEAST_PASSWORD = 50, 32, 12
"""Characters."""

LONGEST_IDLE = 60
"""Minutes."""


def check_environment(**_options: Any) -> list[CheckMessage]:
    """E003 for each variable whose value cannot be used; W003 for each that nothing reads."""
    errors = [Error(said, hint="docs/operations.md", id="tracker.E003") for said in settings.MISREAD_VARIABLES]
    warnings = [Warning(said, hint="docs/operations.md", id="tracker.W003") for said in settings.UNREAD_VARIABLES]
    return [*errors, *warnings]


def check_deployment(**_options: Any) -> list[CheckMessage]:
    """What is unsafe as far as it can be told: a broker outside this process means that there are several."""
    return unsafe_settings(settings, several_processes=not _broker_in_memory(settings))


def unsafe_settings(chosen: Any, *, several_processes: bool) -> list[CheckMessage]:
    """What of the chosen settings is unsafe where others reach the site, and where several processes share the work."""
    found: list[CheckMessage] = []
    if several_processes or urlsplit(chosen.SITE_URL).hostname not in LOCAL:
        found += [_error(said, "tracker.E004") for said in _unsafe_where_others_reach_it(chosen)]
    if several_processes:
        found += [_error(said, "tracker.E005") for said in _unsafe_among_processes(chosen)]
        found += [Warning(said, hint="docs/operations.md", id="tracker.W004") for said in _to_be_decided(chosen)]
    return found


def _error(said: str, code: str) -> Error:
    return Error(said, hint="docs/operations.md", id=code)


def _unsafe_where_others_reach_it(chosen: Any) -> Iterator[str]:
    if chosen.SECRET_KEY_IS_SET and _is_guessable(chosen.SECRET_KEY, LEAST_KEY):
        yield f"DAYMARK_SECRET_KEY is too easy to guess: expected at least {LEAST_KEY} random characters"
    if chosen.DEBUG:
        yield "DAYMARK_DEBUG is true: expected false, since its error pages show what is recorded"
    if "*" in chosen.ALLOWED_HOSTS:
        yield "DAYMARK_ALLOWED_HOSTS holds '*': expected the names of this site, so that no forged name enters a link"
    if chosen.METRICS_TOKEN and _is_guessable(chosen.METRICS_TOKEN, LEAST_TOKEN):
        yield f"DAYMARK_METRICS_TOKEN is too easy to guess: expected {LEAST_TOKEN} random characters or more, or none"


def _unsafe_among_processes(chosen: Any) -> Iterator[str]:
    if not chosen.SECRET_KEY_IS_SET:
        yield f"DAYMARK_SECRET_KEY is not set: expected at least {LEAST_KEY} random characters, the same everywhere"
    if urlsplit(chosen.SITE_URL).scheme != "https":
        yield f"DAYMARK_SITE_URL is {chosen.SITE_URL}: expected the https address that staff use"
    if chosen.DEMO:
        yield "DAYMARK_DEMO is true: expected false, since no real participant may stand under the mark of a demo"
    if _broker_in_memory(chosen):
        yield "DAYMARK_BROKER_URL is the memory of one process: expected redis://host:6379/0, which all can reach"
    yield from _unsafe_database(chosen.DATABASES["default"])


def _unsafe_database(database: dict[str, Any]) -> Iterator[str]:
    if database["ENGINE"].endswith("sqlite3"):
        yield "DAYMARK_DATABASE_URL is an SQLite file, for one process: expected postgresql://user:password@host:5432/name"
    elif not database["PASSWORD"] and database["HOST"]:
        # Over a socket of this machine PostgreSQL knows who asks without one.
        yield "DAYMARK_DATABASE_URL holds no password: expected postgresql://user:password@host:5432/name"


def _to_be_decided(chosen: Any) -> Iterator[str]:
    if not chosen.BEHIND_PROXY:
        yield "DAYMARK_BEHIND_PROXY is false: expected true where a proxy ends TLS, else every page redirects to itself"
    if chosen.IDLE_MINUTES > LONGEST_IDLE:
        yield f"DAYMARK_IDLE_MINUTES is {chosen.IDLE_MINUTES}: expected {LONGEST_IDLE} or less, for a screen left alone"
    password = chosen.DATABASES["default"]["PASSWORD"]
    if password and len(password) < LEAST_PASSWORD:
        yield f"DAYMARK_DATABASE_URL holds a short password: expected at least {LEAST_PASSWORD} characters"
    if chosen.MAIL_CONFIGURED:
        yield from _mail_to_be_decided(chosen)


def _mail_to_be_decided(chosen: Any) -> Iterator[str]:
    if chosen.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        yield "DAYMARK_EMAIL_FROM is not set: expected an address that the mail server lets this site send from"
    if chosen.EMAIL_HOST_USER and not (chosen.EMAIL_USE_TLS or chosen.EMAIL_USE_SSL):
        yield "DAYMARK_EMAIL_ENCRYPTION is none: expected starttls or tls, since the password is sent in the open"
    if bool(chosen.EMAIL_HOST_USER) != bool(chosen.EMAIL_HOST_PASSWORD):
        yield "DAYMARK_EMAIL_USER and DAYMARK_EMAIL_PASSWORD: expected both or neither"


def _is_guessable(secret: str, least: int) -> bool:
    """Too short, of few characters, or the same words again and again, which can be told in half as many."""
    repeats = len(compress(secret.encode(), 9)) < len(secret) / 2
    return len(secret) < least or len(set(secret)) < 10 or repeats or secret.startswith("django-insecure")


def _broker_in_memory(chosen: Any) -> bool:
    return str(chosen.BROKER_URL).startswith("memory:")

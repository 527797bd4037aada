"""Reads every DAYMARK_ variable, once, and turns a wrong one into a sentence."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()


def http_url(name: str, default: str) -> str:
    """The address in variable `name` without a closing slash; anything but http(s)://host is refused."""
    value: str = env.str(name, default=default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} is {value!r}: expected an address such as https://daymark.example.org")
    return value


def host_of(url: str) -> str:
    """The host of `url` as ALLOWED_HOSTS spells it: without a port, an IPv6 address in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def one_of(name: str, choices: tuple[str, ...], default: str) -> str:
    """The value of variable `name`, which must be one of `choices`."""
    value: str = env.str(name, default=default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: expected one of {', '.join(choices)}")
    return value

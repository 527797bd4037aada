"""What this machine can run: each thing that is missing, with the reason, so that a run can name what it left out."""

import os
import shutil
from ctypes.util import find_library
from functools import cache
from pathlib import Path

import psycopg
import redis

from tests.environment import POSTGRES_URL, REDIS_URL

CHROMIUM = Path(os.environ.get("DAYMARK_TEST_CHROMIUM", "/usr/bin/chromium"))


@cache
def missing() -> dict[str, str]:
    """Reason by name ("browser", "PostgreSQL", ...) for what cannot run here; empty when all can."""
    looked_for = {
        "browser": _no_chromium(),
        "PostgreSQL": _no_postgres(),
        "Redis": _no_redis(),
        "Pango": "" if find_library("pango-1.0") and find_library("pangoft2-1.0") else "no libpango-1.0",
        "gettext": "" if shutil.which("msgfmt") else "no msgfmt",
        "docker-compose": "" if shutil.which("docker-compose") else "no docker-compose",
    }
    return {name: reason for name, reason in looked_for.items() if reason}


def _no_chromium() -> str:
    return "" if CHROMIUM.exists() else f"no Chromium at {CHROMIUM}"


def _no_postgres() -> str:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.Error as error:
        return f"nothing usable at {_without_secrets(POSTGRES_URL)}: {type(error).__name__}"
    return ""


def _no_redis() -> str:
    client = redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3)
    try:
        client.ping()
    except redis.RedisError as error:
        return f"nothing usable at {_without_secrets(REDIS_URL)}: {type(error).__name__}"
    finally:
        client.close()
    return ""


def _without_secrets(url: str) -> str:
    return url.rpartition("@")[2]

"""Production's parts together, without containers: gunicorn, a Celery worker and beat, PostgreSQL and Redis."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import redis
from psycopg.sql import SQL, Identifier

from config.environment import BASE_DIR
from tests.environment import POSTGRES_URL, REDIS_URL
from tests.services.processes import answers, environment, free_port, running

pytestmark = pytest.mark.services("PostgreSQL", "Redis")


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"daymark_test_{uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl()
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture
def broker_url() -> Iterator[str]:
    """A Redis database that was empty, and is emptied afterwards: nobody else's data are touched."""
    own = urlsplit(REDIS_URL).path
    for number in range(1, 16):
        url = urlsplit(REDIS_URL)._replace(path=f"/{number}").geturl()
        if own == f"/{number}":
            # The other tests on Redis may be running there at this moment.
            continue
        with redis.Redis.from_url(url) as client:
            if client.dbsize():
                continue
            yield url
            client.flushdb()
            return
    pytest.fail("every Redis database holds something: name another server in DAYMARK_TEST_REDIS_URL")


def heartbeats(database_url: str) -> set[str]:
    """The names of the background work that has been done at least once."""
    with psycopg.connect(database_url) as connection:
        return {str(name) for (name,) in connection.execute("SELECT name FROM tracker_heartbeat")}


def test_web_worker_and_beat_work_together_and_stop_when_asked(
    database_url: str, broker_url: str, tmp_path: Path
) -> None:
    settings = environment(
        DAYMARK_DATABASE_URL=database_url, DAYMARK_BROKER_URL=broker_url, DAYMARK_LOG_LEVEL="WARNING"
    )
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=BASE_DIR,
        env=settings,
        check=True,
        timeout=180,
    )
    port = free_port()
    parts = {
        "web": ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2"],
        "worker": ["-m", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "WARNING"],
        "beat": ["-m", "celery", "-A", "config", "beat", "--loglevel", "WARNING"],
    }
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(running(arguments, settings, tmp_path / name))
            for name, arguments in parts.items()
        }
        started["web"].wait_until(lambda: answers(f"http://127.0.0.1:{port}/livez"), "answer")
        started["worker"].wait_until(lambda: heartbeats(database_url) == {"sweep", "deliver"}, "sweep and delivery")
        assert {name: part.stop() for name, part in started.items()} == {"web": 0, "worker": 0, "beat": 0}

"""A PostgreSQL database and a Redis database of a test's own, gone or emptied afterwards."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import redis
from psycopg.sql import SQL, Identifier

from tests.environment import POSTGRES_URL, REDIS_URL
from tests.services import composed
from tests.services.installation import HOST, Installation, laid_out
from tests.services.processes import free_port
from tests.services.servers import Broker, Cluster, broker, cluster


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"daymark_test_{uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield _with_a_password(urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl())
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _with_a_password(url: str) -> str:
    """The address with a password, if it has none: production insists on one, a server that trusts us ignores it."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return url if parts.password else parts._replace(netloc=f"{parts.username}:never-asked-for@{place}").geturl()


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


@pytest.fixture(scope="module")
def database() -> Iterator[Cluster]:
    """A cluster of one module's own."""
    with cluster() as made:
        yield made


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Broker]:
    """A Redis of one module's own."""
    with broker() as made:
        yield made


@pytest.fixture(scope="module")
def site(database: Cluster, redis_server: Broker, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The demo, as production would run it; a process that dies gives back after a few seconds what it had in hand."""
    folder = tmp_path_factory.mktemp("site")
    made = laid_out(
        folder, mail_port=free_port(), DAYMARK_DATABASE_URL=database.url, DAYMARK_BROKER_URL=redis_server.url,
        DAYMARK_EMAIL_HOST="127.0.0.1", DAYMARK_EMAIL_ENCRYPTION="none", DAYMARK_EMAIL_FROM=f"daymark@{HOST}",
        DAYMARK_EMAIL_TIMEOUT="1",
    )  # fmt: skip
    made.done(composed.ours()["migrate"]["command"])
    made.done(["python", "manage.py", "load_demo", "--accounts", str(folder / "accounts")])
    return made

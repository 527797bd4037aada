"""A PostgreSQL and a Redis of a test's own, to be killed and started again."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import redis

from tests.services.processes import free_port

DEBIAN = Path("/usr/lib/postgresql")
OPTIONS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=32MB -p"


@dataclass
class Cluster:
    """A PostgreSQL cluster in a folder of its own; nobody may run one as root, so root runs it as postgres."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Its only database."""
        return f"postgresql://postgres:never-asked-for@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make it, once."""
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = str(self.folder.parent / "log")
        self._run("pg_ctl", "--wait", "--log", log, "--options", f"{OPTIONS} {self.port}", "start")

    def kill(self) -> None:
        """Stop it as a power cut does: connections are cut, nothing is finished."""
        self._run("pg_ctl", "--mode=immediate", "stop")

    def asked(self, question: str) -> list[tuple[str, ...]]:
        """What it answers; what was asked to be changed is changed."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(question.encode())
            return [tuple(map(str, row)) for row in cursor] if cursor.description else []

    def _run(self, program: str, *words: str) -> None:
        found = shutil.which(program) or str(max(DEBIAN.glob(f"*/bin/{program}")))
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_postgres, found, "-D", str(self.folder), *words]
        subprocess.run(command, check=True, cwd="/", timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster that runs until the block ends."""
    # Not below pytest's own folder, into which postgres may not look.
    above = Path(mkdtemp(prefix="daymark-cluster-"))
    if os.getuid() == 0:
        shutil.chown(above, "postgres")
    made = Cluster(above / "data")
    made.create()
    made.start()
    try:
        yield made
    finally:
        made.kill()
        shutil.rmtree(above)


class Broker:
    """A Redis that keeps nothing when it is stopped."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it empty, and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not self._answers():
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def broker() -> Iterator[Broker]:
    """A Redis that runs until the block ends."""
    made = Broker()
    made.start()
    try:
        yield made
    finally:
        made.kill()

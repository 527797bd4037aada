"""Starts the program's own processes for a test, waits for what they do, and ends them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from config.environment import BASE_DIR

START_SECONDS = 120
STOP_SECONDS = 60


class Running:
    """One process of ours; what it says goes to a file, so that a full pipe can never stop it."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path, folder: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    def wait_until(self, holds: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
        """Wait for `what`; fails with the process's own words when it ends first or takes longer."""
        deadline = time.monotonic() + seconds
        while not holds():
            ended = self.process.poll() is not None
            assert not ended, f"ended before {what}:\n{self.said()}"
            assert time.monotonic() < deadline, f"no {what} within {seconds} s:\n{self.said()}"
            time.sleep(0.1)

    def stop(self) -> int:
        """Ask it to stop as a process manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def kill_with_children(self) -> None:
        """End it and the processes that it works with: a worker's own children would finish what they do."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for each in (pid, *map(int, children)):
            os.kill(each, signal.SIGKILL)

    def said(self) -> str:
        """Everything it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[Running]:
    """A process of Python's that is gone when the block ends, whatever happened in it."""
    with running_program([sys.executable, *arguments], environment, log, BASE_DIR) as started:
        yield started


@contextmanager
def running_program(command: list[str], environment: dict[str, str], log: Path, folder: Path) -> Iterator[Running]:
    """Any program, started in `folder`, that is gone when the block ends."""
    started = Running(command, environment, log, folder)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.kill()


def environment(**daymark: str) -> dict[str, str]:
    """This process's environment without any Daymark setting, and then these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DAYMARK_", "DJANGO_"))}
    return {**own, "PYTHONUNBUFFERED": "1", "DAYMARK_SECRET_KEY": "only for tests", **daymark}


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Whether a GET of `url` is answered with 200."""
    try:
        with urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (URLError, OSError):
        return False

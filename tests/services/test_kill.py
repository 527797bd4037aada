"""The power fails between a fact and its e-mail: after the next start every message arrives, and once."""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from config.environment import BASE_DIR
from tests.services.processes import START_SECONDS, Running, answers, environment, free_port, running
from tests.services.sink import FOR_EVER, Sink, listening

TOLD_OF_EACH = 4
"""PI, sub-investigator, coordinator and pharmacist are told of a positive pregnancy test."""

SHORT = 12
"""Seconds; a process that answers for it dies soon, so that nobody waits long for what it had in hand."""

KILLS, THREADS = 3, 2
"""How often the power fails during a batch, and how many messages a worker can have in hand then."""

ABOUT_ALERTS = "FROM tracker_notification WHERE kind <> 'digest'"
"""Digests come and go with the hour of the day at which a test runs: they are left out of every count."""

WAITING = f"SELECT message_id {ABOUT_ALERTS} AND status IN ('pending', 'sending', 'failed')"
STATUSES = f"SELECT DISTINCT status {ABOUT_ALERTS}"
IN_HAND = "status = 'sending' AND attempts > 0"
"""What is claimed waits for its turn; once its turn has come, an attempt is counted."""

SENT = f"SELECT message_id {ABOUT_ALERTS} AND status = 'sent'"


@dataclass(frozen=True)
class House:
    """One site with its database, served by processes that die; `mail_port` is where its mail server would be."""

    folder: Path
    database: Path
    web_port: int
    mail_port: int

    def settings(self, patience_seconds: int = 10) -> dict[str, str]:
        """The environment of a process that waits so long for each answer of the mail server."""
        return environment(
            DAYMARK_DATABASE_URL=f"sqlite:///{self.database}", DAYMARK_LOG_LEVEL="WARNING", DAYMARK_DEBUG="true",
            DAYMARK_EMAIL_HOST="127.0.0.1", DAYMARK_EMAIL_PORT=str(self.mail_port), DAYMARK_EMAIL_ENCRYPTION="none",
            DAYMARK_EMAIL_TIMEOUT=str(patience_seconds),
        )  # fmt: skip

    @contextmanager
    def served(self, *, leasing_for_seconds: int = 120) -> Iterator[Running]:
        """`manage.py serve`, from its first answered page until the block ends or the power fails.

        What it has in hand when it dies is free again after the lease.
        """
        settings = self.settings(patience_seconds=leasing_for_seconds // 12)
        with running(["manage.py", "serve", "--port", str(self.web_port)], settings, self.folder / "log") as serve:
            serve.wait_until(lambda: answers(f"http://127.0.0.1:{self.web_port}/livez"), "answer")
            yield serve

    def record_positive_tests(self, count: int) -> None:
        """Record facts from another process than the one that serves."""
        program = f"from tests.services.recording import positive_tests; positive_tests({count})"
        shell = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", program]
        subprocess.run(shell, cwd=BASE_DIR, env=self.settings(), check=True, timeout=60)

    def asked(self, question: str) -> list[str]:
        """The first column of what the database answers."""
        with closing(sqlite3.connect(self.database, timeout=20)) as connection:
            return [str(first) for first, *_others in connection.execute(question)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo, with some messages waiting from the start."""
    path = tmp_path_factory.mktemp("demo") / "site.sqlite3"
    settings = environment(DAYMARK_DATABASE_URL=f"sqlite:///{path}", DAYMARK_LOG_LEVEL="ERROR")
    load = [sys.executable, "manage.py", "load_demo"]
    subprocess.run(load, cwd=BASE_DIR, env=settings, check=True, timeout=120, stdout=subprocess.DEVNULL)
    return path


@pytest.fixture
def house(demo: Path, tmp_path: Path) -> House:
    """A house of its own for each test."""
    database = Path(shutil.copy(demo, tmp_path))
    return House(tmp_path, database, web_port=free_port(), mail_port=free_port())


def test_what_was_recorded_while_the_mail_server_was_down_is_told_once_after_a_kill(house: House) -> None:
    with house.served() as serve:
        house.record_positive_tests(2)
        serve.wait_until(lambda: "failed" in house.asked(STATUSES), "attempt to send")
        serve.kill()
    waiting = house.asked(WAITING)
    assert len(waiting) > 2 * TOLD_OF_EACH
    assert house.asked(SENT) == []

    with listening(Sink(), house.mail_port) as sink, house.served() as serve:
        serve.wait_until(lambda: house.asked(WAITING) == [], "empty outbox")
        assert serve.stop() == 0
    assert Counter(sink.message_ids) == Counter(waiting)


def test_a_kill_in_the_middle_of_a_message_sends_it_again_once_its_lease_is_over(house: House) -> None:
    waiting = house.asked(WAITING)
    with house.served(leasing_for_seconds=SHORT) as serve:
        stuck = Sink(pause_seconds=FOR_EVER, before_accepting=serve.process.kill)
        with listening(stuck, house.mail_port):
            serve.process.wait(START_SECONDS)
    assert stuck.accepted == []
    caught = house.asked(f"SELECT message_id {ABOUT_ALERTS} AND {IN_HAND}")
    assert 1 <= len(caught) <= THREADS
    leases = house.asked(f"SELECT lease_until {ABOUT_ALERTS} AND {IN_HAND}")

    with listening(Sink(), house.mail_port) as sink, house.served() as serve:
        serve.wait_until(lambda: house.asked(WAITING) == [], "empty outbox")
        assert serve.stop() == 0
    assert Counter(sink.message_ids) == Counter(waiting)
    again = min(each.at for each in sink.accepted if each.message_id in caught)
    assert again > datetime.fromisoformat(min(leases)).replace(tzinfo=UTC)


def test_kills_during_a_batch_lose_nothing_and_double_only_what_was_accepted_and_not_yet_noted(house: House) -> None:
    house.record_positive_tests(20)
    waiting, chance = house.asked(WAITING), Random(48)
    with listening(Sink(pause_seconds=0.02), house.mail_port) as sink:
        for _ in range(KILLS - 1):
            with house.served(leasing_for_seconds=SHORT) as serve:
                enough = len(sink.accepted) + chance.randint(5, 20)
                serve.wait_until(partial(sink.has_accepted, enough), "part of the batch")
                serve.kill()
        with house.served(leasing_for_seconds=SHORT) as serve:
            sink.before_answering = serve.process.kill
            serve.process.wait(START_SECONDS)
        sink.before_answering = lambda: None
        with house.served() as serve:
            serve.wait_until(lambda: house.asked(WAITING) == [], "empty outbox")
            assert serve.stop() == 0
    assert set(sink.message_ids) == set(waiting)
    assert set(sink.message_ids) == set(house.asked(SENT))
    # What came twice was the last word of a conversation whose answer nobody lived to hear, as the last kill made sure.
    assert sink.repeated() != []
    assert [each for each in sink.repeated() if each.message_id != sink.last_of(each.conversation)] == []
    assert len(sink.repeated()) <= KILLS * THREADS

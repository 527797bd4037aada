"""The database, the broker or a worker dies in the middle of the work: everything is told, and told once."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from tests.services import composed
from tests.services.installation import HOST, Installation, laid_out
from tests.services.processes import Running, free_port
from tests.services.servers import Broker, Cluster, broker, cluster
from tests.services.sink import Sink, listening

pytestmark = pytest.mark.services("PostgreSQL", "Redis")

WOMEN = 8
ABOUT_ALERTS = "FROM tracker_notification WHERE kind <> 'digest'"
WAITING = f"SELECT message_id {ABOUT_ALERTS} AND status IN ('pending', 'sending', 'failed', 'held')"
EVERYBODY_IS_DUE = "UPDATE tracker_participant SET reassess_after = now()"


@pytest.fixture(scope="module")
def database() -> Iterator[Cluster]:
    """A cluster of these tests' own."""
    with cluster() as made:
        yield made


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Broker]:
    """A Redis of these tests' own."""
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


def record_positive_tests(site: Installation) -> None:
    """From another process, into the installation's database."""
    program = f"from tests.services.recording import positive_tests; positive_tests({WOMEN})"
    kept = site.folder
    site.folder = BASE_DIR
    try:
        site.done(["python", "manage.py", "shell", "--verbosity", "0", "--command", program])
    finally:
        site.folder = kept


def messages(site: Installation) -> set[str]:
    """Every message that was ever written, sent or not."""
    return {key for (key,) in site.asked(f"SELECT message_id {ABOUT_ALERTS}")}


def nothing_waits(site: Installation) -> bool:
    return site.asked(WAITING) == []


def told_once(site: Installation, sink: Sink, before: set[str], deaths: int = 0) -> None:
    """Everything written since was taken once; again only what a death left unnoted."""
    assert set(sink.message_ids) - before == messages(site) - before
    again = {key: count for key, count in Counter(sink.message_ids).items() if count > 1}
    assert sum(count - 1 for count in again.values()) <= deaths
    assert all(each.message_id == sink.last_of(each.conversation) for each in sink.repeated())


def started(site: Installation, stack: ExitStack, *names: str) -> list[Running]:
    return [stack.enter_context(site.service(name)) for name in names]


def test_a_database_that_dies_in_the_middle_of_the_work_loses_nothing(site: Installation, database: Cluster) -> None:
    before = {*messages(site)} - {key for (key,) in site.asked(WAITING)}
    record_positive_tests(site)
    with listening(Sink(pause_seconds=0.05), site.mail_port) as sink, ExitStack() as stack:
        workers = started(site, stack, "reassess", "mail", "beat")
        workers[1].wait_until(partial(sink.has_accepted, 5), "messages")
        database.asked(EVERYBODY_IS_DUE)
        time.sleep(0.2)
        database.kill()
        time.sleep(1)
        database.start()
        workers[1].wait_until(lambda: nothing_waits(site), "empty outbox")
        told_once(site, sink, before, deaths=1)


def test_a_broker_that_is_gone_for_a_while_and_two_beats_tell_nobody_twice(
    site: Installation, redis_server: Broker
) -> None:
    before = messages(site)
    with listening(Sink(), site.mail_port) as sink, ExitStack() as stack:
        workers = started(site, stack, "reassess", "mail", "beat", "beat")
        workers[2].wait_until(lambda: _is_fresh(site, "deliver"), "delivery")
        redis_server.kill()
        record_positive_tests(site)
        time.sleep(2)
        assert len(messages(site) - before) >= WOMEN
        redis_server.start()
        workers[1].wait_until(lambda: nothing_waits(site), "empty outbox")
        told_once(site, sink, before)


@pytest.mark.parametrize(("moment", "doubled"), [("before_accepting", 0), ("before_answering", 1)])
def test_a_mail_worker_killed_in_a_conversation_doubles_only_what_was_accepted_and_not_noted(
    site: Installation, moment: str, doubled: int
) -> None:
    before = messages(site)
    record_positive_tests(site)
    with listening(Sink(pause_seconds=0.3), site.mail_port) as sink, ExitStack() as stack:
        doomed, *_others = started(site, stack, "mail", "beat", "reassess")
        setattr(sink, moment, doomed.kill_with_children)
        doomed.process.wait(60)
        setattr(sink, moment, _nothing)
        (heir,) = started(site, stack, "mail")
        heir.wait_until(lambda: nothing_waits(site), "empty outbox")
        told_once(site, sink, before, deaths=1)
        assert len(sink.repeated()) == doubled


def _nothing() -> None:
    """The one death is enough."""


def _is_fresh(site: Installation, work: str) -> bool:
    return bool(site.asked(f"SELECT at FROM tracker_heartbeat WHERE name = '{work}' AND at > now() - interval '30 s'"))


def test_after_all_of_it_the_audit_trail_is_whole(site: Installation, tmp_path: Path) -> None:
    site.done(
        ["python", "manage.py", "shell", "--verbosity", "0", "--command", "from tracker.tasks import seal; seal()"]
    )
    site.done(["python", "manage.py", "verify_audit"])

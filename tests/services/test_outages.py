"""The database, the broker or a worker dies in the middle of the work: everything is told, and told once."""

import time
from contextlib import ExitStack
from functools import partial

import pytest

from tests.services.installation import Installation
from tests.services.servers import Broker, Cluster
from tests.services.sink import Sink, listening
from tests.services.told import (
    WAITING,
    audit_trail_is_whole,
    messages,
    nothing_waits,
    record_positive_tests,
    started,
    told_once,
)

pytestmark = pytest.mark.services("PostgreSQL", "Redis")

WOMEN = 8
EVERYBODY_IS_DUE = "UPDATE tracker_participant SET reassess_after = now()"


def test_a_database_that_dies_in_the_middle_of_the_work_loses_nothing(site: Installation, database: Cluster) -> None:
    before = {*messages(site)} - {key for (key,) in site.asked(WAITING)}
    record_positive_tests(site, WOMEN)
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
        record_positive_tests(site, WOMEN)
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
    record_positive_tests(site, WOMEN)
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


def test_after_all_of_it_the_audit_trail_is_whole(site: Installation) -> None:
    audit_trail_is_whole(site)

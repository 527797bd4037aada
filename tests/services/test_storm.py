"""A storm of messages under random kills and an outage of the mail server: nothing is lost, hardly anything doubled.

In CI with a hundredth of the messages; at full size with DAYMARK_TEST_PROFILE=soak. DAYMARK_TEST_SEED chooses others.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random

import pytest

from tests.environment import SEED
from tests.services.installation import Installation
from tests.services.processes import Running, running
from tests.services.servers import Cluster
from tests.services.sink import Sink, listening
from tests.services.told import audit_trail_is_whole, messages, nothing_waits, positive_tests, started, told_once

pytestmark = [pytest.mark.services("PostgreSQL", "Redis"), pytest.mark.storm]

IS_SOAK = os.environ.get("DAYMARK_TEST_PROFILE") == "soak"

WOMEN, KILLS, OUTAGE_SECONDS = (1000, 20, 300) if IS_SOAK else (10, 2, 3)
"""Four people are told of each woman."""

SENT_BETWEEN_KILLS = (20, 180) if IS_SOAK else (3, 12)
VICTIMS = ("mail", "mail", "mail", "reassess")
EVERYBODY_IS_DUE = "UPDATE tracker_participant SET reassess_after = now()"


@dataclass
class Storm:
    """The processes of a site, the mail server that they talk to, and whom chance kills next."""

    site: Installation
    database: Cluster
    sink: Sink
    stack: ExitStack
    chance: Random = field(default_factory=partial(Random, SEED))
    workers: dict[str, Running] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start services, or start them anew."""
        self.workers |= dict(zip(names, started(self.site, self.stack, *names), strict=True))

    def kill_one(self) -> None:
        """When some more messages were taken, somewhere in the next moments: the power of one worker fails."""
        enough = len(self.sink.accepted) + self.chance.randint(*SENT_BETWEEN_KILLS)
        self.workers["mail"].wait_until(partial(self.sink.has_accepted, enough), f"{enough} messages", seconds=600)
        victim = self.chance.choice(VICTIMS)
        if victim == "reassess":
            self.database.asked(EVERYBODY_IS_DUE)
        time.sleep(self.chance.random())
        self.workers[victim].kill_with_children()
        self.start(victim)


@pytest.fixture
def storm(site: Installation, database: Cluster) -> Iterator[Storm]:
    with ExitStack() as stack:
        yield Storm(site, database, Sink(pause_seconds=0.02), stack)


@contextmanager
def recording(site: Installation, count: int) -> Iterator[Running]:
    """Somebody who records positive tests meanwhile."""
    with running(positive_tests(count), site.settings, site.folder.parent / "recording.log") as writer:
        yield writer


def test_a_storm_under_kills_and_an_outage_loses_nothing_and_doubles_at_most_one_for_each_crash(storm: Storm) -> None:
    site, sink = storm.site, storm.sink
    before = messages(site)
    storm.start("mail", "reassess", "beat")
    with recording(site, WOMEN) as writer:
        with listening(sink, site.mail_port):
            for _ in range(KILLS // 2):
                storm.kill_one()
        time.sleep(OUTAGE_SECONDS)
        with listening(sink, site.mail_port):
            for _ in range(KILLS - KILLS // 2):
                storm.kill_one()
            writer.process.wait(600)
            storm.workers["mail"].wait_until(lambda: nothing_waits(site), "empty outbox", seconds=600)
    assert writer.process.returncode == 0, writer.said()
    assert len(messages(site) - before) >= 4 * WOMEN
    # The outage cut a conversation as well.
    told_once(site, sink, before, deaths=KILLS + 1)
    audit_trail_is_whole(site)

"""A task goes through a real Redis and comes back, under the options that production uses."""

from collections.abc import Iterator
from threading import Event
from uuid import uuid4

import pytest
import redis
from celery import Celery, signals
from celery.contrib.testing.worker import start_worker

from config.celery import begin, celery_options
from tests.environment import REDIS_URL

pytestmark = pytest.mark.services("Redis")


@pytest.fixture
def queue() -> Iterator[str]:
    """A queue of this test's own, gone afterwards."""
    name = f"daymark-test-{uuid4().hex}"
    yield name
    with redis.Redis.from_url(REDIS_URL) as client:
        client.delete(name, f"_kombu.binding.{name}")


@pytest.fixture
def no_program() -> Iterator[None]:
    """A worker that is a thread of the tests: what is asked of a program of production is not asked of them."""
    signals.setup_logging.disconnect(begin)
    yield
    signals.setup_logging.connect(begin)


@pytest.mark.usefixtures("no_program")
def test_a_task_sent_through_redis_is_done_once(queue: str) -> None:
    app = Celery("round-trip", set_as_current=False)
    app.conf.update(celery_options(REDIS_URL), task_default_queue=queue, task_queues=None)
    done: list[str] = []
    arrived = Event()

    @app.task(name="note", shared=False)
    def note(word: str) -> None:
        done.append(word)
        arrived.set()

    with start_worker(app, pool="threads", concurrency=1, perform_ping_check=False):
        note.delay("window opens")
        assert arrived.wait(20)
    assert done == ["window opens"]

"""Celery's worker and beat as threads of this process, for as long as a `with` block lasts."""

from threading import Thread
from types import TracebackType
from typing import Self

from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController

# What a task does is a few short transactions: a longer stop means that something hangs.
PATIENCE_SECONDS = 20


class BackgroundWork:
    """One worker with two threads, and the beat that feeds it; leaving the block lets running tasks finish."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._worker = WorkController(
            app=app,
            hostname="embedded@localhost",
            pool_cls="threads",
            concurrency=2,
            # There is no second worker to gossip with.
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel="WARNING",
        )
        self._worker_thread = Thread(target=self._worker.start, name="worker", daemon=True)
        # It wakes every second, so that a stop never waits longer than that for it.
        self._beat = Service(app, max_interval=1, scheduler_cls=Scheduler)
        self._beat_thread = Thread(target=self._beat.start, name="beat", daemon=True)

    def __enter__(self) -> Self:
        # What came due while nothing ran is done now, and not one beat later.
        for entry in self._app.conf.beat_schedule.values():
            self._app.send_task(entry["task"])
        self._worker_thread.start()
        self._beat_thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beat.stop()
        self._beat_thread.join(PATIENCE_SECONDS)
        self._worker.stop()
        self._worker_thread.join(PATIENCE_SECONDS)

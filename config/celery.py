"""The task queue: in the web process's own memory by default, Redis in production."""

import os
from typing import Any

import django
from celery import Celery, Task, signals
from kombu import Queue
from structlog.contextvars import bind_contextvars, clear_contextvars

from config.environment import Environment, env
from config.schedule import BEAT_SCHEDULE
from config.startup import refuse_unless_safe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_KINDS = ("memory://", "redis://", "rediss://", "redis+socket://")

_EVERYWHERE: dict[str, Any] = {
    "task_ignore_result": True,
    "timezone": "UTC",
    "beat_schedule": BEAT_SCHEDULE,
    # The plain scheduler keeps no state file: every entry is a tick that may be missed or doubled.
    "beat_scheduler": "celery.beat:Scheduler",
    "broker_connection_retry_on_startup": True,
    # A broker may be away for a weekend: after a hundred attempts Celery would give up.
    "broker_connection_max_retries": None,
}

# At its default of one look a second, the in-memory broker hands out two tasks a second.
_IN_MEMORY: dict[str, Any] = {
    "broker_transport_options": {"polling_interval": 0.1},
    "worker_prefetch_multiplier": 16,
}

VISIBILITY_SECONDS = 600

# A worker that dies hands its tasks back: within the visibility timeout, swept for every ten seconds.
_REDIS: dict[str, Any] = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    # What hangs is ended before the broker takes its worker for dead and gives the task to another one as well.
    "task_time_limit": VISIBILITY_SECONDS - 60,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        # An address that swallows what it is sent must not hold the readiness probe or the beat.
        "socket_connect_timeout": 5,
    },
    # A mail server that answers slowly must not keep participants from being reassessed: mail has workers of its own.
    # A worker that names no queue takes from both.
    "task_queues": (Queue("reassess"), Queue("mail")),
    "task_default_queue": "reassess",
    "task_routes": {"tracker.tasks.deliver": {"queue": "mail"}},
}


def broker_url(environment: Environment) -> str:
    """The address in DAYMARK_BROKER_URL; it may hold a password, so that a wrong one is not quoted."""
    url = environment.text("DAYMARK_BROKER_URL", "memory://localhost")
    if url.startswith(_KINDS):
        return url
    environment.note("DAYMARK_BROKER_URL", "not understood", "redis://host:6379/0")
    return "memory://localhost"


def celery_options(url: str) -> dict[str, Any]:
    """Celery's settings for the broker at `url` (memory:// or redis://)."""
    own = _IN_MEMORY if url.startswith("memory:") else _REDIS
    return {"broker_url": url, **_EVERYWHERE, **own}


BROKER_URL = broker_url(env)

app = Celery("daymark")
app.conf.update(celery_options(BROKER_URL))
app.autodiscover_tasks(["tracker"])


@signals.setup_logging.connect
def begin(**_options: Any) -> None:
    """Start as a program of Celery's own (a worker or the beat), which asks for its log before it does anything.

    Our LOGGING setting stands; Celery puts its own in its place only if nobody answers.
    """
    django.setup()
    refuse_unless_safe()


@signals.task_prerun.connect
def number_lines(task_id: str, task: Task[Any, Any], **_options: Any) -> None:
    """Every line that is logged while a task runs carries its name and number."""
    bind_contextvars(task=task.name, task_id=task_id)


@signals.task_postrun.connect
def stop_numbering(**_options: Any) -> None:
    """What a thread does next is no part of the task."""
    clear_contextvars()

"""The task queue: in the web process's own memory by default, Redis in production."""

import os
from typing import Any

from celery import Celery

from config.environment import env
from config.schedule import BEAT_SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_EVERYWHERE: dict[str, Any] = {
    "task_ignore_result": True,
    "timezone": "UTC",
    "beat_schedule": BEAT_SCHEDULE,
    # The plain scheduler keeps no state file: every entry is a tick that may be missed or doubled.
    "beat_scheduler": "celery.beat:Scheduler",
    # Our LOGGING setting stands; Celery would put its own in its place.
    "worker_hijack_root_logger": False,
    "broker_connection_retry_on_startup": True,
}

# At its default of one look a second, the in-memory broker hands out two tasks a second.
_IN_MEMORY: dict[str, Any] = {
    "broker_transport_options": {"polling_interval": 0.1},
    "worker_prefetch_multiplier": 16,
}

# A worker that dies hands its tasks back: within the visibility timeout, swept for every ten seconds.
_REDIS: dict[str, Any] = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "broker_transport_options": {
        "visibility_timeout": 600,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    },
}


def celery_options(broker_url: str) -> dict[str, Any]:
    """Celery's settings for the broker at `broker_url` (memory:// or redis://)."""
    own = _IN_MEMORY if broker_url.startswith("memory:") else _REDIS
    return {"broker_url": broker_url, **_EVERYWHERE, **own}


app = Celery("daymark")
app.conf.update(celery_options(env.str("DAYMARK_BROKER_URL", default="memory://localhost")))
app.autodiscover_tasks(["tracker"])

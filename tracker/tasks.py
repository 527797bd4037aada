"""Celery's way in: read the clock, call one service."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import after_task_publish
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from tracker.audit import sealing
from tracker.models import Heartbeat
from tracker.services import calendars, deadlines, notifications

logger = logging.getLogger(__name__)


@shared_task(name="tracker.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Reassess the participants whose time has come."""
    deadlines.sweep(timezone.now())


@shared_task(name="tracker.tasks.deliver", ignore_result=True)
def deliver() -> None:
    """Send what waits in the outbox."""
    notifications.deliver_due(timezone.now())


@shared_task(name="tracker.tasks.digest", ignore_result=True)
def digest() -> None:
    """Write the digests whose time has come."""
    notifications.write_due(timezone.now())


@shared_task(name="tracker.tasks.seal", ignore_result=True)
def seal() -> None:
    """Chain what was written to the audit trail."""
    sealing.seal(timezone.now())


@shared_task(name="tracker.tasks.publish", ignore_result=True)
def publish() -> None:
    """Bring up to date what calendars show."""
    calendars.publish(timezone.now())


@after_task_publish.connect(sender="tracker.tasks.sweep")
def note_beat(**_options: Any) -> None:
    """Note that the beat lives and that the broker takes what it hands out: nobody else hands out a sweep.

    A database that is away must not stop the beat, which is the first to notice that it is back.
    """
    close_old_connections()
    try:
        Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})
    except DatabaseError as error:
        logger.warning("the beat's own heartbeat could not be noted: %s", type(error).__name__)
    finally:
        close_old_connections()

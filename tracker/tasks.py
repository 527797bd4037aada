"""Celery's way in: read the clock, call one service."""

from celery import shared_task
from django.utils import timezone

from tracker.services import deadlines, notifications


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

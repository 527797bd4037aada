"""Heartbeats: noted in one query, since it is done every few seconds."""

from datetime import datetime

from tracker.models import Heartbeat


def note_heartbeat(name: str, now: datetime) -> None:
    """Note that one kind of work ran to its end."""
    if not Heartbeat.objects.filter(name=name).update(at=now):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})

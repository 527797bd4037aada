"""How long it takes to compare everybody with the protocol, and whether what was planted among them is found."""

from collections.abc import Iterator
from functools import partial
from random import Random
from time import monotonic

from django.db import connection
from django.utils import timezone

from tracker.management.benching import storm
from tracker.management.benching.crowd import crowd_of
from tracker.management.benching.database import own_database
from tracker.models import Participant
from tracker.services import drift
from tracker.services.deadlines import BATCH

PLANTED = (
    "UPDATE tracker_trackeddeadline SET status = 'cancelled' WHERE participant_id = %s AND status = 'upcoming'",
    "UPDATE tracker_trackeddeadline SET due_at = opens_at WHERE participant_id = %s AND status = 'upcoming'",
    "UPDATE tracker_trackeddeadline SET clause = 'x-' || clause WHERE participant_id = %s AND status = 'upcoming'",
    "UPDATE tracker_participant SET reassess_after = NULL WHERE id = %s",
    "UPDATE tracker_participant SET reassess_after = '2099-01-01 00:00Z' WHERE id = %s",
)
"""What goes past the services, and would cost somebody a reminder."""

TOGETHER = 1_000


def reconciling(size: int, facts: int, planted: int) -> Iterator[str]:
    """Everybody compared, beside reading the same rows and comparing nothing."""
    with own_database():
        began = monotonic()
        now = crowd_of(size, facts)
        yield f"{size} participants of {facts} facts made in {monotonic() - began:.0f} s, {connection.vendor}"
        keys = list(Participant.objects.order_by("pk").values_list("pk", flat=True))
        wrong = _plant(keys, planted)
        reading = storm.seconds(partial(_read, keys))
        began, found, place = monotonic(), set[int](), 0
        for place in range(0, size, TOGETHER):
            found |= {each.participant.pk for each in drift.find(keys[place : place + TOGETHER], now)}
            if place % (50 * TOGETHER) == 0:
                yield f"  {timezone.now():%H:%M:%S} {place} compared"
        took = monotonic() - began
        yield (
            f"{size} compared in {took:.0f} s, {size / took:.0f}/s, {took / reading:.1f} x reading the rows;"
            f" planted {len(wrong)}, found {len(found & wrong)}, found beside them {len(found - wrong)}"
        )


def _plant(keys: list[int], count: int) -> set[int]:
    chosen = Random(count).sample(keys, count)  # noqa: S311 - anybody may know who
    with connection.cursor() as cursor:
        for number, key in enumerate(chosen):
            cursor.execute(PLANTED[number % len(PLANTED)], [key])
    return set(chosen)


def _read(keys: list[int]) -> None:
    """The reference: the same rows as plain tuples, as many at a time."""
    for place in range(0, len(keys), BATCH):
        batch = keys[place : place + BATCH]
        with connection.cursor() as cursor:
            for table in ("recordedfact", "trackeddeadline"):
                marks = ", ".join(["%s"] * len(batch))
                cursor.execute(f"SELECT * FROM tracker_{table} WHERE participant_id IN ({marks})", batch)  # noqa: S608
                cursor.fetchall()

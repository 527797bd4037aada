"""What the audit trail costs: entries a second with its triggers and without them, in turns, in the same run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import monotonic

from django.db import connection
from django.utils import timezone

from tracker.audit import triggers
from tracker.management.benching.crowd import crowd_of
from tracker.management.benching.database import own_database
from tracker.models import Assignment, Participant, Role, User
from tracker.services import facts
from tracker.services.facts import FactEntry


def auditing(rounds: int, entries: int, recorded: int) -> Iterator[str]:
    """Each round records so many facts twice, once audited and once not; which comes first alternates."""
    with own_database():
        crowd_of(2, recorded)
        participants, by = list(Participant.objects.select_related("study", "site")), _staff()
        pairs = [_pair(number, participants, by, entries) for number in range(rounds)]
        rates = [(entries / audited, entries / bare) for audited, bare in pairs]
        ratios = sorted(audited / bare for audited, bare in pairs)
        yield (
            f"{connection.vendor}: {rounds} rounds of {entries} facts, each way, over records of {recorded} facts;"
            f" load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        )
        yield f"  with triggers     {median(each for each, _ in rates):7.1f} facts/s"
        yield f"  without           {median(each for _, each in rates):7.1f} facts/s"
        low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
        yield f"  an audited fact takes {median(ratios):.2f} times as long (p10 {low:.2f}, p90 {high:.2f})"


def _pair(number: int, participants: list[Participant], by: User, entries: int) -> tuple[float, float]:
    """Seconds with triggers, and without."""
    if number % 2:
        with _untriggered():
            bare = _record(participants, by, entries)
        return _record(participants, by, entries), bare
    audited = _record(participants, by, entries)
    with _untriggered():
        return audited, _record(participants, by, entries)


def _record(participants: list[Participant], by: User, entries: int) -> float:
    began = monotonic()
    for number in range(entries):
        now = timezone.now()
        entry = FactEntry(concept="weight", at=now - timedelta(minutes=1), value="61", unit="kg")
        facts.record_fact(participant=participants[number % len(participants)], entry=entry, by=by, now=now)
    return monotonic() - began


def _staff() -> User:
    by = User.objects.create_user("bench-crc", None, None)
    known = Participant.objects.select_related("study", "site")[0]
    Assignment.objects.create(
        user=by, study=known.study, site=known.site, role=Role.CRC, valid_from=known.created_at.date()
    )
    return by


@contextmanager
def _untriggered() -> Iterator[None]:
    """No trigger of ours in this database, which is the benchmark's own."""
    with connection.cursor() as cursor:
        for statement in _removal():
            cursor.execute(statement)
    yield
    triggers.install()


def _removal() -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            names = [name for (name,) in cursor.fetchall()]
        yield from (f"DROP TRIGGER {name}" for name in names)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal")
        found = cursor.fetchall()
    yield from (f"DROP TRIGGER {name} ON {table}" for name, table in found)

"""How long the server takes for the pages that people open most, in a study of any size."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from time import monotonic, perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from tracker.management.benching import storm
from tracker.management.benching.crowd import copies_of
from tracker.management.benching.database import own_database
from tracker.management.benching.due import all_due
from tracker.management.benching.stopwatch import timed
from tracker.models import Alert, Assignment, Participant, RecordedFact, Role, User, WorkItem
from tracker.services import deadlines, facts
from workflow.stages import Step

_HOST = "localhost"


def pages(size: int, length: int, rounds: int) -> Iterator[str]:
    """Today, what of it refreshes itself, the list of participants and one participant's page, for a coordinator."""
    plain = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with own_database(), override_settings(ALLOWED_HOSTS=[_HOST], STORAGES=plain, CODES_ARE_FORCED=False):
        began = monotonic()
        client = _a_study_on_its_way(size, length, timezone.now())
        yield (
            f"{size} participants, {RecordedFact.objects.count()} facts, {WorkItem.objects.count()} things to do,"
            f" {Alert.objects.count()} alerts made in {monotonic() - began:.0f} s, {connection.vendor}"
        )
        for name, address in _addresses().items():
            yield _line(name, client, address, rounds)


def _a_study_on_its_way(size: int, length: int, now: datetime) -> Client:
    """Everybody's first dose is planned in 40 hours, and somebody is told so; the client of who is told."""
    all_due(1, length)
    one, keeper = Participant.objects.select_related("study", "site").get(), User.objects.get()
    Assignment.objects.create(
        user=keeper, study=one.study, site=one.site, role=Role.CRC, valid_from=now.date() - timedelta(days=9)
    )
    planned = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=40)
    facts.plan_step(participant=one, step=Step.LYMPHODEPLETION, at=planned, by=keeper, now=now, reason="of the bench")
    copies_of(one, size - 1)
    Participant.objects.update(reassess_after=now)
    deadlines.sweep(now)
    User.objects.update(is_staff=True)
    client = Client(SERVER_NAME=_HOST)
    client.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _addresses() -> Mapping[str, str]:
    one = Participant.objects.order_by("pk")[0]
    return {
        "today": reverse("admin:index"),
        "today, refreshing itself": reverse("admin:tracker_today"),
        "list of participants": reverse("admin:tracker_participant_changelist"),
        "one participant": reverse("admin:tracker_participant_change", args=[one.pk]),
    }


def _line(name: str, client: Client, address: str, rounds: int) -> str:
    ask = partial(_ask, client, address)
    ask()
    count = storm.queries(ask)
    passed: list[float] = []
    times, references = timed(lambda: passed.append(_milliseconds(ask)), rounds)
    low, high = times.spread
    return (
        f"{name}: {count} queries, processor median {times.median:.0f} ms ({low:.0f} to {high:.0f}),"
        f" {times.median / references.median:.0f} x reference; on the clock median {median(passed):.0f} ms"
        f" ({min(passed):.0f} to {max(passed):.0f})"
    )


def _ask(client: Client, address: str) -> None:
    secure = bool(getattr(settings, "SECURE_SSL_REDIRECT", False))
    response = client.get(address, secure=secure)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")


def _milliseconds(work: Any) -> float:
    """The time that passes on the wall: the database's own work counts as well."""
    start = perf_counter()
    work()
    return 1000 * (perf_counter() - start)

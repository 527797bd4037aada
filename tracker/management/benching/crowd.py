"""A study of any size whose participants are all copies of one, written by the database itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Model

from tracker.management.benching.due import all_due
from tracker.models import Outlook, Participant, RecordedFact, TrackedDeadline, WorkItem

NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) "


def crowd_of(size: int, facts: int) -> datetime:
    """So many women with so many facts each, all reassessed already; the instant at which nobody is due yet.

    The copies are of the benchmark's own database: they are in no audit trail, and nobody is told of them.
    """
    due = all_due(1, facts)
    copies_of(Participant.objects.get(), size - 1)
    return due - timedelta(seconds=1)


def copies_of(one: Participant, times: int) -> None:
    """So many more with the same record, deadlines and work; not with the alerts, nor with what people were told."""
    own = {"id": "%s + n", "subject_number": "'COPY-' || CAST(n AS varchar)"}
    _without_triggers(on=False)
    _copy(Participant, one.pk, times, own, "id")
    for model, changed in ((RecordedFact, {"key": _new_key()}), (TrackedDeadline, {}), (Outlook, {}), (WorkItem, {})):
        _copy(model, one.pk, times, {"participant_id": "%s + n", **changed}, "participant_id")
    _without_triggers(on=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(model: type[Model], one: int, times: int, changed: Mapping[str, str], of: str) -> None:
    """Every row of the one participant, so many times over."""
    meta = model._meta  # noqa: SLF001 - Django's own way to ask
    columns = [str(field.column) for field in meta.concrete_fields if field.column != "id" or "id" in changed]
    values = ", ".join(changed.get(name, f'rows."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    source = f"SELECT {values} FROM numbers, {meta.db_table} rows WHERE rows.{of} = %s"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(f"{NUMBERS}INSERT INTO {meta.db_table} ({names}) {source}", [times, one, one])


def _new_key() -> str:
    return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"


def _without_triggers(*, on: bool) -> None:
    """PostgreSQL can leave triggers out for one session; SQLite cannot, and takes longer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET session_replication_role = {'origin' if on else 'replica'}")

"""Restoring: a copy read back into an empty database that exists only for that, and compared with itself."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from tracker.audit.triggers import dialect
from tracker.audit.values import model_of
from tracker.copies.collecting import Copy, copy_of_participant, copy_of_study
from tracker.models import AuditEvent, AuditSeal, Participant, RecordedFact, Study, User


def read_back(copy: Copy) -> Copy:
    """Put every row where it was, and collect them again. The connection must be to an empty throwaway database."""
    _must_be_throwaway()
    _free_of_triggers()
    connection.disable_constraint_checking()
    User.objects.bulk_create(User(**person) for person in copy["people"])
    for table, rows in copy["rows"].items():
        _put(RecordedFact if table == "study_facts" else model_of(table), rows)
    _put_trail(copy)
    made_at = datetime.fromisoformat(copy["made_at"])
    study = Study.objects.get(code=copy["study"])
    if copy["participant"] is None:
        return copy_of_study(study, now=made_at)
    participant = Participant.objects.get(study=study, subject_number=copy["participant"])
    return copy_of_participant(participant, now=made_at, blinded=bool(copy["withheld"]))


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Every place at which two copies differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name), other.get(name), f"{path}.{name}" if path else name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{number}]")
    elif one != other:
        yield path


def _must_be_throwaway() -> None:
    if connection.vendor != "sqlite" or ":memory:" not in str(connection.settings_dict["NAME"]):
        raise RuntimeError("a copy is read back into a throwaway database only")
    if Study.objects.exists() or User.objects.exists():
        raise RuntimeError("a copy is read back into an empty database only")


def _free_of_triggers() -> None:
    """What is put back was written down before; nothing is written down anew."""
    with connection.cursor() as cursor:
        cursor.execute(dialect(connection).INSTALLED)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def _put(model: type[Model], rows: list[dict[str, Any]]) -> None:
    fields = {str(field.column): field for field in model._meta.concrete_fields}  # noqa: SLF001 - Django's own way to ask
    made = [
        model(**{fields[column].attname: _read(fields[column], value) for column, value in row.items()}) for row in rows
    ]
    model._default_manager.bulk_create(made, batch_size=500)  # noqa: SLF001 - as above


def _read(field: Any, value: Any) -> Any:
    return (
        value
        if value is None or field.is_relation or field.get_internal_type() == "JSONField"
        else field.to_python(value)
    )


def _put_trail(copy: Copy) -> None:
    """Seals whose event is not in the copy stand without it: what follows them needs their digest."""
    there = {link["position"] for link in copy["trail"]}
    AuditEvent.objects.bulk_create(
        AuditEvent(**{**link["event"], "at": datetime.fromisoformat(link["event"]["at"])})
        for link in copy["trail"] if link["event"]
    )  # fmt: skip
    seals: dict[int, tuple[str, Any]] = {
        link["position"] - 1: (link["before"], None)
        for link in copy["trail"] if link["position"] > 1 and link["position"] - 1 not in there
    }  # fmt: skip
    seals |= {link["position"]: (link["digest"], link["event"]) for link in copy["trail"]}
    AuditSeal.objects.bulk_create(
        AuditSeal(position=position, digest=digest, event_id=event["id"] if event else -position)
        for position, (digest, event) in sorted(seals.items())
    )

"""Which tables are audited: all of ours, but for the few that hold nothing about a study."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from tracker.models import (
    AccountEvent,
    AlertEvent,
    AuditEvent,
    AuditSeal,
    Heartbeat,
    Import,
    LastSeen,
    RecordedFact,
    Redaction,
    Signature,
    StepRecord,
    UpperLimit,
)


def _name(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - Django's own way to ask


EVENTS, SEALS = _name(AuditEvent), _name(AuditSeal)

APPEND_ONLY = (EVENTS, SEALS)
"""What the database lets nobody change, and nobody empty."""

WRITTEN_ONCE = tuple(
    _name(model) for model in (RecordedFact, StepRecord, Signature, AlertEvent, UpperLimit, Import, AccountEvent)
)
"""Whose rows the database lets nobody change, but for what two people agreed to take out."""

REDACTIONS, SIGNATURES = _name(Redaction), _name(Signature)

NOT_AUDITED = (*APPEND_ONLY, _name(Heartbeat), _name(LastSeen))

SECRET = "password"  # noqa: S105 - a column's name
"""The column that is never copied."""


@dataclass(frozen=True, slots=True)
class Table:
    """One audited table: its name, and its columns but for the secret one.

    `is_link` says that it only joins two others, as a person and her groups: its rows come and go.
    """

    name: str
    columns: tuple[str, ...]
    has_secret: bool
    is_link: bool = False

    @property
    def is_written_once(self) -> bool:
        """Whether its rows are never changed."""
        return self.name in WRITTEN_ONCE


def audited() -> list[Table]:
    """Every audited table, those between users and their permissions included."""
    models = apps.get_app_config("tracker").get_models(include_auto_created=True)
    return [_table(model) for model in models if _name(model) not in NOT_AUDITED]


def _table(model: type[Model]) -> Table:
    meta = model._meta  # noqa: SLF001 - as above
    columns = [str(field.column) for field in meta.concrete_fields]
    kept = tuple(column for column in columns if column != SECRET)
    return Table(_name(model), kept, SECRET in columns, bool(meta.auto_created))

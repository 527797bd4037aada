"""Which tables are audited: all of ours, but for the few that hold nothing about a study."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from tracker.models import AuditEvent, AuditSeal, Heartbeat


def _name(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - Django's own way to ask


EVENTS, SEALS = _name(AuditEvent), _name(AuditSeal)

APPEND_ONLY = (EVENTS, SEALS)
"""What the database lets nobody change, and nobody empty."""

NOT_AUDITED = (*APPEND_ONLY, _name(Heartbeat))

SECRET = "password"  # noqa: S105 - a column's name
"""The column that is never copied."""


@dataclass(frozen=True, slots=True)
class Table:
    """One audited table: its name, and its columns but for the secret one."""

    name: str
    columns: tuple[str, ...]
    has_secret: bool


def audited() -> list[Table]:
    """Every audited table, those between users and their permissions included."""
    models = apps.get_app_config("tracker").get_models(include_auto_created=True)
    return [_table(model) for model in models if _name(model) not in NOT_AUDITED]


def _table(model: type[Model]) -> Table:
    columns = [str(field.column) for field in model._meta.concrete_fields]  # noqa: SLF001 - as above
    kept = tuple(column for column in columns if column != SECRET)
    return Table(_name(model), kept, SECRET in columns)

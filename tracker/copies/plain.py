"""Plain values: what a column holds as JSON has it, the same on both databases."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Field, Model, QuerySet

Row = dict[str, Any]


def plain(value: Any) -> Any:
    """Times in UTC with microseconds, dates and keys as texts; whatever else JSON knows already."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def fields_of(model: type[Model]) -> "list[Field[Any, Any]]":
    """The columns of a table, in order, but for a password."""
    return [field for field in model._meta.concrete_fields if field.column != "password"]  # noqa: SLF001 - Django's own way to ask


def rows_of(rows: QuerySet[Any]) -> list[Row]:
    """Every row by its columns, in the order of their numbers."""
    fields = fields_of(rows.model)
    names, columns = [field.attname for field in fields], [str(field.column) for field in fields]
    found = rows.order_by("pk").values_list(*names).iterator(chunk_size=1_000)
    return [dict(zip(columns, map(plain, row), strict=True)) for row in found]

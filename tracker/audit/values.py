"""Values: what an audit event holds of a column, as Django would have read it, on either database."""

import json
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db.models import Field, JSONField, Model

from tracker.audit.digests import is_redacted


def model_of(table: str) -> type[Model]:
    """The model of an audited table. Raises KeyError for one that is gone."""
    models = apps.get_app_config("tracker").get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in models}[table]  # noqa: SLF001 - Django's own way to ask


def field_of(model: type[Model], column: str) -> "Field[Any, Any] | None":
    """The field of a column; None for one that a later version dropped, and for the mark of a new password."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - as above
    return next((field for field in fields if field.column == column), None)


def value_of(field: "Field[Any, Any]", raw: Any) -> Any:
    """The value in Python: SQLite writes down texts where PostgreSQL writes times and objects. Times are in UTC."""
    if raw is None or is_redacted(raw):
        return raw
    if isinstance(field, JSONField):
        return json.loads(raw) if isinstance(raw, str) else raw
    value = raw if field.is_relation else field.to_python(_aware(field, raw))
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _aware(field: "Field[Any, Any]", raw: Any) -> Any:
    """SQLite keeps no offset: what it holds is UTC."""
    if field.get_internal_type() == "DateTimeField" and isinstance(raw, str):
        read = datetime.fromisoformat(raw)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    return raw

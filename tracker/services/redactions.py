"""Redactions: a name that got into a free text is taken out of the record and of its trail, by two people."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import JSONField, Model, Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access
from tracker.audit.belonging import OF_A_PARTICIPANT, is_about
from tracker.audit.context import because
from tracker.audit.digests import is_redacted, places, salts_without, taken_out, value_at
from tracker.audit.sealing import plain
from tracker.audit.values import model_of
from tracker.errors import NotTheirsToSign, RedactionInvalid
from tracker.models import (
    Alert,
    AlertEvent,
    AuditEvent,
    Deviation,
    Import,
    ImportLine,
    Participant,
    RecordedFact,
    Redaction,
    Role,
    Signature,
    StepRecord,
    User,
)
from tracker.services.locking import lock
from tracker.services.reasons import demanded

FREE_TEXTS: Mapping[type[Model], tuple[str, ...]] = {
    RecordedFact: ("detail", "reason", "dose", "route"),
    StepRecord: ("reason",),
    Deviation: ("description", "cause", "impact", "action"),
    Alert: ("acknowledged_note",),
    AlertEvent: ("note",),
    Signature: ("content",),
    Import: ("text",),
    ImportLine: ("typed", "why", "reason"),
}
"""Where somebody may have typed what must not be there. What the rules read is corrected, not taken out."""


def ask(*, table: str, row: int, column: str, reason: str, by: User, now: datetime) -> Redaction:
    """Ask that a free text be taken out, of this row and of every version of it that says the same.

    Raises NotAllowed, and RedactionInvalid: the reason is kept for ever, and must not repeat what is to go.
    """
    model = _model(table, column)
    there = model._default_manager.filter(pk=row).first()  # noqa: SLF001 - Django's own way to ask
    value = getattr(there, column, "")
    if there is None or not value or is_gone(value):
        raise RedactionInvalid({"row": [_("There is nothing to take out.")]})
    participant = owner_of(there)
    access.demand(by, access.Action.REDACT, participant, now.astimezone(participant.zone).date())
    said = demanded(reason, RedactionInvalid)
    if isinstance(value, str) and value.strip().lower() in said.lower():
        raise RedactionInvalid({"reason": [_("The reason repeats what is to be taken out.")]})
    same = _rows_of(model, participant).filter(**{column: value}).order_by("pk").values_list("pk", flat=True)
    with because(said, by=by.pk), transaction.atomic():
        return Redaction.objects.create(
            table=table, column=column, rows=list(same), reason=said, asked_by=by, asked_at=now
        )


def confirm(*, redaction: Redaction, by: User, now: datetime) -> Redaction:
    """Take it out: of the rows, of every audit event about them, and of every event about the same participant that
    gives it as its reason. Of what is on record about others it is asked for by itself.

    It takes a principal investigator of the site who has not asked for it. Raises NotTheirsToSign, RedactionInvalid.
    """
    model = _model(redaction.table, redaction.column)
    participant = owner_of(model._default_manager.get(pk=redaction.rows[0]))  # noqa: SLF001 - as above
    with because(f"redaction {redaction.pk}", by=by.pk), transaction.atomic():
        lock(participant.pk)
        row = Redaction.objects.get(pk=redaction.pk)
        _must_be_theirs(row, participant, by, now)
        value = getattr(model._default_manager.get(pk=row.rows[0]), row.column)  # noqa: SLF001 - as above
        Redaction.objects.filter(pk=row.pk).update(confirmed_by=by)
        _empty(model, row)
        for event in _events(row, value, participant):
            _take_out(event, row, value)
        Redaction.objects.filter(pk=row.pk).update(done_at=now)
    return Redaction.objects.get(pk=redaction.pk)


def places_beside(redaction: Redaction) -> Iterator[str]:
    """Where else, about the same participant, the same text stands: that is asked for by itself."""
    own = _model(redaction.table, redaction.column)._default_manager.get(pk=redaction.rows[0])  # noqa: SLF001 - as above
    value = getattr(own, redaction.column)
    if not isinstance(value, str):
        return
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    for model, column in ((model, column) for model, columns in FREE_TEXTS.items() for column in columns):
        table = model._meta.db_table  # noqa: SLF001 - as above
        for number, said in _rows_of(model, owner_of(own)).order_by("pk").values_list("pk", column):
            is_own = (table, column) == (redaction.table, redaction.column) and number in redaction.rows
            if not is_own and escaped in json.dumps(said, ensure_ascii=False):
                yield f"{table} {number} {column}"


def owner_of(row: Model) -> Participant:
    """Whose row it is. Raises RedactionInvalid for one of the study as a whole."""
    for path in OF_A_PARTICIPANT[type(row)]:
        found = type(row)._default_manager.filter(pk=row.pk).values_list(path, flat=True)[0]  # noqa: SLF001
        if found:
            owner: Participant = Participant.objects.select_related("study", "site").get(pk=found)
            return owner
    raise RedactionInvalid({"row": [_("This is about a study, not about a participant.")]})


def in_its_place(redaction: Redaction) -> str:
    """What stands in a row instead of the text."""
    return f"[redacted {redaction.pk}]"


def is_gone(value: Any) -> bool:
    """Whether this stands where something was taken out."""
    return (isinstance(value, dict) and "redacted" in value) or str(value).startswith("[redacted ")


def _model(table: str, column: str) -> type[Model]:
    try:
        model = model_of(table)
    except KeyError as error:
        raise RedactionInvalid({"table": [_("There is no such table.")]}) from error
    if column not in FREE_TEXTS.get(model, ()):
        words = {"choices": ", ".join(FREE_TEXTS.get(model, ())) or "–"}
        raise RedactionInvalid({"column": [_("This is no free text. Here are: %(choices)s.") % words]})
    return model


def _rows_of(model: type[Model], participant: Participant) -> QuerySet[Any]:
    wanted = Q()
    for path in OF_A_PARTICIPANT[model]:
        wanted |= Q(**{path: participant.pk})
    return model._default_manager.filter(wanted)  # noqa: SLF001 - as above


def _must_be_theirs(redaction: Redaction, participant: Participant, by: User, now: datetime) -> None:
    if redaction.done_at is not None:
        raise RedactionInvalid({"__all__": [_("This was taken out already.")]})
    if by.pk == redaction.asked_by_id:
        raise NotTheirsToSign(_("You asked for this yourself: another person confirms it."))
    if Role.PI not in access.roles_of(by, participant, now.astimezone(participant.zone).date()):
        raise NotTheirsToSign(_("Only a principal investigator of this site confirms this."))


def _empty(model: type[Model], redaction: Redaction) -> None:
    """The rows themselves. The database lets this one column of these rows be changed while it is being done."""
    is_text = not isinstance(model._meta.get_field(redaction.column), JSONField)  # noqa: SLF001 - as above
    instead = in_its_place(redaction) if is_text else {"redacted": redaction.pk}
    QuerySet(model=model).filter(pk__in=redaction.rows).update(**{redaction.column: instead})


def _events(redaction: Redaction, value: Any, participant: Participant) -> QuerySet[AuditEvent]:
    about = Q(table=redaction.table, row__in=[str(number) for number in redaction.rows])
    if isinstance(value, str):
        about |= Q(reason=value[:500]) & is_about(Participant.objects.filter(pk=participant.pk), few=True)
    return AuditEvent.objects.filter(about).order_by("pk")


def _take_out(event: AuditEvent, redaction: Redaction, value: Any) -> None:
    """Keep, instead of each value, the digest that the seal covers; forget its salt."""
    said = plain(event)
    gone = {each for each in places(said) if _must_go(said, each, redaction, value)}
    if not gone:
        return
    if not event.salt:
        raise RedactionInvalid({"__all__": [_("This event is older than the digests of single values.")]})
    instead = {each: json.dumps(taken_out(said, *each, redaction.pk)) for each in sorted(gone)}
    assignments, values = ["salt = %s"], [salts_without(said, gone)]
    for place in ("old", "new"):
        if marker := instead.get((place, redaction.column)):
            assignments.append(_SET[connection.vendor].format(place=place))
            values += [_PATH[connection.vendor].format(column=redaction.column), marker]
    if marker := instead.get(("reason", "")):
        assignments.append("reason = %s")
        values.append(marker)
    with connection.cursor() as cursor:
        table = AuditEvent._meta.db_table  # noqa: SLF001 - as above
        cursor.execute(f"UPDATE {table} SET {', '.join(assignments)} WHERE id = %s", [*values, event.pk])  # noqa: S608


_SET = {
    "sqlite": '"{place}" = json_set("{place}", %s, json(%s))',
    "postgresql": '"{place}" = jsonb_set("{place}", %s, %s::jsonb)',
}
_PATH = {"sqlite": '$."{column}"', "postgresql": "{{{column}}}"}


def _must_go(said: dict[str, Any], where: tuple[str, str], redaction: Redaction, value: Any) -> bool:
    place, column = where
    found = value_at(said, place, column)
    if is_redacted(found) or found in (None, ""):
        return False
    if not column:
        return bool(isinstance(value, str) and found == value[:500])
    return (
        said["table"] == redaction.table
        and _is_of(said, redaction)
        and column == redaction.column
        and not (is_gone(json.loads(found) if isinstance(found, str) and found.startswith('{"redacted') else found))
    )


def _is_of(said: dict[str, Any], redaction: Redaction) -> bool:
    return said["row"] in {str(number) for number in redaction.rows}

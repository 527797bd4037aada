"""Audit events in the reader's words: what was changed, before and after, who, when and why."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Model, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.admin.alert_card import person
from tracker.audit.belonging import OF_A_PARTICIPANT
from tracker.audit.digests import is_redacted, redaction_at
from tracker.audit.values import field_of, model_of, value_of
from tracker.evaluation import protocol_of
from tracker.models import (
    Alert,
    AlertEvent,
    AuditEvent,
    Deviation,
    Notification,
    Participant,
    RecordedFact,
    TrackedDeadline,
    User,
)
from tracker.wording import Voice, clause_title, zone_words
from tracker.wording.joining import about, phrased

LONGEST = 400
"""How much of a value a page shows."""

_NAMED_BY = {
    RecordedFact: "concept", TrackedDeadline: "clause", Alert: "deadline__clause", Deviation: "clause",
    AlertEvent: "alert__deadline__clause", Notification: "alert__deadline__clause",
}  # fmt: skip
_BLANK: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one event."""

    field: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `utc` and `local` are the same instant, each with its zone."""

    number: int
    utc: str
    local: str
    who: str
    program: str
    request: str
    reason: str
    done: str
    operation: str
    what: str
    subject: str
    participant: int | None
    changes: tuple[Change, ...]


class Reading:
    """A page's events with everything that is asked about them, in a number of queries that does not grow.

    `people` finds participants by their keys, each with the `dose_seen` of whoever reads: None is blinded. `staff` are
    those whom she may know by name: what belongs to a whole study may have been written at another site.
    """

    def __init__(
        self, events: Iterable[AuditEvent], people: Callable[[set[int]], Iterable[Any]], staff: QuerySet[User]
    ) -> None:
        self.events = list(events)
        self.owners = self._owners()
        self.people = {each.pk: each for each in people({owner for owner, _named in self.owners.values()})}
        self.users = {user.pk: person(user) for user in staff.filter(pk__in=self._users())}

    def entries(self) -> list[Entry]:
        """Every event, in the order in which they came."""
        return [self._entry(event) for event in self.events]

    def _entry(self, event: AuditEvent) -> Entry:
        model = model_of(event.table)
        owner, named = self.owners.get((event.table, event.row), (None, ""))
        participant = self.people.get(owner) if owner else None
        return Entry(
            event.pk, f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", _local(event.at, participant),
            self._who(event), event.program, event.request_id, _reason(event), str(event.get_operation_display()),
            event.operation, _what(model, event.row, named, participant),
            participant.subject_number if participant else "", owner, tuple(self._changes(event, model, owner)),
        )  # fmt: skip

    def _changes(self, event: AuditEvent, model: type[Model], owner: int | None) -> Iterable[Change]:
        old, new = event.old or {}, event.new or {}
        for column in _in_order(model, old.keys() | new.keys()):
            before, after = old.get(column), new.get(column)
            if event.old is not None or after not in _BLANK:
                hidden = model is Participant and column == "dose_level" and not self._is_unblinded(owner)
                said = [_("blinded") if hidden else self._said(model, column, raw) for raw in (before, after)]
                yield Change(_label(model, column), column, said[0] if event.old is not None else "", said[1])

    def _is_unblinded(self, owner: int | None) -> bool:
        participant = self.people.get(owner) if owner else None
        return participant is not None and participant.dose_seen is not None

    def _said(self, model: type[Model], column: str, raw: Any) -> str:
        if is_redacted(raw):
            return _("taken out (redaction %(number)d)") % {"number": raw["redacted"]}
        field = field_of(model, column)
        if field is None or raw is None:
            return "" if raw is None else str(raw)
        value = value_of(field, raw)
        if field.is_relation and field.related_model is User:
            return self._person(value)
        return value_words(field, value)

    def _who(self, event: AuditEvent) -> str:
        if event.actor is None:
            return _("nobody signed in")
        return self._person(event.actor)

    def _person(self, key: Any) -> str:
        return self.users.get(key) or _("somebody at another site")

    def _users(self) -> set[int]:
        found = {event.actor for event in self.events if event.actor}
        for event in self.events:
            model = model_of(event.table)
            for said in (event.old or {}, event.new or {}):
                for column, raw in said.items():
                    field = field_of(model, column)
                    if isinstance(raw, int) and field and field.is_relation and field.related_model is User:
                        found.add(raw)
        return found

    def _owners(self) -> dict[tuple[str, str], tuple[int, str]]:
        """Whose each row is, and what it is called."""
        found: dict[tuple[str, str], tuple[int, str]] = {}
        for model, paths in OF_A_PARTICIPANT.items():
            table = model._meta.db_table  # noqa: SLF001 - Django's own way to ask
            numbers = {event.row for event in self.events if event.table == table}
            if not numbers:
                continue
            named = F(_NAMED_BY[model]) if model in _NAMED_BY else F("pk")
            rows = model._default_manager.filter(pk__in=numbers).annotate(called=named)  # noqa: SLF001 - as above
            for number, called, *owners in rows.values_list("pk", "called", *paths):
                owner = next((each for each in owners if each), None)
                if owner:
                    found[table, str(number)] = (owner, str(called) if model in _NAMED_BY else "")
        return found


def value_words(field: Any, value: Any) -> str:
    """A value as staff read it: choices by their labels, times in UTC, whatever else as it is kept."""
    if value is None:
        return ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return str(value)


def _reason(event: AuditEvent) -> str:
    said = {name: getattr(event, name) for name in ("reason", "old", "new")}
    number = redaction_at(said, "reason", "")
    return event.reason if number is None else _("taken out (redaction %(number)d)") % {"number": number}


def _local(instant: datetime, participant: Participant | None) -> str:
    if participant is None:
        return ""
    zone = participant.zone
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key} ({zone_words(zone, instant)})"


def _label(model: type[Model], column: str) -> str:
    field = field_of(model, column)
    return str(field.verbose_name) if field else column


def _in_order(model: type[Model], columns: Collection[str]) -> list[str]:
    order = [str(field.column) for field in model._meta.concrete_fields]  # noqa: SLF001 - Django's own way to ask
    return [*(name for name in order if name in columns), *sorted(set(columns) - set(order))]


def _what(model: type[Model], row: str, named: str, participant: Participant | None) -> str:
    kind = str(model._meta.verbose_name)  # noqa: SLF001 - as above
    if not named or participant is None:
        return phrased([kind, f"#{row}"])
    protocol, language = protocol_of(participant), get_language() or "en"
    if model is RecordedFact:
        said = Voice(protocol, participant.zone, language).concept(named)
    else:
        said = clause_title(protocol, named, language)
    return phrased([about(kind, said), f"#{row}"])

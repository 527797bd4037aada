"""Collecting: everything about a participant, or about a study, with the seals that prove it.

The format is described in docs/copies.md; a change of it is another VERSION.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from tracker import access
from tracker.audit.belonging import OF_A_PARTICIPANT, is_about, of, of_pastes
from tracker.audit.belonging import rows_of as belonging
from tracker.audit.digests import salts_without, taken_out
from tracker.audit.sealing import plain as plain_event
from tracker.audit.values import model_of
from tracker.copies.plain import Row, plain, rows_of
from tracker.errors import TooOldToWithhold
from tracker.models import (
    Assignment,
    AuditEvent,
    AuditSeal,
    Duty,
    Import,
    ImportLine,
    Laboratory,
    Participant,
    RecordedFact,
    Redaction,
    Site,
    Study,
    UpperLimit,
    User,
)

FORMAT, VERSION = "daymark-copy", 1
BLINDED = ("tracker_participant", "dose_level")
"""What is withheld from whoever is blinded."""

Copy = dict[str, Any]


def copy_of_participant(
    participant: Participant, *, now: datetime, blinded: bool, reader: User | None = None
) -> Copy:  # fmt: skip
    """One participant's record. `blinded` withholds the dose level; the seals prove all the rest just the same.

    A `reader` gets no paste that is hidden from her, and no name that she may not know; without one it is whole.
    Raises TooOldToWithhold.
    """
    people = Participant.objects.filter(pk=participant.pk)
    study, site = Study.objects.filter(pk=participant.study_id), Site.objects.filter(pk=participant.site_id)
    hidden = access.pastes_hidden_from(reader, now) if reader else Import.objects.none()
    rows = {**_about(people, hidden), **_context(study, site)}
    dated = RecordedFact.objects.filter(study=participant.study)
    about = (is_about(people, few=True) | of(RecordedFact, dated, few=True)) & ~of_pastes(hidden)
    copy = _finished(
        rows, list(_trail(about)), participant.study.code, participant.subject_number, now, blinded=blinded
    )  # fmt: skip
    if reader:
        _name_only(copy, access.known_by_name(reader, access.staff_of(participant.site)))
    return copy


def copy_of_study(study: Study, *, now: datetime) -> Copy:
    """A whole study: all its participants and sites, and the whole chain, of other studies the digests alone."""
    people, studies = Participant.objects.filter(study=study), Study.objects.filter(pk=study.pk)
    held = Assignment.objects.filter(study=study)
    sites = Site.objects.filter(Q(assignments__in=held) | Q(participants__in=people)).distinct()
    rows = {**_about(people, Import.objects.none()), **_context(studies, sites)}
    rows["tracker_assignment"] = rows_of(held)
    duties = Duty.objects.filter(assignment__in=held)
    rows["tracker_duty"] = rows_of(duties)
    about = is_about(people, few=False) | of(Site, sites) | of(Study, studies) | of(Assignment, held)
    about |= of(RecordedFact, RecordedFact.objects.filter(study=study)) | of(Duty, duties)
    return _finished(rows, list(_chain(about)), study.code, None, now, blinded=False)


def _about(people: QuerySet[Participant], hidden: QuerySet[Import]) -> dict[str, list[Row]]:
    lines = ImportLine.objects.filter(batch__in=hidden)
    left_out: dict[type[Model], QuerySet[Any]] = {Import: hidden, ImportLine: lines}
    found = {
        _table(model): rows_of(belonging(model, people).exclude(pk__in=left_out.get(model, ())))
        for model in OF_A_PARTICIPANT
    }
    numbers = {(table, row["id"]) for table, rows in found.items() for row in rows}
    every = rows_of(Redaction.objects.all())
    found[_table(Redaction)] = [row for row in every if {(row["table"], each) for each in row["rows"]} & numbers]
    return found


def _context(studies: QuerySet[Study], sites: QuerySet[Site]) -> dict[str, list[Row]]:
    """What the participants' rows lead to."""
    laboratories = Laboratory.objects.filter(site__in=sites)
    return {
        _table(Study): rows_of(studies),
        _table(Site): rows_of(sites),
        _table(Laboratory): rows_of(laboratories),
        _table(UpperLimit): rows_of(UpperLimit.objects.filter(laboratory__in=laboratories)),
        "study_facts": rows_of(RecordedFact.objects.filter(study__in=studies)),
    }


def _trail(about: Q) -> Iterator[Row]:
    """The events with their seals, and the seal that each follows."""
    events = AuditEvent.objects.filter(about)
    sealed = list(AuditSeal.objects.filter(event__in=events).select_related("event").order_by("position"))
    earlier = AuditSeal.objects.filter(position__in=[seal.position - 1 for seal in sealed])
    before = dict(earlier.values_list("position", "digest"))
    for seal in sealed:
        yield _sealed(seal, before.get(seal.position - 1, "0" * 64), plain_event(seal.event))


def _chain(about: Q) -> Iterator[Row]:
    """Every seal there is; the events of this study alone."""
    own = {event.pk: event for event in AuditEvent.objects.filter(about).iterator(chunk_size=2_000)}
    before = "0" * 64
    for seal in AuditSeal.objects.order_by("position").iterator(chunk_size=2_000):
        event = own.get(seal.event_id)
        yield _sealed(seal, before, plain_event(event) if event else None)
        before = seal.digest


def _sealed(seal: AuditSeal, before: str, event: dict[str, Any] | None) -> Row:
    said = {name: plain(value) for name, value in event.items()} if event else None
    return {"position": seal.position, "digest": seal.digest, "before": before, "event": said}


def _finished(
    rows: dict[str, list[Row]], trail: list[Row], study: str, subject: str | None, now: datetime, *, blinded: bool
) -> Copy:  # fmt: skip
    copy = {
        "format": FORMAT, "version": VERSION, "study": study, "participant": subject, "made_at": plain(now),
        "withheld": [".".join(BLINDED)] if blinded else [], "people": [], "rows": rows, "trail": trail,
    }  # fmt: skip
    if blinded:
        _withhold(copy)
    copy["people"] = rows_of_people(_people(copy))
    return copy


def rows_of_people(keys: Iterable[int]) -> list[Row]:
    """Whoever is named, by name only: no address, no password, no sign-in."""
    found = User.objects.filter(pk__in=keys).order_by("pk")
    return [dict(row) for row in found.values("id", "username", "first_name", "last_name")]


def _name_only(copy: Copy, known: QuerySet[User]) -> None:
    """Of all others the number alone."""
    keys = set(known.filter(pk__in=[row["id"] for row in copy["people"]]).values_list("pk", flat=True))
    for row in copy["people"]:
        if row["id"] not in keys:
            row.update(username=nameless(row["id"]), first_name="", last_name="")


def nameless(key: int) -> str:
    """What stands in place of a user name that is withheld: read back it is one of its own, and nobody can have it."""
    return f"#{key}"


def _people(copy: Copy) -> set[int]:
    named = {link["event"]["actor"] for link in copy["trail"] if link["event"]}
    for table, rows in copy["rows"].items():
        model = RecordedFact if table == "study_facts" else model_of(table)
        columns = [field.column for field in model._meta.concrete_fields if field.related_model is User]  # noqa: SLF001 - Django's own way to ask
        named |= {row[column] for row in rows for column in columns}
    return named - {None}


def _withhold(copy: Copy) -> None:
    table, column = BLINDED
    for row in copy["rows"][table]:
        row[column] = ""
    for link in copy["trail"]:
        event = link["event"]
        if event and event["table"] == table:
            link["event"] = _without(event, column)


def _without(event: Row, column: str) -> Row:
    """The event without one column, whose digest the seal covers just the same. Raises TooOldToWithhold."""
    gone = {(place, column) for place in ("old", "new") if column in (event[place] or {})}
    if gone and not event["salt"]:
        raise TooOldToWithhold
    kept = dict(event)
    for place, _column in gone:
        kept[place] = {**event[place], column: taken_out(event, place, column, 0)}
    return {**kept, "salt": salts_without(event, gone)} if gone else kept


def _table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - as above

"""Imports: what was pasted, judged line by line, recorded as a whole, and kept with what became of each line."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tracker import access
from tracker.errors import FactInvalid, ReadsOtherwise, Refused
from tracker.models import (
    Fate,
    Import,
    ImportLine,
    Outcome,
    Participant,
    RecordedFact,
    Study,
    User,
)
from tracker.services import facts
from tracker.services.entries import FactEntry
from tracker.services.locking import lock
from tracker.services.pastes import Judged, Sheet, counts, digest, judge, unknown_subject


def take_in(sheet: Sheet, *, seen: str, by: User, now: datetime) -> Import:
    """Record what can be recorded, and keep every line with its outcome: all of it, or nothing.

    `seen` is the digest of what the person saw. Raises ReadsOtherwise where it has changed since, Refused where there
    is no line or too many, NotAllowed.
    """
    access.demand(by, access.Action.RECORD_FACT, sheet.participant, now.astimezone(sheet.participant.zone).date())
    people = sorted({each.participant.pk for each in judge(sheet, by=by, now=now) if each.participant})
    with transaction.atomic():
        for key in people:
            lock(key)
        judged = judge(sheet, by=by, now=now)
        if digest(judged) != seen:
            raise ReadsOtherwise
        recorded = _record(judged, by=by, now=now)
        found = counts(judged)
        batch = Import.objects.create(
            participant=sheet.participant, laboratory=sheet.laboratory, text=sheet.text, pasted_at=now, pasted_by=by,
            lines_in=len(judged), accepted=found[Outcome.ACCEPTED], duplicate=found[Outcome.DUPLICATE],
            quarantined=found[Outcome.QUARANTINED],
        )  # fmt: skip
        ImportLine.objects.bulk_create(_row(batch, each, recorded) for each in judged)
    return batch


def subject_of(study: Study, number: str, *, by: User, now: datetime) -> Participant:
    """The subject of that number, of those the person may see. Raises FactInvalid for any other, whoever it is."""
    rows = access.participants_visible_to(by, now).filter(study=study, subject_number__iexact=number.strip())
    found: Participant | None = rows.select_related("study", "site").first()
    if found is None:
        raise FactInvalid({"subject": [unknown_subject(number)]})
    return found


def mend(
    *, line: ImportLine, participant: Participant, entry: FactEntry, reason: str, by: User, now: datetime
) -> ImportLine:
    """Record a line that was set aside, as it should have been; the line keeps how it came.

    Raises FactInvalid, NotAllowed, and Refused where it was settled already.
    """
    with transaction.atomic():
        fact = facts.record_fact(participant=participant, entry=entry, by=by, now=now)
        return _settle(line, Fate.MENDED, reason, by=by, now=now, participant=participant, fact=fact)


def dismiss(*, line: ImportLine, reason: str, by: User, now: datetime) -> ImportLine:
    """Say that a line that was set aside is not to be recorded, and why. Raises FactInvalid, NotAllowed, Refused."""
    whose = line.participant or line.batch.participant
    access.demand(by, access.Action.RECORD_FACT, whose, now.astimezone(whose.zone).date())
    if not reason.strip():
        raise FactInvalid({"reason": [_("Give the reason.")]})
    with transaction.atomic():
        return _settle(line, Fate.DISMISSED, reason, by=by, now=now)


def _settle(line: ImportLine, fate: Fate, reason: str, *, by: User, now: datetime, **changes: object) -> ImportLine:
    row = ImportLine.objects.select_for_update().get(pk=line.pk)
    if row.fate != Fate.WAITING:
        raise Refused(_("This line was settled by another person already."))
    settled = {"fate": fate, "reason": reason.strip()[:500], "settled_by": by, "settled_at": now, **changes}
    for name, value in settled.items():
        setattr(row, name, value)
    row.save()
    return row


def _record(judged: list[Judged], *, by: User, now: datetime) -> dict[int, RecordedFact]:
    """Record every accepted line, one participant after another in the order of their keys; by the lines' numbers."""
    whose: dict[int, dict[str, FactEntry]] = {}
    people: dict[int, Participant] = {}
    for each in judged:
        if each.outcome is Outcome.ACCEPTED and each.participant and each.entry:
            people[each.participant.pk] = each.participant
            whose.setdefault(each.participant.pk, {})[str(each.line.number)] = each.entry
    recorded: dict[int, RecordedFact] = {}
    for pk in sorted(whose):
        rows = facts.record_all(participant=people[pk], entries=whose[pk], by=by, now=now)
        recorded |= dict(zip(map(int, whose[pk]), rows, strict=True))
    return recorded


def _row(batch: Import, judged: Judged, recorded: Mapping[int, RecordedFact]) -> ImportLine:
    waits = judged.outcome is Outcome.QUARANTINED
    fact = judged.fact or recorded.get(judged.line.number if judged.twin is None else judged.twin)
    return ImportLine(
        batch=batch, number=judged.line.number, typed=judged.line.cells(), outcome=judged.outcome, why=judged.why[:500],
        fate=Fate.WAITING if waits else Fate.DONE, participant=judged.participant, fact=None if waits else fact,
    )  # fmt: skip

"""Deadlines: rows made equal to what the protocol answers, at once after every change and when their time comes."""

import logging
import traceback
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from time import sleep
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from tracker.evaluation import evaluate_all, versions_of
from tracker.models import DeadlineStatus, Participant, TrackedDeadline
from tracker.services import alerts, drafting, worklist
from tracker.services.heartbeats import note_heartbeat
from tracker.services.ladders import Ladder, reviewed_by
from tracker.services.locking import lock, lock_due
from workflow.answers import Evaluation
from workflow.deadlines import Deadline

logger = logging.getLogger(__name__)

QUARANTINE = timedelta(hours=1)
"""How long a participant whose reassessment fails is left alone, so that one bad record never stops the sweep."""

BATCH = 100
"""How many are reassessed in one transaction: who records something about one of them waits as long for it."""

BREATH_SECONDS = 0.1
"""How long SQLite, which lets one write at a time, is left to others: a waiting one sleeps no longer between tries."""

_TIMES = ("opens_at", "due_at", "valid_until", "required_through", "raised_at")
_COLUMNS = ("status", *_TIMES)

Rows = dict[tuple[str, int], TrackedDeadline]


def reconcile(participant: Participant, now: datetime) -> Evaluation:
    """Make deadlines, alerts, messages, deviations and the work list equal to what the protocol answers now.

    The caller holds the participant's lock. Doing it twice writes nothing the second time. `reassess_after` becomes the
    next instant at which anything of it would come out differently by itself.
    """
    return reconcile_all([participant], now)[0]


def reconcile_all(participants: Sequence[Participant], now: datetime) -> list[Evaluation]:
    """The same for many participants, whose locks the caller holds.

    The number of queries does not depend on how many there are, but for what is rare: what is resolved, escalated or
    told anew, and the deviations that late facts bring about.
    """
    evaluations = evaluate_all(participants, as_of=now)
    _put_under_their_versions(list(zip(participants, evaluations, strict=True)))
    drafted = [drafting.draft_for_late_facts(*each, now) for each in zip(participants, evaluations, strict=True)]
    if any(drafted):
        # A deviation holds the next step: what is kept has to know of it already.
        evaluations = evaluate_all(participants, as_of=now)
    both = list(zip(participants, evaluations, strict=True))
    rows = _make_equal(both, now)
    ladders = [Ladder(one, it, rows[one.pk], now, reviewed_by(one, it)) for one, it in both]
    escalations = alerts.make_equal(ladders)
    worklist.make_equal(ladders)
    changes = [evaluation.changes_at for evaluation in evaluations]
    _look_again_at(participants, map(_sooner, changes, escalations))
    return evaluations


def _put_under_their_versions(both: Sequence[tuple[Participant, Evaluation]]) -> None:
    """Keep with each participant the version of the protocol that her consents put her under."""
    changed = []
    for participant, evaluation in both:
        name = versions_of(participant)[evaluation.version].name
        if participant.protocol_id != name:
            participant.protocol_id = name
            changed.append(participant)
    if changed:
        Participant.objects.bulk_update(changed, ["protocol_id"])


def sweep(now: datetime) -> int:
    """Reassess every participant whose time has come, batch by batch, the longest due first; how many there were.

    Sweeps at the same time share the work. One participant who fails is logged by its number alone, and tried again
    after QUARANTINE; the others of the batch are reassessed all the same.
    """
    done: set[int] = set()
    if Participant.objects.filter(reassess_after__lte=now).exists():
        while batch := _reassess_batch(now) - done:
            done |= batch
            if len(batch) == BATCH:
                _let_others_write()
    note_heartbeat("sweep", now)
    return len(done)


def _let_others_write() -> None:
    """Without this, who saves something and the delivery of mails would wait on SQLite for the end of a long sweep."""
    if not connection.features.has_select_for_update:
        sleep(BREATH_SECONDS)


def _reassess_batch(now: datetime) -> set[int]:
    keys: set[int] = set()
    try:
        with transaction.atomic():
            participants = lock_due(now, BATCH)
            keys = {participant.pk for participant in participants}
            reconcile_all(participants, now)
    except Exception as error:
        if not keys:
            raise
        # One of them is at fault: each is tried alone, and that one is named then.
        logger.warning("a batch of %s could not be reassessed together: %s", len(keys), kind_and_place(error))
        for pk in sorted(keys):
            _reassess_alone(pk, now)
    return keys


def _reassess_alone(pk: int, now: datetime) -> None:
    try:
        _reassess(pk, now)
    except Exception as error:  # noqa: BLE001 - whatever one record does, the others must be reassessed
        _quarantine(pk, error, now)


def _reassess(pk: int, now: datetime) -> None:
    with transaction.atomic():
        participant = lock(pk)
        # Another process may have done it while this one waited for the lock.
        if participant.reassess_after is not None and participant.reassess_after <= now:
            reconcile(participant, now)


def _quarantine(pk: int, error: Exception, now: datetime) -> None:
    logger.error("participant %s could not be reassessed: %s", pk, kind_and_place(error))
    Participant.objects.filter(pk=pk).update(
        reassess_after=now + QUARANTINE, set_aside_since=Coalesce(F("set_aside_since"), now)
    )


def kind_and_place(error: Exception) -> str:
    """The error's own text may quote what is on record: it is not logged."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.filename}:{place.lineno}"


def _make_equal(both: Sequence[tuple[Participant, Evaluation]], now: datetime) -> dict[int, Rows]:
    """The rows of each participant, by key, equal to what was answered for her."""
    rows: dict[int, Rows] = {participant.pk: {} for participant, _evaluation in both}
    for row in TrackedDeadline.objects.filter(participant__in=list(rows)):
        rows[row.participant_id][row.clause, row.occurrence] = row
    changed = [row for one, answer in both for row in _changed(rows[one.pk], answer, now)]
    new = [row for one, answer in both for row in _new(one, rows[one.pk], answer, now)]
    if new:
        TrackedDeadline.objects.bulk_create(new)
    if changed:
        TrackedDeadline.objects.bulk_update(changed, [*_COLUMNS, "updated_at"])
    for row in new:
        rows[row.participant_id][row.clause, row.occurrence] = row
    return rows


def _changed(rows: Rows, evaluation: Evaluation, now: datetime) -> list[TrackedDeadline]:
    answered = {(deadline.clause, deadline.occurrence): deadline for deadline in evaluation.deadlines}
    return [row for key, row in rows.items() if _update(row, _wanted(answered.get(key)), now)]


def _new(participant: Participant, rows: Rows, evaluation: Evaluation, now: datetime) -> list[TrackedDeadline]:
    answered = {(deadline.clause, deadline.occurrence): deadline for deadline in evaluation.deadlines}
    return [
        TrackedDeadline(participant=participant, clause=clause, occurrence=number, updated_at=now, **_columns(deadline))
        for (clause, number), deadline in answered.items()
        if (clause, number) not in rows
    ]


def _columns(deadline: Deadline) -> dict[str, Any]:
    return {"status": deadline.status.value, **{name: getattr(deadline, name) for name in _TIMES}}


def _wanted(deadline: Deadline | None) -> dict[str, Any]:
    """What a row should hold; one that is no longer answered for is cancelled, never deleted."""
    if deadline is None:
        return {"status": DeadlineStatus.CANCELLED.value, **dict.fromkeys(_TIMES)}
    return _columns(deadline)


def _update(row: TrackedDeadline, wanted: dict[str, Any], now: datetime) -> bool:
    """Write what is wanted into the row, in memory; whether anything changed."""
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(row, name, value)
    row.updated_at = now
    return True


def _look_again_at(participants: Sequence[Participant], instants: Iterable[datetime | None]) -> None:
    changed = []
    for participant, instant in zip(participants, instants, strict=True):
        if participant.reassess_after != instant or participant.set_aside_since is not None:
            participant.reassess_after, participant.set_aside_since = instant, None
            changed.append(participant)
    if changed:
        Participant.objects.bulk_update(changed, ["reassess_after", "set_aside_since"])


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((instant for instant in (one, other) if instant is not None), default=None)

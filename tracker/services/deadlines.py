"""Deadlines: rows made equal to what the protocol answers, at once after every change and when their time comes."""

import logging
import traceback
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tracker.evaluation import evaluate_participant
from tracker.models import DeadlineStatus, Heartbeat, Participant, TrackedDeadline
from tracker.services import alerts, drafting
from tracker.services.locking import lock
from workflow.answers import Evaluation
from workflow.deadlines import Deadline

logger = logging.getLogger(__name__)

QUARANTINE = timedelta(hours=1)
"""How long a participant whose reassessment fails is left alone, so that one bad record never stops the sweep."""

_TIMES = ("opens_at", "due_at", "valid_until", "required_through", "raised_at")
_COLUMNS = ("status", *_TIMES)

Rows = dict[tuple[str, int], TrackedDeadline]


def reconcile(participant: Participant, now: datetime) -> Evaluation:
    """Make deadlines, alerts, messages and deviations equal to what the protocol answers now.

    The caller holds the participant's lock. Doing it twice writes nothing the second time. `reassess_after` becomes the
    next instant at which anything of it would come out differently by itself.
    """
    evaluation = evaluate_participant(participant, as_of=now)
    rows = _make_equal(participant, evaluation, now)
    drafting.draft_for_late_facts(participant, evaluation, now)
    escalates_at = alerts.make_equal(participant, evaluation, rows, now)
    _look_again_at(participant, (evaluation.changes_at, escalates_at))
    return evaluation


def sweep(now: datetime) -> int:
    """Reassess every participant whose time has come, each in a transaction of its own; how many there were.

    One that fails is logged by its number alone, and tried again after QUARANTINE.
    """
    due = Participant.objects.filter(reassess_after__lte=now).order_by("reassess_after")
    keys = list(due.values_list("pk", flat=True))
    for pk in keys:
        try:
            _reassess(pk, now)
        except Exception as error:  # noqa: BLE001 - whatever one record does, the others must be reassessed
            _quarantine(pk, error, now)
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": now})
    return len(keys)


def _reassess(pk: int, now: datetime) -> None:
    with transaction.atomic():
        participant = lock(pk)
        # Another process may have done it while this one waited for the lock.
        if participant.reassess_after is not None and participant.reassess_after <= now:
            reconcile(participant, now)


def _quarantine(pk: int, error: Exception, now: datetime) -> None:
    # The error's own text may quote what is on record: only its kind and place are logged.
    place = traceback.extract_tb(error.__traceback__)[-1]
    logger.error(
        "participant %s could not be reassessed: %s at %s:%s", pk, type(error).__name__, place.filename, place.lineno
    )
    Participant.objects.filter(pk=pk).update(reassess_after=now + QUARANTINE)


def _make_equal(participant: Participant, evaluation: Evaluation, now: datetime) -> Rows:
    rows: Rows = {(row.clause, row.occurrence): row for row in participant.deadlines.all()}
    answered = {(deadline.clause, deadline.occurrence): deadline for deadline in evaluation.deadlines}
    new = [
        TrackedDeadline(participant=participant, clause=clause, occurrence=number, updated_at=now, **_columns(deadline))
        for (clause, number), deadline in answered.items()
        if (clause, number) not in rows
    ]
    changed = [row for key, row in rows.items() if _update(row, _wanted(answered.get(key)), now)]
    if new:
        TrackedDeadline.objects.bulk_create(new)
    if changed:
        TrackedDeadline.objects.bulk_update(changed, [*_COLUMNS, "updated_at"])
    return rows | {(row.clause, row.occurrence): row for row in new}


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


def _look_again_at(participant: Participant, instants: Iterable[datetime | None]) -> None:
    soonest = min((instant for instant in instants if instant is not None), default=None)
    if participant.reassess_after != soonest:
        participant.reassess_after = soonest
        participant.save(update_fields=["reassess_after"])

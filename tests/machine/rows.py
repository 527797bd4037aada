"""Every row about a participant, as it stands: what may only grow, and what a refusal must leave alone."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, Q

from tracker.models import (
    Alert,
    AlertEvent,
    Deviation,
    Notification,
    Participant,
    RecordedFact,
    Signature,
    StepRecord,
    TrackedDeadline,
)

Rows = Mapping[tuple[str, int], Mapping[str, Any]]
"""Each row's columns, by the name of its model and its key."""

WRITTEN_ONCE = (RecordedFact, StepRecord, Signature, AlertEvent)
"""Nothing of these is ever changed."""

KEPT: Mapping[type[Model], tuple[str, ...]] = {
    Deviation: (
        "participant_id", "step_record_id", "clause", "drafted_at", "reported_by_id", "description", "evidence",
    ),
    Alert: ("deadline_id", "rung", "due_at", "raised_at", "urgent", "say", "tell"),
    Notification: ("alert_id", "recipient_id", "kind", "subject", "text_body", "message_id", "created_at"),
    TrackedDeadline: ("participant_id", "clause", "occurrence"),
}  # fmt: skip
"""What these say for ever; the rest of them goes on."""


def rows_of(participant: Participant) -> Rows:
    """Everything recorded about the participant and her study, and all that is kept of it."""
    mine = Q(participant=participant)
    of = {
        Participant: Q(pk=participant.pk),
        RecordedFact: mine | Q(study=participant.study_id),
        StepRecord: mine,
        Signature: Q(step_record__participant=participant) | Q(deviation__participant=participant),
        Deviation: mine,
        TrackedDeadline: mine,
        Alert: Q(deadline__participant=participant),
        AlertEvent: Q(alert__deadline__participant=participant),
        Notification: Q(alert__deadline__participant=participant),
    }
    return {
        (model.__name__, row["id"]): row for model, which in of.items() for row in model.objects.filter(which).values()
    }


def what_shrank(before: Rows, after: Rows) -> list[tuple[str, int]]:
    """The rows that are gone, or of which something was changed that is never changed."""
    return [where for where, row in before.items() if _is_less(where[0], row, after.get(where))]


def _is_less(model: str, before: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    if after is None:
        return True
    is_over = bool(before.get("closed_at") or before.get("resolved_at"))
    kept = before if is_over or model in _ONCE else _KEPT.get(model, ())
    return any(after[column] != before[column] for column in kept)


_ONCE = {model.__name__ for model in WRITTEN_ONCE}
_KEPT = {model.__name__: columns for model, columns in KEPT.items()}

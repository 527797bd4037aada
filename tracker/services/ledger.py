"""The ledger of facts: rows are only ever added, a new version of a key instead of a change."""

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracker.errors import FactInvalid
from tracker.models import FactStatus, Participant, RecordedFact, Study, User

_KEPT = (
    "participant_id", "study_id", "key", "concept", "at", "at_is_date", "until", "until_is_date", "resulted_at",
    "value", "unit", "comparator", "upper_limit", "typed", "questioned", "laboratory_id", "dose", "route", "status",
    "detail",
)  # fmt: skip


def add(
    owner: Participant | Study, columns: dict[str, Any], *, by: User, now: datetime, reason: str = ""
) -> RecordedFact:
    """Write the first version of a new fact."""
    whose = {"participant": owner} if isinstance(owner, Participant) else {"study": owner}
    return RecordedFact.objects.create(
        **whose, **columns, key=uuid.uuid4(), version=1, recorded_by=by, recorded_at=now, reason=reason
    )


def add_version(
    fact: RecordedFact, changes: dict[str, Any], *, by: User, now: datetime, reason: str = ""
) -> RecordedFact:
    """Write the next version of a fact: as it was, but for the changes. The caller holds the owner's lock.

    Raises FactInvalid when somebody else has written a version since this one was read.
    """
    newest = RecordedFact.objects.filter(key=fact.key).order_by("-version").values_list("version", flat=True)[0]
    if newest != fact.version:
        raise FactInvalid({"__all__": [_("This entry was changed by another person meanwhile. Look at it again.")]})
    kept = {name: getattr(fact, name) for name in _KEPT}
    return RecordedFact.objects.create(
        **{**kept, **changes}, version=newest + 1, recorded_by=by, recorded_at=now, reason=reason
    )


def latest_versions(participant: Participant, concept: str) -> list[RecordedFact]:
    """The speaking version of every fact of a concept, in the order in which they were recorded."""
    latest = {row.key: row for row in participant.facts.filter(concept=concept).order_by("version")}
    return sorted(latest.values(), key=lambda row: (row.recorded_at, row.pk))


def last_done(participant: Participant, concept: str) -> RecordedFact | None:
    """The latest happening of a concept, by when it happened."""
    done = [row for row in latest_versions(participant, concept) if row.status == FactStatus.DONE]
    return max(done, key=lambda row: (row.at, row.pk), default=None)


def open_plan(participant: Participant, concept: str) -> RecordedFact | None:
    """The plan of the next occurrence of a concept: the one recorded last, unless it was cancelled or is used up."""
    plans = [row for row in latest_versions(participant, concept) if row.status in _PLAN]
    latest = plans[-1] if plans else None
    if latest is None or latest.status != FactStatus.PLANNED:
        return None
    done = last_done(participant, concept)
    return latest if done is None or latest.recorded_at > done.at else None


def first_recorded(fact: RecordedFact) -> datetime:
    """When the first version of a fact was recorded."""
    return RecordedFact.objects.filter(key=fact.key).order_by("version").values_list("recorded_at", flat=True)[0]


_PLAN = (FactStatus.PLANNED, FactStatus.CANCELLED)

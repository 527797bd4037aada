"""Which things to do Today shows, and in which order: the database sorts, counts and cuts them."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from tracker.admin.today_filters import EVERYONE, MINE, Scope
from tracker.models import WorkItem
from tracker.services.work import WORST_FIRST

SOON = timedelta(hours=48)

LATE, DUE, UPCOMING = range(3)
"""The sections: overdue or owed at once, due within SOON, later or without a time."""


def is_late(now: datetime) -> Q:
    """What is overdue, or owed at once."""
    return Q(is_open=True) & (Q(due_at__lt=now) | Q(due_at=None, since__isnull=False))


def items_of(scope: Scope) -> QuerySet[WorkItem]:
    """Everything to do about the participants chosen, in order: by section, by irreversible step, by due time."""
    section = Case(
        When(is_late(scope.now), then=Value(LATE)), When(due_at__lte=scope.now + SOON, then=Value(DUE)),
        default=Value(UPCOMING), output_field=IntegerField(),
    )  # fmt: skip
    items = WorkItem.objects.filter(is_open=True, participant__in=scope.participants()).annotate(section=section)
    items = items.select_related("participant__study", "participant__site", "participant__outlook")
    by_time = [F(name).asc(nulls_last=True) for name in ("before_at", "due_at", "since")]
    return items.order_by("section", *by_time, "participant__subject_number", "participant", _worst_first(), "pk")


def _worst_first() -> Case:
    ranks = [When(state=outcome.value, then=Value(rank)) for rank, outcome in enumerate(WORST_FIRST)]
    return Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())


def chosen_of(scope: Scope) -> QuerySet[WorkItem]:
    """The same, of the reader's own roles only where she chose that."""
    items = items_of(scope)
    return items.filter(scope.is_mine()) if scope.filters.whose == MINE else items


def counts_of(scope: Scope) -> dict[str, dict[int, int]]:
    """How much there is to do in each section: for the reader's own roles, and for everyone."""
    counted: QuerySet[Any] = items_of(scope).order_by()
    rows = counted.values("section").annotate(everyone=Count("pk"), mine=Count("pk", filter=scope.is_mine()))
    return {whose: {row["section"]: row[whose] for row in rows} for whose in (MINE, EVERYONE)}

"""A study in which everybody's reminder becomes due at the same instant."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min

from tracker.management.benching.record import record_of
from tracker.management.benching.study import study_of
from tracker.models import Alert, Assignment, Participant, RecordedFact, Role, User
from tracker.services import deadlines
from workflow.facts import Fact, FactStatus


def all_due(size: int, facts: int) -> datetime:
    """So many women with so many facts each, whose next reminder is due at the instant that is answered.

    One person holds every role that is told: one message an alert. Their deadlines stand already, as they would.
    """
    record = record_of(facts)
    study = study_of(size, reassess_after=record.as_of, now=record.as_of)
    keeper = User.objects.create_user("bench", "bench@site.example", None)
    site = study.participants.all()[0].site
    Assignment.objects.create(user=keeper, study=study, site=site, role=Role.PI, valid_from=date(2020, 1, 1))
    known = [_later(fact, record.as_of) for fact in record.timeline.every_version]
    for participant in study.participants.all():
        RecordedFact.objects.bulk_create(_rows(participant, known, keeper))
    return _next_with_alerts(record.as_of)


def _later(fact: Fact, as_of: datetime) -> Fact:
    """The plan far enough ahead, so that no reminder is due yet."""
    is_plan = fact.status is FactStatus.PLANNED
    return replace(fact, at=as_of + timedelta(days=20)) if is_plan else fact


def _rows(participant: Participant, facts: list[Fact], keeper: User) -> list[RecordedFact]:
    keys = {fact.key: uuid.uuid4() for fact in facts}
    return [
        RecordedFact(
            participant=participant, key=keys[fact.key], version=fact.version, concept=fact.concept, at=fact.at,
            until=fact.until, resulted_at=fact.resulted_at, recorded_at=fact.recorded_at, recorded_by=keeper,
            value="" if fact.value is None else str(fact.value), unit=fact.unit or "", comparator=fact.comparator,
            upper_limit="" if fact.upper_limit is None else str(fact.upper_limit), status=fact.status.value,
        )
        for fact in facts
    ]  # fmt: skip


def _next_with_alerts(now: datetime) -> datetime:
    """Let the time pass, from one reassessment to the next, until right before the first reminder."""
    one = Participant.objects.order_by("pk")[0]
    while True:
        deadlines.sweep(now)
        following: datetime = Participant.objects.aggregate(first=Min("reassess_after"))["first"]
        if _would_raise(one, following):
            return following
        now = following


def _would_raise(one: Participant, at: datetime) -> bool:
    with transaction.atomic():
        deadlines.reconcile(Participant.objects.select_related("study", "site").get(pk=one.pk), at)
        raised = Alert.objects.exists()
        transaction.set_rollback(True)
    return raised

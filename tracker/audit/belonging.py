"""Belonging: whose row a row is, so that a participant's trail can be read, and carried away, whole."""

from collections.abc import Iterable, Mapping

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from tracker.models import (
    Absence,
    AccountEvent,
    Alert,
    AlertEvent,
    Assignment,
    CalendarEntry,
    CalendarKey,
    Deviation,
    Duty,
    Import,
    ImportLine,
    Laboratory,
    Notification,
    Outlook,
    Participant,
    RecordedFact,
    Redaction,
    Signature,
    SignIn,
    Site,
    StepRecord,
    Study,
    TrackedDeadline,
    UpperLimit,
    User,
    WorkItem,
)

OF_A_PARTICIPANT: Mapping[type[Model], tuple[str, ...]] = {
    Participant: ("pk",),
    RecordedFact: ("participant",),
    StepRecord: ("participant",),
    Deviation: ("participant",),
    Signature: ("step_record__participant", "deviation__participant"),
    TrackedDeadline: ("participant",),
    Alert: ("deadline__participant",),
    AlertEvent: ("alert__deadline__participant",),
    Notification: ("alert__deadline__participant",),
    Import: ("participant",),
    ImportLine: ("batch__participant",),
    Outlook: ("participant",),
    WorkItem: ("participant",),
    CalendarEntry: ("participant",),
}
"""How each kind of row leads to its participant."""

OF_A_SITE: tuple[type[Model], ...] = (Study, Site, Assignment, Laboratory, UpperLimit, RecordedFact)
"""What is about a site or a study as a whole: facts of the study among them."""

OF_NOBODY: tuple[type[Model], ...] = (User, AccountEvent, SignIn, CalendarKey, Absence, Duty, Redaction)
"""What is about staff, and what was taken out."""


def rows_of(model: type[Model], people: QuerySet[Participant] | Iterable[Participant]) -> QuerySet[Model]:
    """The rows of a kind that belong to these participants."""
    wanted = Q()
    for path in OF_A_PARTICIPANT[model]:
        wanted |= Q(**{f"{path}__in": people})
    return model._default_manager.filter(wanted)  # noqa: SLF001 - Django's own way to ask


def is_about(people: QuerySet[Participant] | Iterable[Participant], *, few: bool) -> Q:
    """Which audit events are about these participants. `few` names the rows one by one, which suits an index."""
    about = Q()
    for model in OF_A_PARTICIPANT:
        about |= of(model, rows_of(model, people), few=few)
    return about


def of(model: type[Model], rows: QuerySet[Model], *, few: bool = False) -> Q:
    """Which audit events are about these rows."""
    numbers = rows.order_by().annotate(row_as_text=Cast("pk", CharField())).values_list("row_as_text", flat=True)
    return Q(table=model._meta.db_table, row__in=list(numbers) if few else numbers)  # noqa: SLF001 - as above


def of_pastes(pastes: QuerySet[Import]) -> Q:
    """Which audit events are about these pastes and their lines."""
    return of(Import, pastes) | of(ImportLine, ImportLine.objects.filter(batch__in=pastes))

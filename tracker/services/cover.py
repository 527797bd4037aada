"""Cover: absences with their deputies, and duties on call: entered, and cancelled; never deleted."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker.access import MATRIX, Action, may_at, refuse
from tracker.errors import CoverInvalid
from tracker.models import Absence, Assignment, Duty, User

ACTING = [role for role, actions in MATRIX.items() if Action.ACKNOWLEDGE in actions]
"""The roles that can take something up: only they stand in for others, and are on call."""

LONGEST_DUTY_DAYS = 31
"""A longer one is a mistake: duties on call change hands by the day or the week."""


@dataclass(frozen=True, slots=True)
class AbsenceEntry:
    """Who is away, on which days of the calendar of each of her sites (both included), and who stands in for her."""

    user: User
    first_day: date | None
    last_day: date | None
    deputy: User | None = None


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """In which of somebody's roles she is on call, from an instant on until before another."""

    assignment: Assignment
    starts_at: datetime | None
    ends_at: datetime | None


def enter_absence(*, entry: AbsenceEntry, by: User, now: datetime) -> Absence:
    """Keep that somebody will be away. Raises NotAllowed and CoverInvalid.

    Everybody enters her own; who arranges cover at one of a person's sites enters hers. A deputy needs, at each place
    where the person works, a role in force that can acknowledge an alert: standing in gives no permission.
    """
    demand_for(entry.user, by, now)
    with transaction.atomic():
        # Two absences entered at the same time meet here.
        User.objects.select_for_update().get(pk=entry.user.pk)
        errors = _errors_of_absence(entry, now)
        if errors or entry.first_day is None or entry.last_day is None:
            raise CoverInvalid(errors)
        return Absence.objects.create(
            user=entry.user, deputy=entry.deputy, first_day=entry.first_day, last_day=entry.last_day, entered_by=by,
            entered_at=now,
        )  # fmt: skip


def cancel_absence(*, absence: Absence, by: User, now: datetime) -> None:
    """From now on she is there again. Raises NotAllowed. Doing it twice keeps the first."""
    demand_for(absence.user, by, now)
    Absence.objects.filter(pk=absence.pk, cancelled_at=None).update(cancelled_at=now)


def enter_duty(*, entry: DutyEntry, by: User, now: datetime) -> Duty:
    """Keep that somebody is on call in a role. Raises NotAllowed and CoverInvalid."""
    demand_at(entry.assignment, by, now)
    errors = _errors_of_duty(entry, now)
    if errors or entry.starts_at is None or entry.ends_at is None:
        raise CoverInvalid(errors)
    return Duty.objects.create(
        assignment=entry.assignment, starts_at=entry.starts_at, ends_at=entry.ends_at, entered_by=by, entered_at=now
    )


def cancel_duty(*, duty: Duty, by: User, now: datetime) -> None:
    """From now on she is on call no more. Raises NotAllowed. Doing it twice keeps the first."""
    demand_at(duty.assignment, by, now)
    Duty.objects.filter(pk=duty.pk, cancelled_at=None).update(cancelled_at=now)


def arranged_by(by: User, now: datetime) -> QuerySet[Assignment]:
    """The assignments in force of the places where somebody arranges cover, her own included."""
    held = (
        Assignment.objects.active_at(now).select_related("user", "study", "site").order_by("site__code", "role", "user")
    )
    if by.is_superuser:
        return held
    places = [
        each
        for each in held.filter(user=by)
        if may_at(by, Action.ARRANGE_COVER, each.study, each.site, _today(each, now))
    ]
    there = Q(pk__in=())
    for each in places:
        there |= Q(study=each.study_id, site=each.site_id)
    return held.filter(there)


def possible_deputies(user: User, now: datetime) -> list[User]:
    """Who can stand in for somebody: at each place where she works they hold a role that can acknowledge an alert."""
    held = Assignment.objects.active_at(now)
    places = set(held.filter(user=user).values_list("study", "site"))
    theirs: dict[User, set[tuple[int, int]]] = {}
    for each in held.filter(role__in=ACTING).exclude(user=user).select_related("user"):
        theirs.setdefault(each.user, set()).add((each.study_id, each.site_id))
    return [each for each, covered in theirs.items() if places and places <= covered]


def demand_for(user: User, by: User, now: datetime) -> None:
    """Raise NotAllowed unless an absence is one's own, or of somebody for whom one arranges cover."""
    if user != by and not arranged_by(by, now).filter(user=user).exists():
        refuse(Action.ARRANGE_COVER)


def demand_at(assignment: Assignment, by: User, now: datetime) -> None:
    """Raise NotAllowed unless one arranges cover where somebody has this role."""
    if not may_at(by, Action.ARRANGE_COVER, assignment.study, assignment.site, _today(assignment, now)):
        refuse(Action.ARRANGE_COVER)


def _today(assignment: Assignment, now: datetime) -> date:
    return now.astimezone(assignment.site.zone).date()


def _errors_of_absence(entry: AbsenceEntry, now: datetime) -> dict[str, list[str]]:
    errors = {}
    if entry.first_day is None:
        errors["first_day"] = [_("Say from which day on.")]
    if entry.last_day is None:
        errors["last_day"] = [_("Say until which day; it is the last one away.")]
    elif entry.first_day is not None:
        errors |= _errors_of_days(entry, entry.first_day, entry.last_day)
    if entry.deputy is not None:
        errors |= _errors_of_deputy(entry.user, entry.deputy, now)
    return errors


def _errors_of_days(entry: AbsenceEntry, first_day: date, last_day: date) -> dict[str, list[str]]:
    if last_day < first_day:
        return {"last_day": [_("The last day lies before the first.")]}
    there = Absence.objects.filter(user=entry.user).overlapping(first_day, last_day).first()
    if there is None:
        return {}
    days = {"first": there.first_day.isoformat(), "last": there.last_day.isoformat()}
    return {"first_day": [_("An absence from %(first)s to %(last)s is entered already: cancel it first.") % days]}


def _errors_of_deputy(user: User, deputy: User, now: datetime) -> dict[str, list[str]]:
    if deputy == user:
        return {"deputy": [_("Nobody stands in for herself.")]}
    if deputy in possible_deputies(user, now):
        return {}
    return {"deputy": [_("A deputy works at the same sites, in a role that can acknowledge an alert.")]}


def _errors_of_duty(entry: DutyEntry, now: datetime) -> dict[str, list[str]]:
    errors = {}
    if entry.assignment.role not in ACTING:
        errors["assignment"] = [_("Nobody is on call in a role that cannot acknowledge an alert.")]
    if entry.starts_at is None:
        errors["starts_at"] = [_("Say from when.")]
    if entry.ends_at is None:
        errors["ends_at"] = [_("Say until when.")]
    elif entry.ends_at <= now:
        errors["ends_at"] = [_("This time has passed.")]
    elif entry.starts_at is not None and entry.ends_at <= entry.starts_at:
        errors["ends_at"] = [_("A duty ends after it starts.")]
    elif entry.starts_at is not None and (entry.ends_at - entry.starts_at).days >= LONGEST_DUTY_DAYS:
        errors["ends_at"] = [_("A duty of a month or more is a mistake: enter the days one by one.")]
    return errors

"""What calendars show: entries made equal to what is due and planned, each against what was last published of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from tracker.access import participants_visible_to
from tracker.evaluation import protocol_of
from tracker.models import (
    Assignment,
    CalendarEntry,
    CalendarKey,
    DeadlineStatus,
    FactStatus,
    Heartbeat,
    Participant,
    RecordedFact,
    StepRecord,
    TrackedDeadline,
    User,
)
from tracker.services.heartbeats import note_heartbeat
from workflow.alarms import PLAN
from workflow.expiry import EXPIRING
from workflow.protocol import Protocol
from workflow.stages import TERMINAL_STAGES

KEPT = timedelta(days=90)
"""How long a calendar still says that something was cancelled: the programs that ask come more often than that."""

WORK = "calendars"
"""The name of the heartbeat."""

_OVERLAP = timedelta(minutes=10)
"""How much later than its date a change may be committed. What waited longer for a lock is found the next day."""

_BATCH = 500
"""How many new entries go to the database at once."""

_OWED = (DeadlineStatus.UPCOMING, DeadlineStatus.OPEN, DeadlineStatus.OVERDUE)
_SHOWN = ("starts_at", "all_day", "cancelled")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing as it should be published; whole seconds, since a calendar knows no smaller ones."""

    source: str
    participant_id: int
    roles: tuple[str, ...]
    starts_at: datetime
    all_day: bool = False
    cancelled: bool = field(default=False, init=False)


def publish(now: datetime) -> int:
    """Make the entries equal to what is due and planned; how many changed. Doing it twice writes nothing.

    While nobody has an address, nothing is written. What is compared is the last published state: what moved away and
    back in between was never told, and raises no revision. Only participants of whom anything was written since the
    last time are looked at; the first time on a day (UTC), everybody.
    """
    if not CalendarKey.objects.filter(revoked_at=None).exists():
        return 0
    last = Heartbeat.objects.filter(name=WORK).values_list("at", flat=True).first()
    about = _changed_since(last - _OVERLAP) if last and last.date() == now.date() else Q()
    wanted = {each.source: each for each in (*_deadlines(about), *_plans(about))}
    published = _published(wanted, about)
    new = [_entry(each, now) for source, each in wanted.items() if source not in published]
    CalendarEntry.objects.bulk_create(new, batch_size=_BATCH, ignore_conflicts=True)
    changed = sum(_follow(row, wanted.get(source), now) for source, row in published.items())
    note_heartbeat(WORK, now)
    return len(new) + changed


def _changed_since(instant: datetime) -> Q:
    """Which rows belong to participants of whom a deadline, a fact or a step was written since."""
    written = (
        TrackedDeadline.objects.filter(updated_at__gte=instant),
        RecordedFact.objects.filter(recorded_at__gte=instant, participant__isnull=False),
        StepRecord.objects.filter(recorded_at__gte=instant),
    )
    return Q(participant__in={key for rows in written for key in rows.values_list("participant", flat=True)})


def entries_for(user: User, now: datetime) -> list[CalendarEntry]:
    """What the person's calendar shows: what one of her roles is told of, at the places where she has it today."""
    held = Assignment.objects.active_at(now).filter(user=user).values_list("study", "site", "role")
    roles: dict[tuple[int, int], set[str]] = {}
    for study, site, role in held:
        roles.setdefault((study, site), set()).add(role)
    rows = CalendarEntry.objects.filter(participant__in=participants_visible_to(user, now))
    rows = rows.filter(Q(cancelled=False) | Q(changed_at__gte=now - KEPT)).select_related("participant__site")
    return [row for row in rows if roles.get(_place(row.participant), set()) & set(row.roles)]


def _place(participant: Participant) -> tuple[int, int]:
    return participant.study_id, participant.site_id


def _published(wanted: Mapping[str, Wanted], about: Q) -> dict[str, CalendarEntry]:
    """What stands published, and what was cancelled and is wanted again."""
    standing = {row.source: row for row in CalendarEntry.objects.filter(about, cancelled=False)}
    again = CalendarEntry.objects.in_bulk([each for each in wanted if each not in standing], field_name="source")
    return {**standing, **again}


def _entry(wanted: Wanted, now: datetime) -> CalendarEntry:
    return CalendarEntry(
        source=wanted.source, participant_id=wanted.participant_id, roles=list(wanted.roles),
        starts_at=wanted.starts_at, all_day=wanted.all_day, changed_at=now,
    )  # fmt: skip


def _follow(row: CalendarEntry, wanted: Wanted | None, now: datetime) -> bool:
    """Bring one entry up to date, its revision with it; whether it changed.

    Of two who do it at the same time, the one who comes second finds another revision, and leaves it alone.
    """
    shown = {"cancelled": True} if wanted is None else {name: getattr(wanted, name) for name in _SHOWN}
    roles = row.roles if wanted is None else list(wanted.roles)
    mine = CalendarEntry.objects.filter(pk=row.pk, sequence=row.sequence)
    if any(getattr(row, name) != value for name, value in shown.items()):
        return bool(mine.update(**shown, roles=roles, sequence=row.sequence + 1, changed_at=now))
    if roles != row.roles:
        mine.update(roles=roles)
    return False


def _deadlines(about: Q) -> Iterator[Wanted]:
    """What is owed at a time; a plan that nobody answered is shown as the plan it is."""
    owed = TrackedDeadline.objects.filter(about, status__in=_OWED, due_at__isnull=False).exclude(
        clause__startswith=PLAN
    )
    for row in owed.select_related("participant__study"):
        if row.due_at is not None:
            roles = _told_of(protocol_of(row.participant), row.clause)
            yield Wanted(f"deadline-{row.pk}", row.participant_id, roles, row.due_at.replace(microsecond=0))


def _plans(about: Q) -> Iterator[Wanted]:
    """The open plans of those who are still on the way: of each step the one recorded last."""
    later = RecordedFact.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    rows = RecordedFact.objects.filter(about, ~Exists(later), status=FactStatus.PLANNED, participant__isnull=False)
    rows = rows.exclude(participant__stage__in=TERMINAL_STAGES).select_related("participant__study")
    last = {(row.participant_id, row.concept): row for row in rows.order_by("recorded_at", "key")}
    for row in last.values():
        if row.participant is not None and (roles := _planning(protocol_of(row.participant), row.concept)):
            at = row.at.replace(microsecond=0)
            yield Wanted(f"plan-{row.key}", row.participant.pk, roles, at, row.at_is_date)


def _planning(protocol: Protocol, concept: str) -> tuple[str, ...]:
    """Who is asked what became of a plan; nobody for what starts no step."""
    starts = {step.starts for step in protocol.steps.values()}
    return _sorted(protocol.unanswered_plans.reminder.tell) if concept in starts else ()


def _told_of(protocol: Protocol, clause: str) -> tuple[str, ...]:
    """The roles that some reminder of a deadline goes to."""
    if clause.startswith(EXPIRING) and protocol.expiring_evidence:
        reminders = protocol.expiring_evidence.reminders
    else:
        rule = protocol.find_rule(clause)
        reminders = rule.owed.reminders if rule and rule.owed else ()
    return _sorted(role for reminder in reminders for role in reminder.tell)


def _sorted(roles: "Iterator[str] | tuple[str, ...]") -> tuple[str, ...]:
    return tuple(sorted(set(roles)))

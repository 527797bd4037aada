"""Digests: once a day each person reads what stands open for her; also when nothing does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch

from tracker import emails
from tracker.access import MATRIX, Action
from tracker.emails import DigestLine, DigestOccasion, Message
from tracker.models import (
    LATE,
    UNSENT,
    Alert,
    AlertStatus,
    Assignment,
    Heartbeat,
    Notification,
    NotificationKind,
    NotificationStatus,
    Participant,
    Site,
    User,
)
from tracker.services.history import snoozes_in_force
from tracker.services.occasions import still_to_keep
from tracker.services.quiet import instant_at

_ACTS = frozenset(role for role, actions in MATRIX.items() if Action.ACKNOWLEDGE in actions)
"""Who gets a digest every day; who only reads gets one on days on which she was told something that stands."""

Place = tuple[int, int]
"""A study and a site, by their keys."""


@dataclass(slots=True)
class _Reader:
    """One person, the site on whose clock her day is counted, and her roles at each place."""

    user: User
    site: Site
    roles: dict[Place, set[str]] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """Whether any of her roles does more than read."""
        return any(roles & _ACTS for roles in self.roles.values())

    def today(self, now: datetime) -> date:
        """The date on her clock."""
        return now.astimezone(self.site.zone).date()

    def is_due(self, now: datetime) -> bool:
        """Whether the time of today's digest has come."""
        return instant_at(self.today(now), self.user.digest_at, self.site.zone) <= now


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands open: the alerts at each place, who snoozed which, and what is held for whom."""

    alerts: dict[Place, list[Alert]]
    snoozed: set[tuple[int, int | None]]
    held: dict[int, list[Alert]]
    unchecked_since: datetime | None
    is_checked: bool


def write_due(now: datetime) -> int:
    """Queue today's digest for everybody who wants one, whose time has come and who has none yet; how many.

    The time is counted on the clock of the person's site; of several sites, of the first by its code. A digest that
    fell into a downtime is written once, late, and for today only: what was not sent of an earlier day is withdrawn.
    The number of queries depends neither on how many participants nor on how many readers there are.
    """
    wanted = [reader for reader in _readers(now) if reader.user.wants_digest and reader.is_due(now)]
    waiting = _without_todays(wanted, now)
    rows = _rows(waiting, now) if waiting else []
    _withdraw_earlier(rows)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def made_current(row: Notification, now: datetime) -> bool:
    """Write a digest again as things stand, just before it is sent; False where it holds no longer.

    It holds on its own day, for somebody who still works at a site and wants it. What is held for her comes with it.
    """
    reader = next(iter(_readers(now, of=row.recipient)), None)
    if reader is None or not reader.user.wants_digest:
        return False
    if row.site is None or now.astimezone(row.site.zone).date() != row.digest_for:
        return False
    reader.site = row.site
    standing = _standing([reader], now)
    message = _written(reader, standing, now)
    if message is None:
        return False
    if (message.subject, message.text) != (row.subject, row.text_body):
        row.subject, row.text_body, row.html_body = message.subject, message.text, message.html
        row.save(update_fields=["subject", "text_body", "html_body"])
    brought, _others = _addressed(reader, standing)
    held = Notification.objects.filter(recipient=row.recipient, status=NotificationStatus.HELD, alert__in=brought)
    held.update(digest=row)
    return True


def _readers(now: datetime, of: User | None = None) -> list[_Reader]:
    """Everybody with a role in force, by the calendar of each site."""
    held = Assignment.objects.active_at(now)
    if of is not None:
        held = held.filter(user=of)
    readers: dict[int, _Reader] = {}
    for assignment in held.select_related("user", "site").order_by("site__code", "pk"):
        reader = readers.setdefault(assignment.user_id, _Reader(assignment.user, assignment.site))
        reader.roles.setdefault((assignment.study_id, assignment.site_id), set()).add(assignment.role)
    return list(readers.values())


def _without_todays(readers: list[_Reader], now: datetime) -> list[_Reader]:
    """Those who have no digest for the present day of their clock, and get one."""
    written = Notification.objects.filter(
        kind=NotificationKind.DIGEST, digest_for__in={reader.today(now) for reader in readers}
    )
    there = set(written.values_list("recipient_id", "digest_for"))
    waiting = [reader for reader in readers if (reader.user.pk, reader.today(now)) not in there]
    only_read = [reader.user.pk for reader in waiting if not reader.acts]
    told = Notification.objects.filter(recipient__in=only_read, alert__isnull=False)
    asked = set(told.exclude(alert__status=AlertStatus.RESOLVED).values_list("recipient_id", flat=True))
    return [reader for reader in waiting if reader.acts or reader.user.pk in asked]


def _rows(readers: list[_Reader], now: datetime) -> list[Notification]:
    standing = _standing(readers, now)
    written = ((reader, _written(reader, standing, now)) for reader in readers)
    return [_row(reader, message, now) for reader, message in written if message is not None]


def _row(reader: _Reader, message: Message, now: datetime) -> Notification:
    user, day = reader.user, reader.today(now)
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return Notification(
        kind=NotificationKind.DIGEST, recipient=user, site=reader.site, digest_for=day, language=user.language,
        subject=message.subject[:300], text_body=message.text, html_body=message.html, created_at=now,
        message_id=f"<daymark.digest.{user.pk}.{day:%Y%m%d}@{host}>",
        status=NotificationStatus.SUPPRESSED if user.is_unreachable else NotificationStatus.PENDING,
    )  # fmt: skip


def _withdraw_earlier(rows: Iterable[Notification]) -> None:
    readers: dict[date | None, list[User]] = {}
    for row in rows:
        readers.setdefault(row.digest_for, []).append(row.recipient)
    for day, people in readers.items():
        earlier = Notification.objects.filter(kind=NotificationKind.DIGEST, recipient__in=people, digest_for__lt=day)
        earlier.filter(status__in=UNSENT).update(status=NotificationStatus.WITHDRAWN)


def _standing(readers: list[_Reader], now: datetime) -> _Standing:
    places = {place for reader in readers for place in reader.roles}
    told = Notification.objects.exclude(kind=NotificationKind.WITHDRAWN).only("alert_id", "recipient_id", "status")
    found = Alert.objects.exclude(status=AlertStatus.RESOLVED).filter(
        deadline__participant__study__in={study for study, _site in places},
        deadline__participant__site__in={site for _study, site in places},
    )
    related = ("deadline__participant__study", "deadline__participant__site")
    alerts: dict[Place, list[Alert]] = {}
    held: dict[int, list[Alert]] = {}
    for alert in found.select_related(*related).prefetch_related(Prefetch("notifications", told)):
        alerts.setdefault(_place(alert), []).append(alert)
        for message in alert.notifications.all():
            if message.status == NotificationStatus.HELD:
                held.setdefault(message.recipient_id, []).append(alert)
    beat = Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
    return _Standing(
        alerts, set(snoozes_in_force(now).values_list("alert_id", "by_id")), held,
        unchecked_since=beat, is_checked=beat is not None and now - beat <= LATE,
    )  # fmt: skip


def _place(alert: Alert) -> Place:
    participant = alert.deadline.participant
    return participant.study_id, participant.site_id


def _written(reader: _Reader, standing: _Standing, now: datetime) -> Message | None:
    """The digest; None for somebody who only reads and for whom nothing stands open."""
    held, others = _addressed(reader, standing)
    if not (reader.acts or held or others):
        return None
    occasion = DigestOccasion(
        day=reader.today(now), zone=reader.site.zone, site=reader.site.name_in(reader.user.language),
        digest_at=reader.user.digest_at, held=_lines(held, reader), standing=_lines(others, reader),
        is_checked=standing.is_checked, unchecked_since=standing.unchecked_since,
    )  # fmt: skip
    return emails.digest(occasion, reader.user.language)


def _addressed(reader: _Reader, standing: _Standing) -> tuple[list[Alert], list[Alert]]:
    """What is held for the reader, and what else stands open for one of her roles and is not snoozed by her."""
    mine = [alert for place in reader.roles for alert in standing.alerts.get(place, []) if _is_for(reader, alert)]
    waiting = {alert.pk for alert in standing.held.get(reader.user.pk, [])}
    held = [alert for alert in mine if alert.pk in waiting]
    others = [
        alert
        for alert in mine
        if alert.pk not in waiting and (alert.pk, reader.user.pk) not in standing.snoozed
    ]  # fmt: skip
    return held, others


def _is_for(reader: _Reader, alert: Alert) -> bool:
    """Whether a role that she holds is told, or she was told in person, as the PI is for a role that nobody holds."""
    told = {*alert.tell, *(alert.escalates_to if alert.escalated_at else [])}
    in_person = any(message.recipient_id == reader.user.pk for message in alert.notifications.all())
    return in_person or bool(told & reader.roles[_place(alert)])


def _lines(alerts: Iterable[Alert], reader: _Reader) -> tuple[DigestLine, ...]:
    """By due time; what has none is owed at once and comes first."""
    return tuple(_line(alert, reader) for alert in sorted(alerts, key=_soonest))


def _soonest(alert: Alert) -> tuple[float, int]:
    due_at = still_to_keep(alert)
    return (due_at.timestamp() if due_at else 0.0), alert.pk


def _line(alert: Alert, reader: _Reader) -> DigestLine:
    participant: Participant = alert.deadline.participant
    return DigestLine(
        participant_id=participant.pk, subject_number=participant.subject_number, clause=alert.deadline.clause,
        say=alert.say_in(reader.user.language), due_at=still_to_keep(alert), zone=participant.zone,
        urgent=alert.urgent, acknowledged=alert.status == AlertStatus.ACKNOWLEDGED,
    )  # fmt: skip

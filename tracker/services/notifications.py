"""Notifications: who is told, in which words, and what is taken back when it no longer holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from tracker import emails
from tracker.emails import Message, Occasion
from tracker.models import (
    UNREACHED,
    UNSEEN,
    Alert,
    Notification,
    NotificationKind,
    NotificationStatus,
    Participant,
    Resolution,
    Role,
    User,
)
from tracker.services.delivery import deliver_due
from tracker.services.digests import write_due
from tracker.services.occasions import next_instants, occasion_of
from tracker.services.quiet import held_until, next_digest, quiet_ends
from tracker.services.recipients import Staff, Told, own_site

__all__ = [
    "deliver_due",
    "escalate",
    "has_gone_on",
    "renew",
    "silent_roles",
    "tell_instead",
    "tell_of",
    "with_silent_roles",
    "withdraw",
    "write_due",
]

_TOLD_OF_WITHDRAWAL = (Resolution.PLAN_MOVED, Resolution.CORRECTED)
_MAY_HAVE_ARRIVED = (NotificationStatus.SENT, NotificationStatus.SENDING)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A kind of message, and the function that writes it."""

    kind: NotificationKind
    write: Callable[[Occasion, str], Message]


def tell_of(raised: Iterable[tuple[Alert, Participant]], now: datetime) -> None:
    """Queue the first message about each alert to everybody who holds a role that it tells: all of them together."""
    letter, staff = _Letter(NotificationKind.FIRST, emails.reminder), Staff(now)
    rows: list[Notification] = []
    for alert, participant in raised:
        told, unreachable = staff.told_of(participant, alert.tell, urgent=alert.urgent)
        rows += [_row(alert, participant, each, letter, now) for each in told]
        _note_unreachable(alert, unreachable)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def escalate(alert: Alert, participant: Participant, now: datetime) -> None:
    """Queue a message to the next roles, since nobody has acknowledged the alert."""
    _queue(alert, participant, alert.escalates_to, _Letter(NotificationKind.ESCALATED, emails.escalation), now)


def with_silent_roles(alerts: list[Alert]) -> list[Alert]:
    """Those of the alerts that tell a role whose addresses are refused: one query if there is none."""
    refused = Notification.objects.filter(alert__in=alerts, status__in=UNREACHED).values_list("alert_id", flat=True)
    suspect = set(refused) if alerts else set()
    return [alert for alert in alerts if alert.pk in suspect and silent_roles(alert)]


def silent_roles(alert: Alert) -> list[str]:
    """The roles told since the alert was raised, or told anew, of which nobody can be reached at her address."""
    told = alert.notifications.filter(created_at__gte=alert.told_at).exclude(kind=NotificationKind.WITHDRAWN)
    reached: dict[str, bool] = {}
    for role, status in told.order_by("pk").values_list("role", "status"):
        reached[role] = reached.get(role, False) or status not in UNREACHED
    return [role for role, is_reached in reached.items() if not is_reached]


def has_gone_on(alert: Alert) -> bool:
    """Whether somebody of the next roles was told since, or will be."""
    told = alert.notifications.filter(created_at__gte=alert.told_at, kind=NotificationKind.ESCALATED)
    return told.exclude(status__in=UNREACHED).exists()


def tell_instead(alert: Alert, participant: Participant, silent: Iterable[str], now: datetime) -> bool:
    """Queue a message to the principal investigators in place of roles that nobody can be reached in, as for empty
    ones; not to those who have one already. Whether any of them can be reached.
    """
    told, _none = Staff(now).told_of(participant, (Role.PI,))
    there = set(alert.notifications.filter(created_at__gte=alert.told_at).values_list("recipient_id", flat=True))
    fault = _("%(role)s: the address was refused; the PI is told instead.") % {"role": ", ".join(silent)}
    missing = [
        Told(each.recipient, each.role, fault, each.instead_of) for each in told if each.recipient.pk not in there
    ]
    _write(alert, participant, missing, _Letter(NotificationKind.FIRST, emails.reminder), now)
    return any(not each.recipient.is_unreachable for each in told)


def renew(alert: Alert, participant: Participant, roles: Iterable[str], now: datetime) -> None:
    """Queue a message to everybody who was told: what was acknowledged is void. It replaces what was not yet sent."""
    alert.notifications.filter(status__in=UNSEEN).update(status=NotificationStatus.WITHDRAWN)
    _queue(alert, participant, roles, _Letter(NotificationKind.RENEWED, emails.renewal), now)


def withdraw(alert: Alert, participant: Participant, now: datetime) -> None:
    """Take back what was not sent; tell those who may have read it, where it had become wrong and not just done."""
    queued = list(
        alert.notifications.select_related("recipient", "instead_of").exclude(kind=NotificationKind.WITHDRAWN)
    )
    alert.notifications.filter(status__in=UNSEEN).update(status=NotificationStatus.WITHDRAWN)
    if alert.resolution not in _TOLD_OF_WITHDRAWAL:
        return
    readers = {row.recipient_id: row for row in queued if row.status in _MAY_HAVE_ARRIVED}
    told = [Told(row.recipient, row.role, row.fault, row.instead_of) for row in readers.values()]
    _write(alert, participant, told, _Letter(NotificationKind.WITHDRAWN, emails.withdrawal), now)


def _queue(alert: Alert, participant: Participant, roles: Iterable[str], letter: _Letter, now: datetime) -> None:
    told, unreachable = Staff(now).told_of(participant, roles, urgent=alert.urgent)
    _write(alert, participant, told, letter, now)
    _note_unreachable(alert, unreachable)


def _note_unreachable(alert: Alert, unreachable: list[str]) -> None:
    if unreachable:
        words = {"roles": ", ".join(unreachable)}
        alert.fault = _("Nobody could be told: no active %(roles)s and no active PI.") % words
        alert.save(update_fields=["fault"])


def _write(alert: Alert, participant: Participant, told: Iterable[Told], letter: _Letter, now: datetime) -> None:
    """One row for each reader, in the reader's language, exactly as it will go out."""
    rows = [_row(alert, participant, each, letter, now) for each in told]
    # Who is told again in the same way, as the holder of another role, has the message already.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def _row(alert: Alert, participant: Participant, told: Told, letter: _Letter, now: datetime) -> Notification:
    language = told.recipient.language
    message = letter.write(occasion_of(alert, participant, told, now), language)
    wait = None if letter.kind == NotificationKind.WITHDRAWN else _wait(alert, participant, told.recipient, now)
    status = NotificationStatus.HELD if wait else NotificationStatus.PENDING
    if told.recipient.is_unreachable:
        wait, status = None, NotificationStatus.SUPPRESSED
    return Notification(
        alert=alert, recipient=told.recipient, role=told.role, kind=letter.kind, language=language, round=alert.round,
        held_until=wait, status=status,
        subject=message.subject[:300], text_body=message.text, html_body=message.html,
        message_id=_message_id(alert, told, letter.kind, now), created_at=now, fault=told.fault,
        instead_of=told.instead_of,
    )  # fmt: skip


def _wait(alert: Alert, participant: Participant, reader: User, now: datetime) -> datetime | None:
    """How long the reader's quiet hours hold a message; None: it goes out at once."""
    ends = None if alert.urgent else quiet_ends(reader, now, participant.zone)
    if ends is None:
        return None
    site = own_site(reader, now) or participant.site
    digest = next_digest(reader, ends, site.zone) if reader.wants_digest else None
    return held_until(ends, digest, next_instants(alert, participant, now))


def _message_id(alert: Alert, told: Told, kind: NotificationKind, now: datetime) -> str:
    """The same for every attempt to send a row, so that a mail server or reader can tell a repetition."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<daymark.{alert.pk}.{told.recipient.pk}.{kind.value}{alert.round or ''}.{now:%Y%m%d%H%M%S}@{host}>"

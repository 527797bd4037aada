"""Alerts as people read them: what to do, who was told and when, who is told next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.models import Alert, AlertStatus, Notification, Participant
from tracker.wording import Voice, clause_title, distance_words
from tracker.wording.clauses import ClauseWords, clause_words
from tracker.wording.joining import listed, phrased, told_together


@dataclass(frozen=True, slots=True)
class AlertWords:
    """One alert, in the reader's language and the site's time."""

    urgent: bool
    status: str
    status_label: str
    say: str
    clause: str
    words: ClauseWords
    due: str
    raised: str
    told: str
    next_told: str
    acknowledged: str
    url: str
    acknowledge_url: str
    snooze_url: str

    @property
    def is_open(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.status == AlertStatus.RAISED


def standing_alerts(participant: Participant) -> QuerySet[Alert]:
    """What is not resolved yet, urgent first."""
    alerts = Alert.objects.filter(deadline__participant=participant).exclude(status=AlertStatus.RESOLVED)
    return alerts.select_related("deadline", "acknowledged_by").prefetch_related("notifications__recipient")


def alert_words(voice: Voice, alert: Alert, now: datetime) -> AlertWords:
    """One alert in words."""
    acknowledged = ""
    if alert.acknowledged_by and alert.acknowledged_at:
        acknowledged = phrased([person(alert.acknowledged_by), voice.at(alert.acknowledged_at)])
        acknowledged += _(": “%(reason)s”") % {"reason": alert.acknowledged_note} if alert.acknowledged_note else ""
    return AlertWords(
        urgent=alert.urgent,
        status=alert.status,
        status_label=str(alert.get_status_display()).capitalize(),
        say=alert.say_in(voice.language),
        clause=clause_title(voice.protocol, alert.deadline.clause, voice.language),
        words=clause_words(voice, alert.deadline.clause),
        due=phrased([voice.through(alert.due_at), distance_words(alert.due_at, now)]) if alert.due_at else "",
        raised=voice.at(alert.raised_at),
        told=_told(voice, alert.notifications.all()),
        next_told=next_told(voice, alert),
        acknowledged=acknowledged,
        url=reverse("admin:tracker_alert_change", args=[alert.pk]),
        acknowledge_url=reverse("admin:tracker_alert_acknowledge", args=[alert.pk]),
        snooze_url=reverse("admin:tracker_alert_snooze", args=[alert.pk]),
    )


def person(user: object) -> str:
    """A member of staff by full name, or by the name they sign in with."""
    full = getattr(user, "get_full_name", lambda: "")()
    return str(full or user)


def role_words(voice: Voice, role: str) -> str:
    """A role by the protocol's label."""
    found = voice.protocol.roles.get(role)
    return voice.label(found) if found else role


def _told(voice: Voice, messages: Iterable[Notification]) -> str:
    """Everybody who was written to, with what became of the message."""
    said = []
    for message in sorted(messages, key=lambda each: each.pk):
        words = {"person": person(message.recipient), "role": role_words(voice, message.role)}
        when = voice.at(message.sent_at) if message.sent_at else str(message.get_status_display())
        said.append(phrased([_("%(person)s (%(role)s)") % words, when]))
    return told_together(said)


def next_told(voice: Voice, alert: Alert) -> str:
    """Who is told next, and when, unless somebody acknowledges; "" where nobody is."""
    if alert.status != AlertStatus.RAISED or alert.escalated_at or not alert.escalates_at or not alert.escalates_to:
        return ""
    roles = listed(role_words(voice, role) for role in alert.escalates_to)
    return _("Unless acknowledged, %(roles)s is told %(when)s.") % {
        "roles": roles,
        "when": voice.at(alert.escalates_at),
    }

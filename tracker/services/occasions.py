"""Occasions: what a message about an alert may say, gathered from the protocol and the set-up."""

from datetime import datetime

from tracker.emails import Occasion
from tracker.evaluation import protocol_of
from tracker.models import Alert, AlertStatus, DeadlineStatus, Participant
from tracker.services.recipients import Told
from workflow.expiry import EXPIRING
from workflow.protocol import Protocol
from workflow.reminders import Reminder
from workflow.site_calendar import SiteCalendar


def occasion_of(alert: Alert, participant: Participant, told: Told, now: datetime) -> Occasion:
    """What one reader is told of an alert."""
    language = told.recipient.language
    protocol = protocol_of(participant)
    next_at, next_roles = _next(alert, participant, protocol, now)
    others = alert.escalates_to if alert.escalated_at else alert.tell
    return Occasion(
        participant_id=participant.pk, subject_number=participant.subject_number, clause=alert.deadline.clause,
        say=alert.say_in(language), urgent=alert.urgent, due_at=still_to_keep(alert), zone=participant.zone,
        site=participant.site.name_in(language), role=_label(protocol, told.role, language),
        also_told=_labels(protocol, [role for role in others if role != told.role], language),
        next_at=next_at, next_told=_labels(protocol, next_roles, language), stands_in=told.instead_of is not None,
    )  # fmt: skip


def next_instants(alert: Alert, participant: Participant, now: datetime) -> list[datetime]:
    """When something of the alert's deadline happens next: its later rungs, its escalation, and its due time."""
    rungs = [at for at, _reminder in _later_rungs(alert, participant, protocol_of(participant)) if at > now]
    escalation = None if alert.escalated_at else alert.escalates_at
    return [*rungs, *(at for at in (escalation, still_to_keep(alert)) if at is not None)]


def still_to_keep(alert: Alert) -> datetime | None:
    """The due time; none where the step is over already and its gate turned out to have been wrong."""
    return None if alert.deadline.status == DeadlineStatus.ELIGIBILITY_INVALIDATED else alert.due_at


def _next(
    alert: Alert, participant: Participant, protocol: Protocol, now: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """When somebody else is told unless something changes, and who: the escalation or the next rung."""
    if alert.status == AlertStatus.RESOLVED:
        return None, ()
    coming = [(at, reminder.tell) for at, reminder in _later_rungs(alert, participant, protocol) if at > now]
    if alert.escalates_at and not alert.escalated_at:
        coming.append((alert.escalates_at, tuple(alert.escalates_to)))
    return min(coming, key=lambda pair: pair[0], default=(None, ()))


def _later_rungs(alert: Alert, participant: Participant, protocol: Protocol) -> list[tuple[datetime, Reminder]]:
    calendar = SiteCalendar(participant.zone)
    if alert.due_at is None or still_to_keep(alert) is None:
        return []
    return [
        (calendar.earlier_by(reminder.before_due, alert.due_at), reminder)
        for reminder in _ladder_of(alert.deadline.clause, protocol)
        if reminder.before_due is not None
    ]


def _ladder_of(clause: str, protocol: Protocol) -> tuple[Reminder, ...]:
    """Every reminder of a deadline, by its clause."""
    if protocol.expiring_evidence and clause.startswith(EXPIRING):
        return protocol.expiring_evidence.reminders
    rule = protocol.find_rule(clause)
    return rule.owed.reminders if rule and rule.owed else ()


def _labels(protocol: Protocol, roles: "list[str] | tuple[str, ...]", language: str) -> tuple[str, ...]:
    return tuple(_label(protocol, role, language) for role in roles)


def _label(protocol: Protocol, role: str, language: str) -> str:
    words = protocol.roles.get(role)
    if words is None:
        return role
    return words.label_zh if language.startswith("zh") else words.label

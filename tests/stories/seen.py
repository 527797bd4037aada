"""What people see at the end of a story: gates, obligations, alerts, and who was written to."""

from datetime import datetime

from tests.builders import at, fresh
from tracker.models import Alert, Notification, Participant, TrackedDeadline
from tracker.services import deadlines
from tracker.services.steps import gate_at
from workflow.findings import Finding
from workflow.stages import Step


def stops(participant: Participant, step: Step, when: str) -> dict[str, str]:
    """What stops a step that starts then, over everything recorded by now: clause and outcome. Empty: nothing does."""
    gate = gate_at(fresh(participant), step, at(when))
    return {finding.clause: finding.outcome.value for finding in gate.blocking} if gate else {}


def finding(participant: Participant, step: Step, when: str, clause: str) -> Finding:
    """One clause's answer in the gate of a step that starts then."""
    gate = gate_at(fresh(participant), step, at(when))
    assert gate is not None
    return next(each for each in gate.findings if each.clause == clause)


def answer(participant: Participant, step: Step, when: str, clause: str) -> str:
    """One clause's outcome in the gate of a step that starts then."""
    return finding(participant, step, when, clause).outcome.value


def owed(participant: Participant, clause: str, occurrence: int = 1) -> TrackedDeadline:
    """The obligation of a clause."""
    return participant.deadlines.get(clause=clause, occurrence=occurrence)


def live_until(participant: Participant, instant: str) -> None:
    """Sweep whenever the running system would have woken up."""
    while (wakes := fresh(participant).reassess_after) is not None and wakes <= at(instant):
        deadlines.sweep(wakes)


def standing(participant: Participant) -> list[tuple[str, datetime]]:
    """The alerts that somebody must still act on: rung, and since when."""
    alerts = Alert.objects.filter(deadline__participant=participant).exclude(status="resolved")
    return [(alert.rung, alert.raised_at) for alert in alerts.order_by("raised_at", "rung")]


def told(rung: str, kind: str = "first") -> set[str]:
    """The roles written to about a rung."""
    return set(Notification.objects.filter(alert__rung=rung, kind=kind).values_list("role", flat=True))


def told_at(rung: str) -> set[datetime]:
    """When the messages about a rung were written."""
    return set(Notification.objects.filter(alert__rung=rung).values_list("created_at", flat=True))

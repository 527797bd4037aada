"""What is owed and who is told, held against an evaluation made just now."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import connection, transaction

from tests.machine.holding import as_it_stood
from tracker.evaluation import protocol_of, timeline_of
from tracker.models import Alert, AlertStatus, DeviationStatus, Participant
from tracker.services import deadlines
from tracker.services.locking import lock
from workflow.answers import Evaluation
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.evaluation import evaluate
from workflow.facts import Fact
from workflow.findings import Finding
from workflow.site_calendar import TICK

TIMES = ("opens_at", "due_at", "valid_until", "required_through", "raised_at")
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_FAR = timedelta(days=4000)


def rows_are_the_answer(participant: Participant, answer: Evaluation) -> None:
    """Each deadline that is answered has its row, column by column; every other row is cancelled, without times."""
    answered = {
        (each.clause, each.occurrence): (each.status.value, *(getattr(each, name) for name in TIMES))
        for each in answer.deadlines
    }
    kept = {
        (row.clause, row.occurrence): (row.status, *(getattr(row, name) for name in TIMES))
        for row in participant.deadlines.all()
    }
    gone = dict.fromkeys(kept.keys() - answered.keys(), ("cancelled", *(None for _ in TIMES)))
    assert kept == answered | gone


def every_rung_due_has_its_one_alert(participant: Participant, answer: Evaluation) -> None:
    """Nothing that is owed is kept quiet, and nobody is bothered with anything else; whoever is told has a message.

    What the investigator has signed as a deviation, over all that it rests on, needs nobody any more.
    """
    due: list[tuple[Any, ...]] = [
        (each.clause, each.occurrence, each.rung.name, str(each.due_at), each.rung.urgent, list(each.rung.tell))
        for each in answer.deadlines
        if each.rung and not is_reviewed(participant, each)
    ]
    standing = standing_alerts(participant)
    told = [
        (each.deadline.clause, each.deadline.occurrence, each.rung, str(each.due_at), each.urgent, each.tell)
        for each in standing
    ]
    assert sorted(told) == sorted(due)
    assert all(alert.fault or alert.notifications.filter(kind="first").exists() for alert in standing)


def it_wakes_when_something_changes(
    participant: Participant, answer: Evaluation, now: datetime, woken_for: Collection[int]
) -> None:
    """The next reassessment is the earliest of the next change and the next escalation."""
    waiting = [
        alert.escalates_at
        for alert in standing_alerts(participant)
        if alert.escalated_at is None and (alert.status == AlertStatus.RAISED or alert.pk in woken_for)
    ]
    soonest = min((at for at in (answer.changes_at, *waiting) if at), default=None)
    assert participant.reassess_after == soonest
    assert soonest is None or soonest > now


def nothing_changes_until_then(participant: Participant, answer: Evaluation, now: datetime) -> None:
    """Asked at any instant before, the protocol answers the same."""
    until = participant.reassess_after or now + _FAR
    timeline, protocol = timeline_of(participant), protocol_of(participant.study)
    for instant in (until - TICK, now + (until - TICK - now) / 2):
        assert evaluate(protocol, timeline, instant) == answer


def reassessing_again_writes_nothing(participant: Participant, now: datetime) -> None:
    """Made equal once, the rows are equal."""
    written: list[str] = []

    def listen(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.lstrip().upper().startswith(_WRITES):
            written.append(sql)
        return execute(sql, *rest)

    with transaction.atomic(), connection.execute_wrapper(listen):
        deadlines.reconcile(lock(participant.pk), now)
    assert written == []


def is_reviewed(participant: Participant, deadline: Deadline) -> bool:
    """Whether the deviation of a wrong gate was signed after everything that shows it was recorded."""
    if deadline.status is not DeadlineStatus.ELIGIBILITY_INVALIDATED or deadline.due_at is None:
        return False
    shown = [fact.recorded_at for fact in facts_of(deadline.finding)]
    return any(
        deadline.clause in (each.clause, f"held_{step.step}" if each.clause == "hold" else "")
        and step.happened_at == deadline.due_at
        and all(recorded_at <= each.closed_at for recorded_at in shown)
        for each in participant.deviations.filter(status=DeviationStatus.CLOSED)
        if each.closed_at and (step := as_it_stood(each.step_record, each.closed_at))
    )


def facts_of(finding: Finding | None) -> Iterator[Fact]:
    """Everything a finding and its parts rest on."""
    if finding is not None:
        yield from finding.evidence
        yield from chain.from_iterable(facts_of(part) for part in finding.parts)


def standing_alerts(participant: Participant) -> list[Alert]:
    """The alerts of hers that are not resolved."""
    rows = Alert.objects.filter(deadline__participant=participant).exclude(status=AlertStatus.RESOLVED)
    return list(rows.select_related("deadline"))

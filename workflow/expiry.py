"""Evidence about to expire: it would let the next step pass now, and soon it will not any more."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from workflow.answers import Gate
from workflow.context import Horizon
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.reminders import Reminder, newest_rung
from workflow.rules.condition import Definition
from workflow.site_calendar import TICK, SiteCalendar

EXPIRING = "expiring_"
"""What the clause ids of evidence about to expire begin with; the id of the rule that it serves follows."""


class ExpiringEvidence(Definition):
    """Whom to warn before the evidence for the next step expires, and when it does, while nothing is planned."""

    title: str
    title_zh: str
    basis: Literal["protocol", "site practice", "reading"]
    reminders: tuple[Reminder, ...] = Field(min_length=1)

    def deadlines(
        self, gate: Gate, since: datetime | None, horizon: Horizon, calendar: SiteCalendar
    ) -> Iterator[Deadline]:
        """One for each rule of the gate whose evidence serves starts up to a known instant (closed): its due time.

        What had expired before `since`, when the step became the next one, was never meant for it.
        """
        for finding in gate.findings:
            due_at = finding.valid_until
            if due_at is None or (since and due_at < since):
                continue
            status = DeadlineStatus.OVERDUE if horizon.reached(due_at + TICK) else DeadlineStatus.OPEN
            known = max(fact.recorded_at for fact in finding.evidence)
            rung = newest_rung(self.reminders, due_at, known, horizon, calendar)
            yield Deadline(
                f"{EXPIRING}{finding.clause}", gate.occurrence, status, due_at=due_at, rung=rung, finding=finding
            )

"""Reminders as the protocol file orders them: when, to which role, how urgent, in which words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from workflow.context import Horizon
from workflow.deadlines import Rung
from workflow.findings import Outcome
from workflow.rules.condition import Definition, DurationText, ElapsedDuration
from workflow.site_calendar import SiteCalendar

StillOwed = Literal["not_met", "nothing_collected", "failing"]

_OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    "not_met": (Outcome.FAIL, Outcome.MISSING, Outcome.STALE, Outcome.PENDING),
    "nothing_collected": (Outcome.MISSING, Outcome.STALE),
    "failing": (Outcome.FAIL,),
}


class Escalation(Definition):
    """Whom to tell as well when nobody has acknowledged after so long."""

    after: ElapsedDuration
    to: tuple[str, ...] = Field(min_length=1)


class Reminder(Definition):
    """One rung: `before_due: PT72H`, or `at_once` when it becomes known; only while it is still owed as `if` says."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    before_due: DurationText | None = None
    at_once: bool = False
    if_: StillOwed = Field(default="not_met", alias="if")
    tell: tuple[str, ...] = Field(min_length=1)
    urgent: bool = False
    say: str
    say_zh: str
    escalate: Escalation | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if self.at_once == (self.before_due is not None):
            raise ValueError("a reminder has either before_due or at_once")
        return self

    def fires_at(self, due_at: datetime, known: datetime, calendar: SiteCalendar) -> datetime:
        """So long before the due time; or, told at once, when it became known."""
        return known if self.before_due is None else calendar.earlier_by(self.before_due, due_at)

    def is_owed(self, outcome: Outcome) -> bool:
        """Whether a rule that answers so still leaves this to be done."""
        return outcome in _OUTCOMES[self.if_]


class Owed(Definition):
    """What a rule makes somebody owe, with the ladder of reminders; the ladder's own basis is named."""

    basis: Literal["protocol", "site practice", "reading"]
    reminders: tuple[Reminder, ...] = Field(min_length=1)


def rung_of(reminder: Reminder, fires_at: datetime) -> Rung:
    """The reminder as a rung that became due at an instant."""
    escalate = reminder.escalate
    return Rung(
        reminder.name, fires_at, reminder.tell, reminder.urgent, reminder.say, reminder.say_zh,
        escalate.to if escalate else (), escalate.after if escalate else None,
    )  # fmt: skip


def newest_rung(
    reminders: Iterable[Reminder], due_at: datetime, known: datetime, horizon: Horizon, calendar: SiteCalendar
) -> Rung | None:
    """The newest reminder that is due: after an outage, or for a late plan, not the whole ladder.

    `known` is when what is told at once became known.
    """
    due = [
        (at, reminder) for reminder in reminders if horizon.reached(at := reminder.fires_at(due_at, known, calendar))
    ]
    latest = max(due, key=lambda pair: pair[0], default=None)
    return rung_of(latest[1], latest[0]) if latest else None

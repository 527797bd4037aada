"""Alarms: results that somebody must look at whenever they come, and plans whose time has passed without an answer."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from workflow.answers import Gate
from workflow.context import Context, Horizon
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.facts import Fact
from workflow.reminders import Reminder, rung_of
from workflow.rules.condition import Definition, ElapsedDuration

Basis = Literal["protocol", "site practice", "reading"]


class Alarm(Definition):
    """`result: serum_hcg` `is_any_of: [positive, indeterminate, rejected]`: told at once, from screening on.

    It stays open until a later result is none of these.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    title_zh: str
    basis: Basis
    result: str
    is_any_of: tuple[str, ...] = Field(min_length=1)
    reminder: Reminder

    def deadlines(self, now: Context, horizon: Horizon) -> Iterator[Deadline]:
        """One for every such result of the episode; only the latest result can leave it open.

        They are numbered in the order in which they were recorded, so that one recorded late renumbers none.
        """
        out = [fact for fact in now.in_episode(self.result) if _is_out(fact, horizon)][::-1]
        alarming = sorted((fact for fact in out if fact.value in self.is_any_of), key=now.timeline.first_recorded)
        for number, fact in enumerate(alarming, start=1):
            is_open = fact is out[-1]
            yield Deadline(
                self.id, number, DeadlineStatus.OPEN if is_open else DeadlineStatus.MET, raised_at=fact.recorded_at,
                rung=rung_of(self.reminder, fact.recorded_at) if is_open else None,
            )  # fmt: skip


def _is_out(fact: Fact, horizon: Horizon) -> bool:
    return fact.value is not None and (fact.resulted_at is None or horizon.reached(fact.resulted_at))


class UnansweredPlans(Definition):
    """A plan whose time passes without its step is itself owed an answer: started, moved or cancelled?"""

    title: str
    title_zh: str
    basis: Basis
    after: ElapsedDuration
    reminder: Reminder

    def deadlines(self, planned: tuple[Gate, ...], horizon: Horizon) -> Iterator[Deadline]:
        """One for every open plan whose time has passed by so long."""
        for gate in planned:
            if gate.anchor and horizon.reached(due_at := self.after.after_instant(gate.anchor)):
                yield Deadline(
                    f"{PLAN}{gate.step}", gate.occurrence, DeadlineStatus.OVERDUE, opens_at=gate.anchor,
                    due_at=due_at, rung=rung_of(self.reminder, due_at),
                )  # fmt: skip


PLAN = "plan_"
"""What the clause ids of unanswered plans begin with; the step follows."""

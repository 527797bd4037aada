"""Alarms: results that somebody must look at whenever they come, and plans whose time has passed without an answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from workflow.deadlines import Deadline, DeadlineStatus
from workflow.reminders import Reminder, rung_of
from workflow.rules.condition import Definition, ElapsedDuration

if TYPE_CHECKING:
    from workflow.answers import Gate
    from workflow.facts import Fact
    from workflow.gates import GateKeeper

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

    def deadlines(self, keeper: "GateKeeper") -> Iterator[Deadline]:
        """One for every such result of the episode; only the latest result can leave it open."""
        out = [fact for fact in keeper.now.in_episode(self.result) if _is_out(fact, keeper)][::-1]
        alarming = [fact for fact in out if fact.value in self.is_any_of]
        for number, fact in enumerate(alarming, start=1):
            is_open = fact is out[-1]
            yield Deadline(
                self.id, number, DeadlineStatus.OPEN if is_open else DeadlineStatus.MET, raised_at=fact.recorded_at,
                rung=rung_of(self.reminder, fact.recorded_at) if is_open else None,
            )  # fmt: skip


def _is_out(fact: "Fact", keeper: "GateKeeper") -> bool:
    return fact.value is not None and (fact.resulted_at is None or keeper.horizon.reached(fact.resulted_at))


class UnansweredPlans(Definition):
    """A plan whose time passes without its step is itself owed an answer: started, moved or cancelled?"""

    title: str
    title_zh: str
    basis: Basis
    after: ElapsedDuration
    reminder: Reminder

    def deadlines(self, planned: tuple["Gate", ...], keeper: "GateKeeper") -> Iterator[Deadline]:
        """One for every open plan whose time has passed by so long."""
        for gate in planned:
            if gate.anchor and keeper.horizon.reached(due_at := self.after.after_instant(gate.anchor)):
                yield Deadline(
                    f"{PLAN}{gate.step}", gate.occurrence, DeadlineStatus.OVERDUE, opens_at=gate.anchor,
                    due_at=due_at, rung=rung_of(self.reminder, due_at),
                )  # fmt: skip


PLAN = "plan_"
"""What the clause ids of unanswered plans begin with; the step follows."""

"""The product made from a participant's cells: where it stands, and when that needs somebody's decision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from workflow.context import Context
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.facts import Fact
from workflow.reminders import Reminder, rung_of
from workflow.rules.condition import Definition

PRODUCT = "product_review"
"""The clause id of a product that needs a decision."""


class ProductState(Definition):
    """One state of the product: it begins with the event, and ends with the next event of any state."""

    label: str
    label_zh: str
    event: str
    needs_decision: bool = False


class Product(Definition):
    """The states in the order in which a product usually goes through them; a new collection begins again.

    Rules of the file say which steps wait for it; this says what it is called, and whom to tell when it fails.
    `decision` is the event by which the investigator takes it all the same.
    """

    title: str
    title_zh: str
    basis: Literal["protocol", "site practice", "reading"]
    decision: str
    states: Mapping[str, ProductState] = Field(min_length=1)
    reminder: Reminder

    def status(self, context: Context) -> "ProductStatus | None":
        """The state begun last, by when it happened; None before anything was collected."""
        return next(reversed(self._history(context)), None)

    def deadlines(self, now: Context) -> Iterator[Deadline]:
        """One for every time the product needed a decision; only the state it is in now can leave it open.

        They are numbered in the order in which they were recorded, so that one recorded late renumbers none.
        """
        if not any(now.latest(state.event) for state in self.states.values() if state.needs_decision):
            return
        history = self._history(now)
        troubled = [status for status in history if self.states[status.state].needs_decision]
        troubled.sort(key=lambda status: now.timeline.first_recorded(status.since))
        for number, status in enumerate(troubled, start=1):
            is_open, known = status is history[-1], status.since.recorded_at
            yield Deadline(
                PRODUCT, number, DeadlineStatus.OPEN if is_open else DeadlineStatus.MET, raised_at=known,
                rung=rung_of(self.reminder, known) if is_open else None,
            )  # fmt: skip

    def _history(self, context: Context) -> list["ProductStatus"]:
        """Every state begun in this episode, in order."""
        begun = [
            ProductStatus(name, fact) for name, state in self.states.items() for fact in context.in_episode(state.event)
        ]
        start = context.calendar.start
        return sorted(begun, key=lambda status: (start(status.since.at), status.since.recorded_at, status.since.key))


@dataclass(frozen=True, slots=True)
class ProductStatus:
    """The product is in a state, by its name in the protocol file, since an event."""

    state: str
    since: Fact

"""Definitions: what a protocol's file is made of, each a frozen value: labels, anchors, steps, holds, and the rules."""

from functools import cached_property
from typing import TYPE_CHECKING, Literal
from typing import Protocol as Structural

from pydantic import Field

from workflow.reminders import Owed
from workflow.rules.condition import CalendarDuration, Condition, Definition
from workflow.rules.happened import Happened
from workflow.stages import Step
from workflow.windows import Window

if TYPE_CHECKING:
    from workflow.rules.condition import Condition as AnyCondition

Basis = Literal["protocol", "site practice", "reading"]

HOLD = "hold"
"""The clause id of a hold."""

HELD = "held_"
"""What the clause ids of steps that were started on hold begin with; the step follows."""


class Label(Definition):
    """What staff call a thing, in English and in Simplified Chinese."""

    label: str
    label_zh: str


class Titled(Structural):
    """Whatever of the file is told to people under a heading of its own."""

    @property
    def title(self) -> str:
        """The heading in English."""

    @property
    def title_zh(self) -> str:
        """The heading in Simplified Chinese."""

    @property
    def basis(self) -> Basis:
        """Where it comes from."""


class AnchorDefinition(Definition):
    """A name for the instant an event happened or is planned; or another name for such an instant."""

    event: str = ""
    same_as: str = ""


class StepDefinition(Label):
    """One step of the journey: the event that starts it, the one that ends it, and what must have come before.

    `once` steps cannot be repeated. `rejudges` names earlier gates whose rules are asked again, at their own instant
    over what is known by then, before this step may start. A `signed` step is signed by whoever records it.
    """

    starts: str
    ends: str = ""
    once: bool = False
    signed: bool = False
    needs: tuple[Happened, ...] = ()
    rejudges: tuple[Step, ...] = ()


class Exit(Happened):
    """An event that ends the journey; with `stops`, one that ends these steps only, while the rest goes on."""

    stops: tuple[Step, ...] = ()


class Through(Definition):
    """`{after: study_end, by: P2Y}`: through the same calendar day so much later."""

    after: str
    by: CalendarDuration


class Hold(Definition):
    """What stops steps whatever their rules say: an interval that the investigator or the sponsor opens and ends.

    A deviation that the principal investigator has not signed yet holds in the same way.
    """

    title: str
    title_zh: str
    basis: Basis
    concept: str
    guards: tuple[Step, ...]


class Lasts(Definition):
    """An obligation that lasts from an anchor through a day."""

    from_: str = Field(alias="from")
    through: Through


class Rule(Definition):
    """One clause: which step it guards, in the protocol's own words, and the condition it states.

    `basis` says whether the words are the protocol's, the site's practice, or a reading of an unclear clause.
    While it is unknown whether the clause applies, it is judged as if it did.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    gate: Step
    title: str
    title_zh: str
    text: str
    text_zh: str
    basis: Basis
    applies_when: "AnyCondition | None" = None
    condition: "AnyCondition"
    owed: Owed | None = None
    lasts: Lasts | None = None

    @cached_property
    def window(self) -> Window:
        """The window of a rule that makes somebody owe something; the loader sees to it that there is one."""
        windows = (part.window() for part in walk(self.condition))
        return next(window for window in windows if window is not None)

    @property
    def quote(self) -> str:
        """The clause's words as a reader expects them: without the escapes of the record's mark-up."""
        return self.text.replace("\\", "")


def walk(condition: Condition) -> "list[Condition]":
    """A condition and everything it is made of."""
    return [condition, *(deeper for part in condition.parts() for deeper in walk(part))]

"""The whole answer of one evaluation: gates, deadlines, and when the answer next changes by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflow.deadlines import Deadline
from workflow.findings import Finding
from workflow.product import ProductStatus
from workflow.stages import Step


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules that guard one start of one step, judged.

    `anchor` is the start it was judged for: None for "may it start now", the actual start of a step that happened, or
    the planned start. `occurrence` counts the starts of this step from 1. A finding with clause "order" or "terminal"
    means that the journey itself refuses; then the rules were not asked. `version` is the protocol's, whose rules they
    are: a start that happened is judged by the version the participant was under when it did.
    """

    step: Step
    occurrence: int
    anchor: datetime | None
    findings: tuple[Finding, ...]
    version: str

    @property
    def allowed(self) -> bool:
        """Whether every rule lets the step pass."""
        return all(finding.outcome.passes for finding in self.findings)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stop the step."""
        return tuple(finding for finding in self.findings if not finding.outcome.passes)

    @property
    def in_order(self) -> bool:
        """Whether the journey itself would let the step come next."""
        return not any(finding.clause in ("order", "terminal") for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the protocol says about one participant, over what a timeline knows, at `as_of`.

    `gates` answers "may this step start now" for every guarded step. `passed` judges every start that happened at its
    own instant over what is known now. `planned` judges every open plan as if the step started as planned.
    `deadlines` are all obligations, one per clause and occurrence. `next_step` is the step the journey expects next,
    None when it ended. `version` is the protocol's that the participant is under. `product` is where the product made
    of the participant's cells stands. The answer is the same for every instant from `as_of` up to, not including,
    `changes_at`.
    """

    as_of: datetime = field(compare=False)
    gates: Mapping[Step, Gate]
    passed: tuple[Gate, ...]
    planned: tuple[Gate, ...]
    deadlines: tuple[Deadline, ...]
    next_step: Step | None
    version: str
    product: ProductStatus | None = None
    changes_at: datetime | None = field(compare=False, default=None)

    def planned_gate(self, step: Step) -> Gate | None:
        """The gate of this step judged at its plan, if one is open."""
        return next((gate for gate in self.planned if gate.step is step), None)

    def deadline(self, clause: str) -> Deadline | None:
        """The obligation of the clause's latest occurrence."""
        found = [deadline for deadline in self.deadlines if deadline.clause == clause]
        return max(found, key=lambda deadline: deadline.occurrence, default=None)

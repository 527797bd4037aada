"""Protocol: one version of one trial, as frozen values read from its file."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, PrivateAttr

from workflow.alarms import PLAN, Alarm, UnansweredPlans
from workflow.concepts import Concept
from workflow.definitions import (
    HELD,
    HOLD,
    AnchorDefinition,
    Basis,
    Exit,
    Hold,
    Label,
    Rule,
    StepDefinition,
    Titled,
    walk,
)
from workflow.expiry import EXPIRING, ExpiringEvidence
from workflow.plausibility import Questioned
from workflow.product import PRODUCT, Product
from workflow.reminders import Reminder
from workflow.rules.absence import Absence
from workflow.rules.condition import Definition
from workflow.stages import Stage, Step
from workflow.vocabulary import Derivation

if TYPE_CHECKING:
    from fractions import Fraction

    from workflow.rules.condition import Condition as AnyCondition


class Origin(NamedTuple):
    """Where a protocol was read: its file's name without the ending, what identifies its content, what it amends."""

    name: str = ""
    hash: str = ""
    amended: "Protocol | None" = None


class Protocol(Definition):
    """One version of one trial. Site-independent: it holds no participant, no date and no clock."""

    id: str
    version: str
    amends: str = ""
    title: str
    title_zh: str
    has_day_zero: bool = True
    target_number: int = Field(ge=1)
    dose_levels: tuple[str, ...] = ()
    readings: Mapping[str, str]
    not_in_protocol: tuple[str, ...] = ()
    roles: Mapping[str, Label]
    stages: Mapping[Stage, Label]
    exits: tuple[Exit, ...]
    answers: Mapping[str, Label]
    concepts: Mapping[str, Concept]
    anchors: Mapping[str, AnchorDefinition]
    conditions: Mapping[str, "AnyCondition"]
    steps: Mapping[Step, StepDefinition]
    rules: tuple[Rule, ...]
    when_invalidated: Reminder
    when_reported_against_gate: Reminder | None = None
    alarms: tuple[Alarm, ...] = ()
    hold: Hold
    unanswered_plans: UnansweredPlans
    expiring_evidence: ExpiringEvidence | None = None
    product: Product | None = None
    questioned: Questioned | None = None
    _origin: Origin = PrivateAttr(default=Origin())

    def read_from(self, origin: Origin) -> "Protocol":
        """The same rules, knowing where they were read."""
        known = self.model_copy()
        known._origin = origin  # noqa: SLF001 - a copy of its own
        return known

    @property
    def name(self) -> str:
        """The name of its file without the ending; "" for what was read from no file."""
        return self._origin.name

    @property
    def hash(self) -> str:
        """What identifies its content: see `amendments.fingerprint`."""
        return self._origin.hash

    @property
    def lineage(self) -> tuple["Protocol", ...]:
        """This version and those that it amends, newest first."""
        amended = self._origin.amended
        return (self, *(amended.lineage if amended else ()))

    @property
    def told_of_reports(self) -> Reminder:
        """The reminder for a step that is reported although its gate would have stopped it."""
        return self.when_reported_against_gate or self.when_invalidated

    @cached_property
    def _rules_by_gate(self) -> Mapping[Step, tuple[Rule, ...]]:
        return {step: tuple(rule for rule in self.rules if rule.gate is step) for step in Step}

    @cached_property
    def journey_events(self) -> frozenset[str]:
        """The concepts whose happening moves the journey on or back: starts and ends of steps, and what undoes them."""
        needs = [need for step in self.steps.values() for need in step.needs]
        undoing = {concept for need in needs for concept in need.later_than_any}
        named = {concept for step in self.steps.values() for concept in (step.starts, step.ends) if concept}
        return frozenset(named | undoing | {need.event for need in needs})

    @cached_property
    def _rules_by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _events(self) -> Mapping[str, str]:
        return {name: self._resolve(anchor) for name, anchor in self.anchors.items()}

    def _resolve(self, anchor: AnchorDefinition) -> str:
        return anchor.event or self._resolve(self.anchors[anchor.same_as])

    def rule(self, clause: str) -> Rule:
        """The rule with this id. Raises KeyError."""
        return self._rules_by_id[clause]

    def find_rule(self, clause: str) -> Rule | None:
        """The rule with this id; None for alarms, unanswered plans and the journey's own refusals."""
        return self._rules_by_id.get(clause)

    def step_of(self, clause: str) -> Step | None:
        """The step that a clause is about: guarded by it, planned, started on hold, or waiting; None for an alarm."""
        for prefix in (PLAN, HELD):
            if clause.startswith(prefix):
                return Step(clause.removeprefix(prefix))
        rule = self.find_rule(clause.removeprefix(EXPIRING))
        return rule.gate if rule else None

    def basis_of(self, clause: str) -> Basis:
        """Where a clause comes from; the journey's own order and end come from the protocol. Raises KeyError."""
        return "protocol" if clause in ("order", "terminal") else self._meant_by(clause)[0].basis

    def heading(self, clause: str) -> Label:
        """What staff call a clause, an alarm, a hold, an unanswered plan … Raises KeyError for none of them."""
        titled, about = self._meant_by(clause)
        if about is None:
            return Label(label=titled.title, label_zh=titled.title_zh)
        return Label(label=f"{about.label}: {titled.title}", label_zh=f"{about.label_zh}：{titled.title_zh}")

    def _meant_by(self, clause: str) -> tuple[Titled, Label | None]:
        """What a clause's id stands for, and the step or the rule that it is about, where its title names none.

        A clause that fell away is what it was in the version before.
        """
        for prefix, titled in ((PLAN, self.unanswered_plans), (HELD, self.hold)):
            if clause.startswith(prefix):
                return titled, self.steps[Step(clause.removeprefix(prefix))]
        if self.expiring_evidence and clause.startswith(EXPIRING):
            return self.expiring_evidence, self.heading(clause.removeprefix(EXPIRING))
        found = (protocol.entitled(clause) for protocol in self.lineage)
        return next(filter(None, found), None) or self.rule(clause), None

    def entitled(self, clause: str) -> Titled | None:
        """What of this version has the id: a rule, an alarm, the hold or the product."""
        others = {HOLD: self.hold, PRODUCT: self.product} | {alarm.id: alarm for alarm in self.alarms}
        return others.get(clause) or self.find_rule(clause)

    def reminders_of(self, clause: str) -> tuple[Reminder, ...]:
        """Every reminder of a clause, an alarm, an unanswered plan …; none for what is told of in no way of its own."""
        titled, _about = self._meant_by(clause)
        if isinstance(titled, Rule):
            return titled.owed.reminders if titled.owed else ()
        if isinstance(titled, ExpiringEvidence):
            return titled.reminders
        if isinstance(titled, Hold):
            return (self.told_of_reports,)
        return (titled.reminder,) if isinstance(titled, Alarm | UnansweredPlans | Product) else ()

    def rules_for(self, step: Step) -> tuple[Rule, ...]:
        """The rules that guard a step, in the file's order."""
        return self._rules_by_gate[step]

    @cached_property
    def look_backs(self) -> Mapping[str, str]:
        """The documented look-back that each kind of event is looked for by."""
        conditions = [part for rule in self.rules for part in walk(rule.condition)]
        return {part.none: part.looked_for_by for part in reversed(conditions) if isinstance(part, Absence)}

    def cannot_be_undone(self, step: Step) -> bool:
        """Whether taking this step is irreversible: the steps for which the protocol sets conditions beforehand.

        Conditions stand exactly where there is no way back: an enrolment, a collection, a first dose, an infusion. A
        step that no rule guards, such as the start of follow-up, can be taken back with a correction.
        """
        return bool(self._rules_by_gate[step])

    def concepts_of(self, rule: Rule) -> frozenset[str]:
        """Every concept that may change the rule's answer, those that others are calculated from included."""
        conditions = walk(rule.condition) + (walk(rule.applies_when) if rule.applies_when else [])
        named = {concept for condition in conditions for concept in condition.concepts()}
        inputs = {used for name in named if (made := self.derivation_of(name)) for used in made.inputs.values()}
        return frozenset(named | inputs | {"consent"})

    def event_of(self, anchor: str) -> str:
        """The concept whose happening is the anchor."""
        return self._events[anchor]

    def carries_over(self, concept: str) -> bool:
        """Whether facts of earlier episodes still count."""
        return self.concepts[concept].carries_over

    def has_end(self, concept: str) -> bool:
        """Whether the concept lasts from a start to an end."""
        return self.concepts[concept].kind == "interval"

    def bridge_of(self, concept: str) -> "Fraction | None":
        """How many umol/L one mg/dL of the analyte is."""
        return self.concepts[concept].bridge

    def derivation_of(self, concept: str) -> Derivation | None:
        """How the concept is calculated."""
        return self.concepts[concept].derivation

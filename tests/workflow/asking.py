"""Asking one rule by itself, as a gate would, without the gate."""

from tests.workflow.builders import RELMA, Person, at
from workflow.context import Context, Horizon
from workflow.findings import Finding
from workflow.rules.condition import Condition
from workflow.rules.measure import Measure


def told(rule: Condition, person: Person, when: str, own_event: str = "") -> Finding:
    """What a rule says at an instant, asked for a step that starts with `own_event`."""
    return rule.judge(Context(RELMA, person.timeline(), Horizon(at(when)), own_event))


def measure(concept: str, **limit: str) -> Measure:
    """`measure("anc", at_least="1000 /uL")`."""
    return Measure.model_validate({"measure": concept, **limit})

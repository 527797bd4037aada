"""Which concepts staff record by hand, and how they are grouped on the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.services.entries import EXIT_CONCEPTS
from workflow.concepts import Concept
from workflow.definitions import walk
from workflow.protocol import Protocol
from workflow.rules.absence import Absence
from workflow.stages import Step


@dataclass(frozen=True, slots=True)
class Group:
    """Concepts that belong together, under one heading."""

    key: str
    title: str
    concepts: tuple[Concept, ...]


def step_concepts(protocol: Protocol) -> frozenset[str]:
    """The concepts that only a step records."""
    exits = {concept for step, concept in EXIT_CONCEPTS.items() if step is not Step.RESCREEN}
    return frozenset(exits | {definition.starts for definition in protocol.steps.values()})


def recordable(protocol: Protocol) -> tuple[Concept, ...]:
    """What a form may be offered for, in the protocol file's order."""
    by_steps = step_concepts(protocol)
    return tuple(
        concept
        for concept in protocol.concepts.values()
        if concept.kind != "derived" and not concept.study_level and concept.id not in by_steps
    )


def panel_concepts(protocol: Protocol) -> tuple[Concept, ...]:
    """What stands on the laboratory panel."""
    return tuple(concept for concept in recordable(protocol) if concept.panel and concept.kind == "quantity")


def measured_together(protocol: Protocol) -> tuple[Concept, ...]:
    """The rows of the panel: its tests, and what else a number is calculated from with one of them (the weight)."""
    panel = panel_concepts(protocol)
    tests = {concept.id for concept in panel}
    made = [set(each.derivation.inputs.values()) for each in protocol.concepts.values() if each.derivation]
    beside = {name for inputs in made if inputs & tests for name in inputs - tests}
    return panel + tuple(each for each in recordable(protocol) if each.id in beside)


def therapy_concepts(protocol: Protocol) -> tuple[Concept, ...]:
    """What stands in the therapy table."""
    return tuple(concept for concept in recordable(protocol) if concept.therapy)


def look_backs(protocol: Protocol) -> Mapping[str, tuple[str, ...]]:
    """Each documented look-back that a clause asks for, with everything that it looks for."""
    asked: dict[str, list[str]] = {}
    for rule in protocol.rules:
        for part in walk(rule.condition):
            if isinstance(part, Absence) and part.none not in asked.setdefault(part.looked_for_by, []):
                asked[part.looked_for_by].append(part.none)
    return {review: tuple(looked_for) for review, looked_for in asked.items()}


def group_key(concept: Concept) -> str:
    """The group a concept belongs to."""
    if concept.kind == "quantity":
        return "laboratory" if concept.panel else "measurement"
    return {"interval": "event", "review": "review"}.get(concept.kind, concept.kind)


def groups(concepts: tuple[Concept, ...]) -> list[Group]:
    """The concepts by group, empty groups left out."""
    by_key: dict[str, list[Concept]] = {}
    for concept in concepts:
        by_key.setdefault(group_key(concept), []).append(concept)
    titles = group_titles()
    return [Group(key, titles[key], tuple(by_key[key])) for key in titles if key in by_key]


def group_titles() -> Mapping[str, str]:
    """The headings, in the order in which they are shown."""
    return {
        "result": _("Pregnancy and other coded tests"),
        "event": _("Events"),
        "laboratory": _("Laboratory"),
        "measurement": _("Measurements"),
        "answer": _("Attestations"),
        "review": _("Documented look-backs"),
        "date": _("Dates"),
    }

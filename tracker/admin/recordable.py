"""Which concepts staff record by hand, and how they are grouped on the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.services.entries import EXIT_CONCEPTS
from workflow.concepts import Concept
from workflow.protocol import Protocol
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

"""Which questions the next step asks that nobody has answered yet."""

from collections.abc import Iterable, Iterator

from tracker.admin.recordable import recordable
from workflow.answers import Gate
from workflow.concepts import Concept
from workflow.findings import Finding, Outcome
from workflow.protocol import Protocol


def answers(protocol: Protocol) -> tuple[Concept, ...]:
    """Everything that is attested by a choice, in the protocol file's order."""
    return tuple(concept for concept in recordable(protocol) if concept.kind == "answer")


def open_answers(protocol: Protocol, gate: Gate | None) -> tuple[Concept, ...]:
    """Of those, what a gate misses."""
    missing = set(_missing(gate.findings)) if gate else set()
    return tuple(concept for concept in answers(protocol) if concept.id in missing)


def _missing(findings: Iterable[Finding]) -> Iterator[str]:
    """What is missing for a clause, for one of its parts, or to know whether it applies at all."""
    for finding in findings:
        if finding.outcome is Outcome.MISSING:
            yield finding.subject
            yield from _missing(finding.parts)
            yield from _missing([finding.unless] if finding.unless else [])

"""Decisions: every gate that was judged when a step was recorded, judged again over what was known then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tracker.evaluation import evaluate_decision, versions_of
from tracker.models import StepRecord
from tracker.wording import short_hash
from workflow.answers import Gate
from workflow.stages import GUARDED_STEPS, Step

Outcomes = dict[str, tuple[str, ...]]
"""What each clause of a gate answered; several, sorted, where several findings answer for one clause."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One step whose gate was judged, and that gate as it comes out again. `difference` is "" where both agree.

    Where the protocol file is not there any more the gate is empty.
    """

    record: StepRecord
    gate: Gate
    difference: str


def decisions(records: Iterable[StepRecord]) -> Iterator[Decision]:
    """Every decision among the steps; the others have no gate, and nothing is decided by taking a step back."""
    for record in records:
        if record.step in GUARDED_STEPS and not record.in_error:
            yield decision_of(record)


def decision_of(record: StepRecord) -> Decision:
    """A guarded step's decision, derived again. Raises KeyError for a step that has no gate."""
    try:
        gate = evaluate_decision(record).gates[Step(record.step)]
    except FileNotFoundError:
        file = f"{record.participant.first_protocol_id}.yaml"
        gone = Gate(Step(record.step), 0, record.happened_at, (), record.protocol_version)
        return Decision(record, gone, f"the protocol file {file} is not there any more")
    return Decision(record, gate, _other_rules(record, gate) or _difference(record, gate))


def _other_rules(record: StepRecord, gate: Gate) -> str:
    """What became of the rules that decided; "" where they are the same, or of which no hash was kept."""
    decided, versions = record.protocol_version, versions_of(record.participant)
    if decided not in versions:
        at_hand = ", ".join(versions)
        return f"decided by protocol version {decided}, whose file is not there any more (there: {at_hand})"
    found = versions[decided]
    if record.protocol_hash and record.protocol_hash != found.hash:
        was, reads = short_hash(record.protocol_hash), short_hash(found.hash)
        return f"the file of protocol version {decided} was changed: decided by {was}, {found.name}.yaml is {reads} now"
    if gate.version != decided:
        return f"decided by protocol version {decided}, but she was under version {gate.version}"
    return ""


def _difference(record: StepRecord, gate: Gate) -> str:
    try:
        kept = _outcomes((entry["clause"], entry["outcome"]) for entry in record.evidence)
    except (KeyError, TypeError):
        return "the evidence on record cannot be read"
    again = _outcomes((finding.clause, finding.outcome.value) for finding in gate.findings)
    clauses = [clause for clause in kept | again if kept.get(clause) != again.get(clause)]
    return "; ".join(f"{clause} was {_said(kept, clause)}, comes out {_said(again, clause)}" for clause in clauses)


def _outcomes(pairs: Iterable[tuple[Any, Any]]) -> Outcomes:
    found: dict[str, list[str]] = {}
    for clause, outcome in pairs:
        found.setdefault(str(clause), []).append(str(outcome))
    return {clause: tuple(sorted(outcomes)) for clause, outcomes in found.items()}


def _said(outcomes: Outcomes, clause: str) -> str:
    return " and ".join(outcomes.get(clause, ("not asked",)))

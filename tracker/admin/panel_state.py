"""What a panel would mean if it were saved now: for each row, and for the gate of the next step."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracker.admin.gate_card import ORDER, Card, Reader, card_of, next_gate
from tracker.services.entries import FactEntry
from tracker.services.panels import Foreseen
from tracker.services.questions import Question, question
from tracker.wording import Voice, describe
from tracker.wording.describe import basis_words, state_words
from workflow.answers import Gate
from workflow.findings import Finding, Outcome


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands beside the rows: `states` by concept, the questions, and the gate with how many answer how."""

    states: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    card: Card | None = None
    counts: tuple[tuple[str, str, int], ...] = ()

    @property
    def open(self) -> int:
        """How many questions wait for an answer."""
        return len(self.questions)

    def row(self, concept: str) -> dict[str, Any]:
        """What one row shows."""
        return self.states.get(concept, {})


def shown_of(reader: Reader, foreseen: Foreseen, entries: list[FactEntry], now: datetime) -> Shown:
    """Put what is foreseen into words."""
    gate = next_gate(foreseen.evaluation)
    typed = {entry.concept: entry for entry in entries}
    states = {
        name: _row(reader.voice, gate, name, typed.get(name), foreseen) for name in reader.voice.protocol.concepts
    }
    if gate is None:
        return Shown(states, foreseen.questions)
    return Shown(states, foreseen.questions, card_of(reader, gate, now), _counts(gate, len(foreseen.questions)))


def _row(
    voice: Voice, gate: Gate | None, concept: str, typed: FactEntry | None, foreseen: Foreseen
) -> dict[str, Any]:  # fmt: skip
    finding = _finding(voice, gate, concept)
    found: dict[str, Any] = {"needs": "", "state": "", "state_label": "", "kept": None}
    if typed and typed.kept:
        found["kept"] = question(voice.protocol, concept, typed.value, typed.unit)
    if finding is not None:
        words = describe(finding, voice.protocol, voice.zone, voice.language, voice.as_of)
        found["needs"] = _needs(voice, finding, concept, words.limit)
        if typed:
            found |= {"state": finding.outcome.value, "state_label": words.state_label}
    if concept in foreseen.questions and voice.protocol.questioned:
        found["basis"] = basis_words(voice.protocol.questioned.basis)
        found |= {"state": Outcome.PENDING.value, "state_label": _("Waits for your answer")}
    wrong = [said for name, messages in foreseen.errors.items() if name.startswith(f"{concept}.") for said in messages]
    return found | {"wrong": wrong}


def _needs(voice: Voice, finding: Finding, concept: str, limit: str) -> str:
    """What the clause asks for; with the number that is calculated, where that is what is compared."""
    if not limit:
        return ""
    words = _("needs %(limit)s") % {"limit": limit}
    if finding.number is None or finding.subject == concept:
        return words
    number = voice.number(finding.number, finding.unit)
    return _("%(concept)s %(number)s, %(needs)s") % {
        "concept": voice.concept(finding.subject), "number": number, "needs": words
    }  # fmt: skip


def _finding(voice: Voice, gate: Gate | None, concept: str) -> Finding | None:
    """The worst answer of the gate's clauses that read a concept."""
    protocol = voice.protocol
    reading = [
        finding
        for finding in (gate.findings if gate else ())
        if (rule := protocol.find_rule(finding.clause)) and concept in protocol.concepts_of(rule)
    ]
    return min(reading, key=lambda finding: ORDER.index(finding.outcome), default=None)


def _counts(gate: Gate, asked: int) -> tuple[tuple[str, str, int], ...]:
    """How many clauses are met, not met and missing, and how many questions wait."""
    found = Counter(finding.outcome for finding in gate.findings)
    open_ones = sum(found[each] for each in (Outcome.MISSING, Outcome.STALE, Outcome.PENDING))
    passing = found[Outcome.MET] + found[Outcome.NOT_APPLICABLE]
    counted = ((Outcome.MET, passing), (Outcome.FAIL, found[Outcome.FAIL]), (Outcome.MISSING, open_ones))
    told = tuple((outcome.value, state_words(outcome), number) for outcome, number in counted)
    return (*told, (Outcome.PENDING.value, _("Asked"), asked))

"""A gate as a checklist on paper: every condition in the protocol's order, as known when it was decided, or now."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from tracker.admin.alert_card import person
from tracker.admin.gate_card import ORDER, next_gate
from tracker.admin.signature_card import SignatureWords, signature_words
from tracker.admin.step_words import step_label
from tracker.evaluation import evaluate_participant
from tracker.models import Participant, Signature, StepRecord
from tracker.replaying.decisions import decision_of
from tracker.services.signatures import hash_of_gate
from tracker.wording import Voice, clause_title, day_words, describe, state_words, zone_words
from tracker.wording.joining import about, listed
from workflow.answers import Gate
from workflow.findings import Finding
from workflow.stages import GUARDED_STEPS, Step

SHORT_HASH = 12
"""How much of a hash is printed: enough to tell two answers apart, short enough to compare by eye."""


@dataclass(frozen=True, slots=True)
class Line:
    """One condition."""

    title: str
    clause: str
    basis: str
    evidence: str
    limit: str
    state: str
    state_label: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """One gate on paper.

    `known` is the instant whose knowledge it shows, to the second; `difference` says where a decision comes out
    otherwise than it was written down. `later` are the conditions that other steps ask for.
    """

    heading: str
    step: str
    judged_for: str
    known: str
    tally: str
    allowed: bool
    lines: tuple[Line, ...]
    later: tuple[tuple[str, str], ...]
    answer: str
    decided: bool
    difference: str = ""
    recorded_by: str = ""
    reason: str = ""
    signatures: tuple[SignatureWords, ...] = ()


def stamp(voice: Voice, instant: datetime) -> str:
    """An instant on paper, where no page around it says which year and which clock."""
    local = instant.astimezone(voice.zone)
    day = day_words(local.date(), voice.language, year=True)
    words = {"day": day, "clock": f"{local:%H:%M:%S}", "zone": zone_words(voice.zone, instant)}
    return _("%(day)s, %(clock)s (%(zone)s)") % words


def checklist_now(
    voice_at: Callable[[datetime], Voice], participant: Participant, step: Step, now: datetime
) -> Checklist:
    """The gate of a step that is not decided yet, as known now: for its plan, or for a start now."""
    evaluation = evaluate_participant(participant, as_of=now)
    gate = next_gate(evaluation) if evaluation.next_step is step else evaluation.gates[step]
    voice = voice_at(now)
    start = gate.anchor if gate else None
    judged = _("planned start, %(when)s") % {"when": stamp(voice, start)} if start else _("a start now")
    return _checklist(voice, gate or evaluation.gates[step], judged, now)


def checklist_of(voice_at: Callable[[datetime], Voice], record: StepRecord) -> Checklist:
    """The gate of a recorded step, for its own start, over what was written before it.

    Raises KeyError for a step that no gate guards.
    """
    decision, voice = decision_of(record), voice_at(record.recorded_at)
    signatures = record.signatures.select_related("signer", "step_record__fact", "step_record__participant__study")
    return _checklist(
        voice, decision.gate, stamp(voice, record.happened_at), record.recorded_at, decided=True,
        difference=decision.difference, recorded_by=person(record.recorded_by), reason=record.reason,
        signatures=tuple(_signed(voice, each) for each in signatures),
    )  # fmt: skip


def _signed(voice: Voice, signature: Signature) -> SignatureWords:
    """The signature, with its time to the second."""
    return replace(signature_words(voice, signature), when=stamp(voice, signature.signed_at))


def is_decision(record: StepRecord) -> bool:
    """Whether a gate was judged when the step was recorded."""
    return record.step in GUARDED_STEPS and not record.in_error


def _checklist(
    voice: Voice, gate: Gate, judged_for: str, known: datetime, *, decided: bool = False, difference: str = "",
    recorded_by: str = "", reason: str = "", signatures: tuple[SignatureWords, ...] = (),
) -> Checklist:  # fmt: skip
    step = step_label(voice, gate.step)
    return Checklist(
        heading=_("Eligibility checklist") if gate.step is Step.ENROL else _("Checklist: %(step)s") % {"step": step},
        step=step, judged_for=judged_for, known=stamp(voice, known), tally=_tally(gate), allowed=gate.allowed,
        lines=tuple(_line(voice, finding) for finding in gate.findings), later=_later(voice, gate),
        answer=hash_of_gate(gate)[:SHORT_HASH], decided=decided, difference=difference, recorded_by=recorded_by,
        reason=reason, signatures=signatures,
    )  # fmt: skip


def _line(voice: Voice, finding: Finding) -> Line:
    words = describe(finding, voice.protocol, voice.zone, voice.language, voice.as_of)
    own = words.basis_label if finding.clause and voice.protocol.basis_of(finding.clause) != "protocol" else ""
    return Line(words.title, finding.clause, own, words.evidence, words.limit, finding.outcome.value, words.state_label)


def _tally(gate: Gate) -> str:
    """How many conditions there are, and how many in each state."""
    found = Counter(finding.outcome for finding in gate.findings)
    counted = listed(
        _("%(state)s %(number)d") % {"state": state_words(outcome), "number": found[outcome]}
        for outcome in ORDER
        if found[outcome]
    )
    return about(_("%(number)d conditions") % {"number": len(gate.findings)}, counted)


def _later(voice: Voice, gate: Gate) -> tuple[tuple[str, str], ...]:
    """What the protocol asks at the steps after this one."""
    after = GUARDED_STEPS[GUARDED_STEPS.index(gate.step) + 1 :]
    rules = (rule for rule in voice.protocol.rules if rule.gate in after)
    return tuple((clause_title(voice.protocol, rule.id, voice.language), rule.id) for rule in rules)

"""Steps: the one function that moves a participant, and what it asks before it does."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import action_of
from tracker.errors import StepInvalid, StepNotPossible, SteppedByAnother, StepRefused, StepUnderWay
from tracker.evaluation import evaluate_participant, protocol_of
from tracker.models import FactStatus, Participant, RecordedFact, StepRecord, User
from tracker.models.machine import TransitionNotAllowed
from tracker.models.step_record import STEP_LABELS
from tracker.services import drafting, ledger, signatures, versions
from tracker.services.entries import EXIT_CONCEPTS
from tracker.services.signatures import Signing
from tracker.services.transactions import change_of
from tracker.wording import Voice
from workflow.answers import Gate
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS, Stage, Step
from workflow.versions import CONSENT


@dataclass(frozen=True, slots=True)
class _Move:
    """One step as somebody reports it."""

    step: Step
    happened_at: datetime
    by: User
    now: datetime
    reason: str
    reported_afterwards: bool
    detail: str


def take_step(
    *, participant: Participant, step: Step, happened_at: datetime, by: User, now: datetime, reason: str = "",
    reported_afterwards: bool = False, detail: str = "", expected_stage: str | None = None,
    signature: Signing | None = None,
) -> StepRecord:  # fmt: skip
    """Move a participant: stage, journal, fact, deadlines and alerts in one transaction, or nothing at all.

    The gate is judged for a start at `happened_at` over everything recorded by now. What already happened is never
    refused: with `reported_afterwards` and a reason it is recorded though the gate would have stopped it, and a
    deviation is drafted for each clause. `expected_stage` is the stage the person saw; `detail` goes with the fact;
    `signature` is demanded for the steps that the protocol file says are signed.

    Raises NotAllowed; SteppedByAnother when the stage is no longer the one seen, or the same start is recorded already;
    StepNotPossible when no edge leads from the stage; StepInvalid; StepRefused, which holds the gate; SignatureMissing,
    GateReadsOtherwise.
    """
    move = _Move(step, happened_at, by, now, reason.strip(), reported_afterwards, detail.strip())
    with change_of(participant, action_of(step), by=by, now=now, reason=move.reason) as row:
        _must_stand_where_seen(row, expected_stage)
        _must_be_possible(row, move)
        _must_make_sense(row, move)
        gate = gate_at(row, step, happened_at)
        if gate and not gate.in_order and _skips_the_infusion(row, step):
            raise _not_possible(step, row)
        if gate and not gate.allowed and not reported_afterwards:
            raise StepRefused(gate)
        if not is_signed(step, protocol_of(row)):
            return _take(row, move, gate)
        signing = signatures.demand(signature, by, signatures.hash_of_gate(gate))
        record = _take(row, move, gate)
        signatures.sign_step(record, signing, gate, now)
        return record


def gate_at(participant: Participant, step: Step, at: datetime) -> Gate | None:
    """The gate of a step for a start at an instant, over everything recorded by now; None for an unguarded step."""
    if step not in GUARDED_STEPS:
        return None
    return evaluate_participant(participant, as_of=at).gates[step]


def is_signed(step: Step, protocol: Protocol) -> bool:
    """Whether the protocol file asks whoever records the step to sign it."""
    definition = protocol.steps.get(step)
    return definition is not None and definition.signed


def concept_of(step: Step, protocol: Protocol) -> str:
    """The concept of the fact that a step records."""
    return EXIT_CONCEPTS.get(step) or protocol.steps[step].starts


def step_words(step: Step) -> str:
    """What people call a step."""
    return str(dict(STEP_LABELS)[step.value])


def words_of(participant: Participant) -> Voice:
    """The words for whoever acts on a participant, in the active language and the site's time."""
    return Voice(protocol_of(participant), participant.zone, get_language() or "en")


def _stage_words(stage: Stage, participant: Participant) -> str:
    voice = words_of(participant)
    return voice.label(voice.protocol.stages[stage])


def _not_possible(step: Step, participant: Participant) -> StepNotPossible:
    stage = Stage(participant.stage)
    return StepNotPossible(step, stage, (step_words(step), _stage_words(stage, participant)))


def _must_stand_where_seen(participant: Participant, expected_stage: str | None) -> None:
    if expected_stage is not None and participant.stage != expected_stage:
        seen, found = Stage(expected_stage), Stage(participant.stage)
        raise SteppedByAnother(seen, found, (_stage_words(seen, participant), _stage_words(found, participant)))


def _must_be_possible(participant: Participant, move: _Move) -> None:
    if move.step not in participant.possible_steps():
        raise _not_possible(move.step, participant)
    if not move.reported_afterwards and _is_under_way(participant, move.step):
        raise StepUnderWay(move.step, Stage(participant.stage))


def _skips_the_infusion(participant: Participant, step: Step) -> bool:
    """Whether somebody would be followed up without an infusion: that edge is for who withdrew from treatment."""
    return step is Step.FOLLOW_UP and participant.stage != Stage.INFUSION


def _is_under_way(participant: Participant, step: Step) -> bool:
    """Whether the step was the last one started and nothing recorded since says that it ended or came to nothing."""
    protocol = protocol_of(participant)
    definition = protocol.steps.get(step)
    if definition is None or not definition.ends:
        return False
    started = ledger.last_done(participant, definition.starts)
    if started is None or participant.stage != step.value:
        return False
    needs = [need for other in protocol.steps.values() for need in other.needs if need.event == definition.ends]
    over = {definition.ends, *(concept for need in needs for concept in need.later_than_any)}
    ends = (ledger.last_done(participant, concept) for concept in over)
    return not any(end and end.at >= started.at for end in ends)


def _must_make_sense(participant: Participant, move: _Move) -> None:
    errors: dict[str, list[str]] = {}
    last = participant.steps.standing().last()
    if move.happened_at > move.now:
        errors["happened_at"] = [_("This time lies in the future. Record the step when it has happened.")]
    elif last and move.happened_at < last.happened_at and not move.reported_afterwards:
        errors["happened_at"] = [_("This lies before the last recorded step.")]
    elif move.happened_at.astimezone(participant.zone).date() < participant.birth_date:
        errors["happened_at"] = [_("This lies before the date of birth.")]
    if move.reported_afterwards and not move.reason:
        errors["reason"] = [_("Give the reason.")]
    if len(move.reason) > 500:
        errors["reason"] = [_("At most 500 characters.")]
    if len(move.detail) > 500:
        errors["detail"] = [_("At most 500 characters.")]
    if errors:
        raise StepInvalid(errors)


def _take(participant: Participant, move: _Move, gate: Gate | None) -> StepRecord:
    came_from, rules = participant.stage, versions.decided_by(participant, gate)
    _walk(participant, move.step)
    record = StepRecord.objects.create(
        participant=participant, step=move.step.value, from_stage=came_from, to_stage=participant.stage,
        happened_at=move.happened_at, recorded_at=move.now, recorded_by=move.by, reason=move.reason,
        reported_afterwards=move.reported_afterwards, protocol_version=rules.version, protocol_hash=rules.hash,
        evidence=[drafting.evidence_of(finding) for finding in gate.findings] if gate else [],
        fact=_record_start(participant, move),
    )  # fmt: skip
    if gate and not gate.allowed:
        drafting.draft_for_step(record, gate, move.now)
    return record


def _walk(participant: Participant, step: Step) -> None:
    try:
        participant.move(step)
    except TransitionNotAllowed as error:
        raise _not_possible(step, participant) from error
    if step is Step.RESCREEN:
        participant.episode += 1
    participant.save(update_fields=["stage", "episode"])


def _record_start(participant: Participant, move: _Move) -> RecordedFact:
    """The step's fact: the next version of its plan, if that was made before the start; else a fact of its own."""
    concept = concept_of(move.step, protocol_of(participant))
    columns = {
        "concept": concept, "at": move.happened_at, "at_is_date": False, "status": FactStatus.DONE,
        "detail": move.detail,
    }  # fmt: skip
    if concept == CONSENT:
        columns["value"] = protocol_of(participant.study).version
    plan = ledger.open_plan(participant, concept)
    # A plan that was first made after this start is for the next one: it stays open.
    if plan and ledger.first_recorded(plan) <= move.happened_at:
        return ledger.add_version(plan, columns, by=move.by, now=move.now, reason=move.reason)
    return ledger.add(participant, columns, by=move.by, now=move.now, reason=move.reason)

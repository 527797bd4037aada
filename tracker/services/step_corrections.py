"""Steps corrected with a reason: moved to when they happened, or taken back because they never did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access
from tracker.access import EXITS, action_of
from tracker.errors import CorrectedByAnother, NotTheirsToTakeBack, StepInvalid, StoodUpon
from tracker.evaluation import evaluate_without, protocol_of
from tracker.models import Deviation, DeviationStatus, FactStatus, Participant, RecordedFact, StepRecord, User
from tracker.services import drafting, ledger, signatures, versions
from tracker.services.signatures import Signing
from tracker.services.steps import is_signed, step_words, words_of
from tracker.services.transactions import change_of
from workflow.answers import Gate
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS, Stage, Step


@dataclass(frozen=True, slots=True)
class _Correction:
    """What somebody says of a step that stands."""

    record: StepRecord
    reason: str
    by: User
    now: datetime


def correct_time(
    *, record: StepRecord, happened_at: datetime, reason: str, by: User, now: datetime, signature: Signing | None = None
) -> StepRecord:  # fmt: skip
    """Say when a step really happened; both rows stay, and the gate is judged for the corrected start.

    It is judged over everything recorded by now but this step itself. What would have stopped it drafts deviations, and
    later steps are held, as for a step reported afterwards. The time lies between those of the steps before and after.

    Raises NotAllowed; CorrectedByAnother where the record does not speak for a step any more; StepInvalid;
    SignatureMissing and GateReadsOtherwise where the protocol file says that the step is signed.
    """
    with change_of(record.participant, action_of(Step(record.step)), by=by, now=now, reason=reason.strip()) as row:
        standing = list(row.steps.standing().select_related("fact", "original"))
        correction = _Correction(_still_standing(record, standing), reason.strip(), by, now)
        _must_make_sense(correction, happened_at, row, standing)
        gate = gate_at_corrected_time(correction.record, happened_at)
        signing = _demanded(correction.record, signature, by, gate)
        fact = ledger.add_version(
            _newest(correction.record), {"at": happened_at, "at_is_date": False}, by=by, now=now,
            reason=correction.reason,
        )  # fmt: skip
        corrected = _moved(correction, happened_at, fact, gate)
        if signing:
            signatures.sign_step(corrected, signing, gate, now)
    return corrected


def take_back(
    *, record: StepRecord, reason: str, by: User, now: datetime, signature: Signing | None = None
) -> StepRecord:  # fmt: skip
    """Say that the last step never happened: the participant stands again where it was recorded from.

    Its fact is entered in error; the plan that it fulfilled comes back as it stood. Its unsigned deviations are void.

    Raises NotAllowed; CorrectedByAnother; StoodUpon where something was recorded on it; NotTheirsToTakeBack where
    deviations hang on it and the person may not close them, or brought one of them about; StepInvalid;
    SignatureMissing, GateReadsOtherwise.
    """
    with change_of(record.participant, action_of(Step(record.step)), by=by, now=now, reason=reason.strip()) as row:
        standing = list(row.steps.standing().select_related("fact", "original"))
        correction = _Correction(_still_standing(record, standing), reason.strip(), by, now)
        _must_be_the_last(correction.record, row, standing)
        if not may_take_back(correction.record, row, by, now):
            raise NotTheirsToTakeBack
        _refuse(_reason_errors(correction))
        signing = _demanded(correction.record, signature, by, None)
        fact = _undone(correction, row)
        back = _returned(correction, row, fact)
        deviations_of(back).filter(status=DeviationStatus.DRAFT).update(status=DeviationStatus.VOID, closed_at=now)
        if signing:
            signatures.sign_step(back, signing, None, now)
    return back


def gate_at_corrected_time(record: StepRecord, at: datetime) -> Gate | None:
    """The gate of a step for another start than the one on record, which is left out; None for an unguarded step."""
    if record.step not in GUARDED_STEPS:
        return None
    return evaluate_without(record, at).gates[Step(record.step)]


def what_stands_on(record: StepRecord, participant: Participant, standing: Sequence[StepRecord]) -> str:
    """What keeps a step from being taken back, as people call it: a later step, or its own end; "" for nothing."""
    if record.pk != standing[-1].pk:
        return step_words(Step(standing[-1].step))
    definition = protocol_of(participant).steps.get(Step(record.step))
    end = ledger.last_done(participant, definition.ends) if definition and definition.ends else None
    return words_of(participant).concept(end.concept) if end and end.at >= record.happened_at else ""


def may_take_back(record: StepRecord, participant: Participant, by: User, now: datetime) -> bool:
    """Whether this person may take the step back as far as its deviations go."""
    hanging = list(deviations_of(record).exclude(status=DeviationStatus.VOID))
    if not hanging:
        return True
    closes = access.may(by, access.Action.CLOSE_DEVIATION, participant, now.astimezone(participant.zone).date())
    return closes and not any(by.pk in deviation.reporters for deviation in hanging)


def deviations_of(record: StepRecord) -> QuerySet[Deviation]:
    """Every deviation from a step, however often the step was corrected."""
    first = record.first.pk
    own = Deviation.objects.filter(Q(step_record=first) | Q(step_record__original=first))
    return own.select_related("step_record")


def _still_standing(record: StepRecord, standing: Sequence[StepRecord]) -> StepRecord:
    found = next((each for each in standing if each.pk == record.pk), None)
    if found is None:
        raise CorrectedByAnother
    return found


def _must_be_the_last(record: StepRecord, participant: Participant, standing: Sequence[StepRecord]) -> None:
    if upon := what_stands_on(record, participant, standing):
        raise StoodUpon(upon)


def _must_make_sense(
    correction: _Correction, happened_at: datetime, participant: Participant, standing: Sequence[StepRecord]
) -> None:
    errors, record = _reason_errors(correction), correction.record
    said = _future_or_unborn(happened_at, participant, correction.now)
    if said := said or _out_of_place(record, happened_at, participant, standing):
        errors["happened_at"] = [said]
    _refuse(errors)


def _reason_errors(correction: _Correction) -> dict[str, list[str]]:
    if not correction.reason:
        return {"reason": [_("Give the reason.")]}
    return {"reason": [_("At most 500 characters.")]} if len(correction.reason) > 500 else {}


def _refuse(errors: dict[str, list[str]]) -> None:
    if errors:
        raise StepInvalid(errors)


def _future_or_unborn(happened_at: datetime, participant: Participant, now: datetime) -> str:
    if happened_at > now:
        return _("This time lies in the future. Record the step when it has happened.")
    is_unborn = happened_at.astimezone(participant.zone).date() < participant.birth_date
    return _("This lies before the date of birth.") if is_unborn else ""


def _out_of_place(
    record: StepRecord, happened_at: datetime, participant: Participant, standing: Sequence[StepRecord]
) -> str:
    """Why a step cannot have happened then, beside the steps before and after it; "" where it can.

    An end of the journey that became known late may lie before steps that were recorded before it.
    """
    if happened_at == record.happened_at:
        return _("This is the time on record.")
    place, voice = standing.index(record), words_of(participant)
    before = standing[place - 1] if place and Step(record.step) not in EXITS else None
    after = standing[place + 1] if place + 1 < len(standing) else None
    if before and happened_at < before.happened_at:
        words = {"step": step_words(Step(before.step)), "when": voice.at(before.happened_at)}
        return _("This lies before the step that came before it: %(step)s, %(when)s.") % words
    if after and happened_at > after.happened_at:
        words = {"step": step_words(Step(after.step)), "when": voice.at(after.happened_at)}
        return _("This lies after the step that came after it: %(step)s, %(when)s.") % words
    return ""


def _demanded(record: StepRecord, signature: Signing | None, by: User, gate: Gate | None) -> Signing | None:
    if not is_signed(Step(record.step), protocol_of(record.participant)):
        return None
    return signatures.demand(signature, by, signatures.hash_of_gate(gate))


def _newest(record: StepRecord) -> RecordedFact:
    """The speaking version of what the step recorded."""
    return RecordedFact.objects.filter(key=record.fact.key).order_by("-version")[0]


def _moved(correction: _Correction, happened_at: datetime, fact: RecordedFact, gate: Gate | None) -> StepRecord:
    record = correction.record
    stages = {"from_stage": record.from_stage, "to_stage": record.to_stage}
    evidence = [drafting.evidence_of(finding) for finding in gate.findings] if gate else []
    rules = versions.decided_by(record.participant, gate)
    corrected = _write(correction, fact, rules, happened_at=happened_at, evidence=evidence, **stages)
    if gate and not gate.allowed:
        drafting.draft_for_step(corrected, gate, correction.now)
    return corrected


def _undone(correction: _Correction, participant: Participant) -> RecordedFact:
    """The step's fact as it was before the start: the plan again, unless another was made since; else an error."""
    newest = _newest(correction.record)
    versions = RecordedFact.objects.filter(key=newest.key).exclude(status=FactStatus.DONE)
    plan = versions.order_by("version").last()
    changes: dict[str, Any] = {"status": FactStatus.ENTERED_IN_ERROR}
    if plan and plan.status == FactStatus.PLANNED and ledger.open_plan(participant, newest.concept) is None:
        changes = {name: getattr(plan, name) for name in ("status", "at", "at_is_date", "detail")}
    return ledger.add_version(newest, changes, by=correction.by, now=correction.now, reason=correction.reason)


def _returned(correction: _Correction, participant: Participant, fact: RecordedFact) -> StepRecord:
    """Walk back, and write that down."""
    record = correction.record
    participant.take_back(Stage(record.from_stage))
    if record.step == Step.RESCREEN:
        participant.episode -= 1
    participant.save(update_fields=["stage", "episode"])
    stages = {"from_stage": record.to_stage, "to_stage": record.from_stage}
    return _write(correction, fact, protocol_of(participant), happened_at=record.happened_at, in_error=True, **stages)


def _write(correction: _Correction, fact: RecordedFact, rules: Protocol, **columns: Any) -> StepRecord:
    record = correction.record
    return StepRecord.objects.create(
        participant=record.participant, step=record.step, recorded_at=correction.now, recorded_by=correction.by,
        reason=correction.reason, reported_afterwards=record.reported_afterwards, corrects=record,
        original=record.first, fact=fact, protocol_version=rules.version, protocol_hash=rules.hash, **columns,
    )  # fmt: skip

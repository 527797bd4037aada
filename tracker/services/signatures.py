"""Signatures: given under what was just recorded, and held against what is recorded now."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.access import roles_of
from tracker.errors import GateReadsOtherwise, SignatureMissing
from tracker.evaluation import deviation_key, protocol_of
from tracker.models import Deviation, Meaning, Participant, RecordedFact, Role, Signature, StepRecord, User
from tracker.services.drafting import evidence_of
from workflow.answers import Gate

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signing:
    """A person's will to sign, made only once their password was checked (or where nobody signs in: demo, replay).

    `shown` is the hash of what the gate answered on the page that was signed; "" where no page was shown.
    """

    signer: User
    shown: str = ""


@dataclass(frozen=True, slots=True)
class _OnRecord:
    """What is recorded now about what was signed: the newest version of each fact, and corrections in their order."""

    facts: Mapping[str, RecordedFact]
    corrections: Sequence[StepRecord]

    def speaking(self, record: StepRecord) -> StepRecord:
        """The row that speaks for a signed step now."""
        first = record.first.pk
        later = [each for each in self.corrections if each.original_id == first and each.pk > record.pk]
        return later[-1] if later else record


def demand(signing: Signing | None, by: User, shown: str) -> Signing:
    """The signing, if it is there and by the acting person. Raises SignatureMissing, GateReadsOtherwise."""
    if signing is None or signing.signer.pk != by.pk:
        raise SignatureMissing
    if signing.shown and signing.shown != shown:
        raise GateReadsOtherwise
    return signing


def sign_step(record: StepRecord, signing: Signing, gate: Gate | None, now: datetime) -> Signature:
    """Sign a step that was just recorded, or corrected. The caller's transaction holds both."""
    signature = Signature(meaning=meaning_of(record), step_record=record, evaluation_hash=hash_of_gate(gate))
    return _give(signature, signing, content_of_step(record), record.participant, now)


def meaning_of(record: StepRecord) -> Meaning:
    """What a signature under a step says: whoever reports or corrects it has not checked it before its start."""
    if record.corrects_id:
        return Meaning.CORRECTION
    return Meaning.REPORTED if record.reported_afterwards else Meaning(record.step)


def sign_deviation(deviation: Deviation, signing: Signing, now: datetime) -> Signature:
    """Sign a deviation with its texts as they stand. The caller's transaction closes it."""
    evaluation = hash_of(deviation.evidence)
    signature = Signature(meaning=Meaning.DEVIATION, deviation=deviation, evaluation_hash=evaluation)
    return _give(signature, signing, content_of_deviation(deviation), deviation.participant, now)


def still_covers(signature: Signature) -> bool:
    """Whether what was signed is what is recorded now."""
    return not changed_since(signature)


def changed_since(signature: Signature) -> tuple[str, ...]:
    """What was signed and reads otherwise now: concepts of facts, and keys of the content."""
    return _changed(signature, _on_record([signature]))


def changes_since(signatures: Sequence[Signature]) -> list[tuple[str, ...]]:
    """The same of several signatures, in their order: two queries, however many they are."""
    known = _on_record(signatures)
    return [_changed(signature, known) for signature in signatures]


def _changed(signature: Signature, known: _OnRecord) -> tuple[str, ...]:
    if hash_of(signature.content) != signature.content_hash:
        return ("signature",)
    now = _content_now(signature, known)
    if hash_of(now) == signature.content_hash:
        return ()
    kept = set(_facts(signature.content))
    moved = [concept for concept, key, version in _facts(now) if (concept, key, version) not in kept]
    texts = [key for key in now if key not in ("evidence", "fact") and now[key] != signature.content.get(key)]
    return tuple(dict.fromkeys([*moved, *texts]))


def hash_of(content: object) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no blanks, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of_gate(gate: Gate | None) -> str:
    """The hash of what a gate answers: outcomes, reasons, and versions of facts; not the instant asked about."""
    return hash_of([gate.step.value, [evidence_of(finding) for finding in gate.findings]] if gate else [])


def content_of_step(record: StepRecord) -> Content:
    """What a signature under a step covers."""
    fact = record.fact
    corrected = {"in_error": record.in_error, "reason": record.reason} if record.corrects_id else {}
    return {
        **_whose(record.participant, record), "step": record.step,
        "happened_at": _iso(record.happened_at), "evidence": record.evidence,
        "fact": {"key": str(fact.key), "version": fact.version, "concept": fact.concept}, **corrected,
    }  # fmt: skip


def content_of_deviation(deviation: Deviation) -> Content:
    """What a signature under a deviation covers."""
    step = deviation.step_record
    return {
        **_whose(deviation.participant, deviation), "step": step.step if step else "",
        "clause": deviation.clause, "description": deviation.description, "cause": deviation.cause,
        "impact": deviation.impact, "action": deviation.action, "evidence": [deviation.evidence],
    }  # fmt: skip


def _give(
    signature: Signature, signing: Signing, content: Content, participant: Participant, now: datetime
) -> Signature:
    signature.signer, signature.signed_at = signing.signer, now
    signature.role = _role(signing.signer, participant, now)
    signature.content, signature.content_hash = content, hash_of(content)
    signature.save()
    return signature


def _role(signer: User, participant: Participant, now: datetime) -> str:
    """The weightiest role held: investigators before everybody else."""
    held = roles_of(signer, participant, now.astimezone(participant.zone).date())
    order = (Role.PI, Role.SUB_I, *Role)
    return next((role.value for role in order if role.value in held), "")


def _whose(participant: Participant, decided: StepRecord | Deviation) -> Content:
    """Whose it is, and by which rules. What was decided before rules had a hash is signed without one."""
    rules = {"protocol": protocol_of(participant).id, "protocol_version": decided.protocol_version}
    hashed = {"protocol_hash": decided.protocol_hash} if decided.protocol_hash else {}
    return {"subject": participant.subject_number, **rules, **hashed}


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _on_record(signatures: Sequence[Signature]) -> _OnRecord:
    """What is on record now about everything that was signed."""
    records = [signature.step_record for signature in signatures if signature.step_record]
    corrections = StepRecord.objects.filter(original__in=[record.first.pk for record in records]).order_by("pk")
    contents = [content_of_step(record) for record in records]
    return _OnRecord(_latest(contents), list(corrections) if records else [])


def _content_now(signature: Signature, known: _OnRecord) -> Content:
    """The same content, as it is recorded now."""
    if signature.deviation is not None:
        return content_of_deviation(signature.deviation)
    record = signature.step_record
    if record is None:
        raise ValueError(f"signature {signature.pk} is under neither a step nor a deviation")
    content = content_of_step(record)
    latest, speaking = known.facts, known.speaking(record)
    own = latest.get(content["fact"]["key"], record.fact)
    evidence = [_with_latest(each, latest) for each in content["evidence"]]
    if speaking.in_error:
        # Its fact may be a plan again, or have started another time since.
        return {**content, "evidence": evidence, "in_error": True}
    return {
        **content, "happened_at": _iso(own.at), "fact": {**content["fact"], "version": own.version},
        "evidence": evidence,
    }  # fmt: skip


def _with_latest(evidence: Mapping[str, Any], latest: Mapping[str, RecordedFact]) -> Content:
    facts = [
        {**fact, "version": latest[fact["key"]].version} if fact["key"] in latest else fact
        for fact in evidence["facts"]
    ]
    return {**evidence, "facts": facts}


def _latest(contents: Iterable[Content]) -> dict[str, RecordedFact]:
    """The newest version of every recorded fact in these. A draft that held the step is no recorded fact."""
    named = (fact for content in contents for fact in _facts(content))
    keys = {key for _concept, key, _version in named if deviation_key(key) is None}
    rows = RecordedFact.objects.filter(key__in=keys).order_by("version")
    return {str(row.key): row for row in rows}


def _facts(content: Content) -> Iterator[tuple[str, str, int]]:
    named = [fact for each in content["evidence"] for fact in each["facts"]]
    for fact in [*named, *([content["fact"]] if "fact" in content else [])]:
        yield fact["concept"], fact["key"], fact["version"]

"""Panels: what was measured of one sample, saved together; and what that would mean before it is saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from tracker.errors import FactInvalid
from tracker.evaluation import evaluate_with, protocol_of
from tracker.models import Participant, RecordedFact, User
from tracker.services import facts
from tracker.services.entries import FactEntry
from tracker.services.laboratories import keep_limit, laboratory_named
from tracker.services.questions import Question, question
from workflow.answers import Evaluation
from workflow.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What saving a panel would mean: `errors` by `concept.field`, questions that wait, and the protocol's answer."""

    errors: Mapping[str, list[str]]
    questions: Mapping[str, Question]
    evaluation: Evaluation


def record(
    *, participant: Participant, laboratory: str, entries: Iterable[FactEntry], reasons: Mapping[str, str], by: User,
    now: datetime,
) -> list[RecordedFact]:  # fmt: skip
    """Record all results of one laboratory, or none, and remember its upper limits.

    `laboratory` is a name, "" for the site's own. `reasons` says for each concept why its upper limit changed. Raises
    NotAllowed, and FactInvalid whose keys are `concept.field`.
    """
    with transaction.atomic():
        measured_by = laboratory_named(participant.site, laboratory)
        told = [replace(entry, laboratory=measured_by) for entry in entries]
        recorded = facts.record_panel(participant=participant, entries=told, by=by, now=now)
        errors: dict[str, list[str]] = {}
        for fact in recorded:
            try:
                keep_limit(
                    measured_by, fact, participant=participant, reason=reasons.get(fact.concept, ""), by=by, now=now
                )
            except FactInvalid as invalid:
                errors |= {f"{fact.concept}.{name}": said for name, said in invalid.errors.items()}
        if errors:
            raise FactInvalid(errors)
    return recorded


def foresee(*, participant: Participant, entries: Iterable[FactEntry], now: datetime) -> Foreseen:
    """What is wrong, what is asked, and what the protocol would say; nothing is written.

    What is wrong, and what is asked about and not kept, is left out of the protocol's answer.
    """
    protocol = protocol_of(participant)
    entered: list[RecordedFact] = []
    errors: dict[str, list[str]] = {}
    asked: dict[str, Question] = {}
    for entry in entries:
        if found := _open_question(protocol, entry):
            asked[entry.concept] = found
        try:
            columns = facts.would_be(participant=participant, entry=entry, now=now)
        except FactInvalid as invalid:
            errors |= {f"{entry.concept}.{name}": said for name, said in invalid.errors.items()}
            continue
        if found is None:
            entered.append(RecordedFact(participant=participant, recorded_at=now, **columns))
    return Foreseen(errors, asked, evaluate_with(participant, entered, as_of=now))


def open_questions(protocol: Protocol, entries: Iterable[FactEntry]) -> dict[str, Question]:
    """What is to be asked about, by concept: numbers that people rarely have, and that nobody said to keep."""
    return {entry.concept: found for entry in entries if (found := _open_question(protocol, entry))}


def _open_question(protocol: Protocol, entry: FactEntry) -> Question | None:
    return None if entry.kept else question(protocol, entry.concept, entry.value, entry.unit)

"""`manage.py explain SUBJECT [--at T]`: what the protocol says about one participant, as text."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.evaluation import evaluate_participant, versions_of
from tracker.management.asking import instant_typed, participant_named
from tracker.models import Participant
from tracker.wording import Described, describe, is_chinese, moment_words, zone_words
from workflow.answers import Evaluation, Gate
from workflow.deadlines import Deadline
from workflow.findings import Outcome
from workflow.stages import Stage

_ORDER = (Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING, Outcome.MET, Outcome.NOT_APPLICABLE)


class Command(BaseCommand):
    """Prints gates with their findings, plans and deadlines; as known then, when --at is given."""

    help = "Explain a participant's evaluation: the next gate clause by clause, plans and deadlines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and as of when."""
        parser.add_argument("subject", help="the subject number")
        parser.add_argument("--at", help="an instant with its offset, over what was known then (default: now)")
        parser.add_argument("--study", default="", help="the study's code, where the number exists in several")
        parser.add_argument("--language", default="en", choices=("en", "zh-hans"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the explanation."""
        participant = participant_named(options["subject"], options["study"])
        as_of = instant_typed(options["at"]) if options["at"] else timezone.now()
        evaluation = evaluate_participant(participant, as_of=as_of, known=as_of)
        for line in _Teller(participant, evaluation, options["language"]).lines():
            self.stdout.write(line)


class _Teller:
    """One evaluation, line by line."""

    def __init__(self, participant: Participant, evaluation: Evaluation, language: str) -> None:
        self.participant = participant
        self.evaluation = evaluation
        self.language = language
        self.protocol = versions_of(participant)[evaluation.version]

    def lines(self) -> Iterator[str]:
        """Everything, from the top of the page down."""
        as_of = self.evaluation.as_of
        zone = zone_words(self.participant.zone, as_of)
        yield f"{self.participant.subject_number}, {self._stage(as_of)}, {self._at(as_of)} ({zone})"
        yield f"{self.protocol.id} version {self.protocol.version}, rules {self.protocol.hash}"
        for gate in self._gates():
            yield ""
            yield from self._gate(gate)
        if self.evaluation.deadlines:
            yield ""
            yield "Deadlines"
            yield from (f"  {self._deadline(deadline)}" for deadline in self.evaluation.deadlines)
        changes_at = self.evaluation.changes_at
        yield ""
        yield f"Changes by itself: {self._at(changes_at) if changes_at else 'never'}"

    def _stage(self, known: datetime) -> str:
        """The stage as it was known then."""
        last = self.participant.steps.standing(known).last()
        stage = Stage(last.to_stage) if last else Stage.SCREENING
        words = self.protocol.stages[stage]
        return words.label_zh if is_chinese(self.language) else words.label

    def _gates(self) -> Iterator[Gate]:
        """The gate of the next step now, then every open plan."""
        following = self.evaluation.next_step
        if following is not None and following in self.evaluation.gates:
            yield self.evaluation.gates[following]
        yield from self.evaluation.planned

    def _gate(self, gate: Gate) -> Iterator[str]:
        step = self.protocol.steps[gate.step]
        label = step.label_zh if is_chinese(self.language) else step.label
        when = f"as planned {self._at(gate.anchor)}" if gate.anchor else "now"
        yield f"{label}, {when}: {'may start' if gate.allowed else 'may not start yet'}"
        for finding in sorted(gate.findings, key=lambda finding: _ORDER.index(finding.outcome)):
            said = describe(finding, self.protocol, self.participant.zone, self.language, self.evaluation.as_of)
            yield from self._described(finding.clause, said)

    def _described(self, clause: str, said: Described) -> Iterator[str]:
        basis = f", {said.basis_label}" if said.basis_label else ""
        yield f"  {said.state_label:<15} {clause}: {said.title}{basis}"
        yield from (f"{'':18}{text}" for text in (said.evidence, said.limit, said.clear) if text)

    def _deadline(self, deadline: Deadline) -> str:
        times = {
            "opens": deadline.opens_at, "due": deadline.due_at, "evidence valid until": deadline.valid_until,
            "raised": deadline.raised_at,
        }  # fmt: skip
        said = [f"{name} {self._at(instant)}" for name, instant in times.items() if instant]
        if deadline.required_through:
            said.append(f"required through {deadline.required_through.isoformat()}")
        return ", ".join([f"{deadline.clause} {deadline.occurrence}: {deadline.status.value}", *said])

    def _at(self, instant: datetime) -> str:
        return moment_words(instant, self.participant.zone, self.language)

"""The player: lives through one journey as the real system would, and answers its questions on the way."""

from collections.abc import Iterator
from datetime import date, datetime

from tracker.access import action_of
from tracker.errors import Refused, StepInvalid, StepNotPossible, SteppedByAnother, StepRefused
from tracker.evaluation import evaluate_participant, protocol_of
from tracker.models import Assignment, Participant, RecordedFact, Role, Site, Study, User
from tracker.replaying.journey_file import JourneyFile
from tracker.replaying.questions import Question, Verdict
from tracker.replaying.reading import Unreadable
from tracker.replaying.recordings import Complete, Consent, End, Plan, Record, Recording, StudyDate, Take
from tracker.services import deadlines, facts, ledger, participants
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from tracker.services.steps import concept_of
from tracker.services.transactions import change_of
from workflow.stages import Stage, Step

_REASON = "As the journey tells it"


class Player:
    """One participant of one journey, in a database that holds nothing else."""

    def __init__(self, journey: JourneyFile, protocol_id: str) -> None:
        self.journey = journey
        self.by = User.objects.create_superuser("replay", "replay@localhost", None)
        self.study = Study.objects.create(code="REPLAY", title="Replay", protocol_id=protocol_id, target_number=1)
        self.site = Site.objects.create(code="REPLAY", name="Replay", timezone=journey.zone.key)
        self.threads: dict[str, RecordedFact] = {}
        self._employ()
        self.participant = participants.register_participant(
            study=self.study, site=self.site, subject_number="REPLAY-1", sex=journey.sex.value,
            birth_date=journey.birth_date, by=self.by, now=journey.begins_at,
        )  # fmt: skip

    def verdicts(self) -> Iterator[Verdict]:
        """Record and ask in the order of time; what is asked at an instant knows nothing recorded at it."""
        events = [(recording.known, 1, recording) for recording in self.journey.recordings]
        asked = [(question.at, 0, question) for question in self.journey.questions]
        for instant, _order, event in sorted([*events, *asked], key=lambda each: each[:2]):
            self._live_until(instant)
            if isinstance(event, Recording):
                self._record(event)
            else:
                yield self._answer(event)

    def _employ(self) -> None:
        first_day = date(1970, 1, 1)
        Assignment.objects.bulk_create(
            Assignment(user=self.by, study=self.study, site=self.site, role=role, valid_from=first_day)
            for role in Role.values
        )

    def _live_until(self, instant: datetime) -> None:
        """Sweep at every instant at which the running system would have woken up."""
        while (due := self._wakes_at()) is not None and due <= instant:
            deadlines.sweep(due)

    def _wakes_at(self) -> datetime | None:
        wakes: datetime | None = Participant.objects.values_list("reassess_after", flat=True).get()
        return wakes

    def _answer(self, question: Question) -> Verdict:
        participant = Participant.objects.select_related("study", "site").get(pk=self.participant.pk)
        evaluation = evaluate_participant(participant, as_of=question.at, known=question.at, strictly_before=True)
        return question.judge(evaluation, protocol_of(self.study), list(participant.deadlines.all()))

    def _record(self, recording: Recording) -> None:
        try:
            self._play(recording)
        except Refused as refusal:
            raise Unreadable(recording.where, str(refusal), "what can be recorded at that instant") from refusal

    def _play(self, recording: Recording) -> None:
        now = recording.known
        match recording.act:
            case Record(entry, thread):
                self.threads[thread] = self._fact(entry, now)
            case Complete(thread, result):
                self._complete(self.threads[thread], result, now)
            case End(thread, until):
                facts.end_interval(fact=self.threads[thread], until=until, by=self.by, now=now)
            case Plan(step, at):
                facts.plan_step(participant=self.participant, step=step, at=at, by=self.by, now=now, reason=_REASON)
            case StudyDate(entry):
                facts.record_fact(study=self.study, entry=entry, by=self.by, now=now, reason="as the journey tells")
            case Consent(at, detail):
                self._consent(at, detail, now)
            case Take() as take:
                self._take(take, now)

    def _fact(self, entry: FactEntry, now: datetime) -> RecordedFact:
        return facts.record_fact(participant=self.participant, entry=entry, by=self.by, now=now)

    def _complete(self, sample: RecordedFact, result: FactEntry, now: datetime) -> None:
        facts.record_result(
            fact=sample, value=result.value, resulted_at=result.resulted_at, unit=result.unit,
            upper_limit=result.upper_limit, detail=result.detail, by=self.by, now=now,
        )  # fmt: skip

    def _consent(self, at: datetime, detail: str, now: datetime) -> None:
        self.participant.refresh_from_db()
        if self.participant.stage == Stage.SCREEN_FAILED.value:
            self._take(Take(Step.RESCREEN, at, detail), now)
        else:
            self._fact(FactEntry(concept="consent", at=at, detail=detail), now)

    def _take(self, take: Take, now: datetime) -> None:
        """A step of a journey file did happen: what the gate would have stopped is reported with a reason."""
        try:
            self._step(take, now)
        except (StepRefused, SteppedByAnother, StepInvalid):
            self._step(take, now, afterwards=True)
        except StepNotPossible:
            self._note_out_of_order(take, now)

    def _step(self, take: Take, now: datetime, *, afterwards: bool = False) -> None:
        participants.take_step(
            participant=self.participant, step=take.step, happened_at=take.at, detail=take.detail, by=self.by, now=now,
            reported_afterwards=afterwards, reason=_REASON if afterwards else "", signature=Signing(self.by),
        )  # fmt: skip

    def _note_out_of_order(self, take: Take, now: datetime) -> None:
        """A start that no edge of the machine leads to stays on record as a fact; the stage stays where it is."""
        columns = {"concept": concept_of(take.step, protocol_of(self.study)), "at": take.at, "detail": take.detail}
        with change_of(self.participant, action_of(take.step), by=self.by, now=now) as row:
            ledger.add(row, columns, by=self.by, now=now, reason=_REASON)

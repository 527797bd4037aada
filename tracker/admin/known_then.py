"""A participant's page as it was known at an instant: what the gate said, what was owed, what was on record."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import Action, may_see_dose
from tracker.admin.decision_card import decision_rows
from tracker.admin.end_card import end_notices
from tracker.admin.fact_card import fact_groups
from tracker.admin.fields import instant_at
from tracker.admin.gate_card import Reader, card_of, next_gate
from tracker.admin.journal_card import journal
from tracker.admin.journal_filter import narrowed
from tracker.admin.journey_card import head, stops
from tracker.admin.judged_card import judged_card
from tracker.admin.participant_page import ShowParticipant
from tracker.admin.plan_card import deadline_row, owed_first
from tracker.admin.timeline_card import timeline_card
from tracker.evaluation import evaluate_participant, timeline_of, versions_of
from tracker.models import Participant, RecordedFact, StepRecord, TrackedDeadline
from tracker.wording import Voice, zone_words
from workflow.answers import Evaluation
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.stages import Stage

_LONGEST = 40
_NOT_SHOWN = (DeadlineStatus.CANCELLED, DeadlineStatus.NOT_APPLICABLE)


class ShowAsKnown(ShowParticipant):
    """The page of a past instant. It reads, and offers nothing to do but to come back to now."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The page as it was known then; for a time that cannot be shown, the page of now, and why."""
        typed = request.GET.get("known", "").strip()
        try:
            known = instant_asked(typed, self.participant, self.voice)
        except forms.ValidationError as refusal:
            context = {**self.context(), "known_typed": typed, "known_errors": refusal.messages}
            return self.page("tracker/participant.html", context, status=422)
        return self.page("tracker/known_then.html", self.then(known))

    def then(self, known: datetime) -> dict[str, Any]:
        """Everything the page shows, as it was known at an instant, what was recorded at that instant included."""
        evaluation = evaluate_participant(self.participant, as_of=known, known=known)
        protocol = versions_of(self.participant)[evaluation.version]
        voice = Voice(protocol, self.participant.zone, get_language() or "en", known)
        records = self.participant.steps.filter(recorded_at__lte=known).select_related("recorded_by", "fact")
        steps = list(records.order_by("recorded_at", "pk"))
        return {
            **self._journey_then(voice, known, steps, evaluation),
            **self._record_then(voice, known, steps),
            "known_words": voice.at(known),
            "known_typed": known.astimezone(self.participant.zone).strftime("%Y-%m-%dT%H:%M"),
            "zone": zone_words(self.participant.zone, known),
            "plans": [(voice.label(protocol.steps[each.step]), _at(voice, each.anchor))
                      for each in evaluation.planned],
            "deadlines": [deadline_row(voice, row, known) for row in _owed(self.participant, evaluation)],
        }  # fmt: skip

    def _journey_then(
        self, voice: Voice, known: datetime, steps: list[StepRecord], evaluation: Evaluation
    ) -> dict[str, Any]:
        timeline = timeline_of(self.participant).known_at(known)
        stood = list(self.participant.steps.standing(known))
        stage = Stage(stood[-1].to_stage) if stood else Stage.SCREENING
        sees_dose = may_see_dose(self.staff, self.participant, self.today)
        gate, reader = next_gate(evaluation), Reader(voice, self.participant, _nothing)
        return {
            "head": head(voice, self.participant, timeline, evaluation, sees_dose=sees_dose),
            "stops": stops(voice, self.participant, timeline, stood, stage),
            "timeline": timeline_card(voice, self.participant, timeline, evaluation, stood),
            "ends": end_notices(voice, timeline, evaluation, stood),
            "card": card_of(reader, gate, known) if gate else None,
            "judged": [judged_card(reader, each) for each in steps if each.recorded_at == known and each.evidence],
        }

    def _record_then(self, voice: Voice, known: datetime, steps: list[StepRecord]) -> dict[str, Any]:
        recorded = RecordedFact.objects.filter(participant=self.participant, recorded_at__lte=known)
        rows = list(recorded.select_related("recorded_by"))
        for row in rows:
            row.participant = self.participant
        every = journal(voice, self.participant, rows, steps, _nothing)
        entries = [each for each in every if each.at <= known]
        return {
            "fact_groups": fact_groups(voice, self.participant, rows, _nothing),
            "journal": narrowed(entries, self.request.GET),
            "decisions": decision_rows(voice, steps),
        }


def instant_asked(typed: str, participant: Participant, voice: Voice) -> datetime:
    """The instant that somebody asks about; without an offset it is the site's time. Between registration and now.

    Raises ValidationError, with a sentence that says what can be asked.
    """
    known = _instant(typed, participant)
    now = voice.as_of
    if now is not None and known > now:
        raise forms.ValidationError(_("%(time)s lies in the future.") % {"time": voice.at(known)})
    if known < participant.created_at:
        words = {"time": voice.at(known), "registered": voice.at(participant.created_at)}
        raise forms.ValidationError(_("%(time)s lies before the registration, %(registered)s.") % words)
    return known


def _instant(typed: str, participant: Participant) -> datetime:
    # In an address a plus sign stands for a blank.
    for text in (typed, typed.replace(" ", "+")):
        try:
            read = datetime.fromisoformat(text)
            if read.tzinfo is not None:
                return read.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return instant_at(read.date(), read.time(), participant.zone)
    words = {"typed": typed[:_LONGEST]}
    raise forms.ValidationError(_("“%(typed)s” is not a time. Write it as 2025-04-10T10:00.") % words)


def _owed(participant: Participant, evaluation: Evaluation) -> list[TrackedDeadline]:
    """The obligations as they were answered then, as rows that are never saved."""
    shown = [each for each in evaluation.deadlines if each.status not in _NOT_SHOWN]
    return sorted((_row(participant, each) for each in shown), key=owed_first)


def _row(participant: Participant, deadline: Deadline) -> TrackedDeadline:
    return TrackedDeadline(
        participant=participant, clause=deadline.clause, occurrence=deadline.occurrence, status=deadline.status.value,
        opens_at=deadline.opens_at, due_at=deadline.due_at, valid_until=deadline.valid_until,
        required_through=deadline.required_through, raised_at=deadline.raised_at,
    )  # fmt: skip


def _at(voice: Voice, instant: datetime | None) -> str:
    return voice.at(instant) if instant else ""


def _nothing(_action: Action) -> bool:
    """What may be done in the past."""
    return False

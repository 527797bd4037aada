"""A participant's own page: who, how far, what next, what is owed, what is known, what happened."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tracker.access import Action, action_of, may_see_dose
from tracker.admin.alert_card import alert_words, standing_alerts
from tracker.admin.buttons import Button
from tracker.admin.deviation_card import draft_rows
from tracker.admin.end_card import end_notices
from tracker.admin.fact_card import fact_groups
from tracker.admin.gate_card import card_of, next_gate
from tracker.admin.hold_card import hold_card
from tracker.admin.journal_card import journal
from tracker.admin.journey_card import head, stops
from tracker.admin.pages import ParticipantPage
from tracker.admin.plan_card import deadline_row, owed_first, plan_rows
from tracker.admin.sheet_pages import sheet_buttons
from tracker.admin.signature_card import signature_rows
from tracker.admin.step_words import step_label
from tracker.admin.timeline_card import timeline_card
from tracker.evaluation import evaluate_timeline, timeline_of
from tracker.models import RecordedFact
from workflow.answers import Evaluation
from workflow.stages import Stage, Step
from workflow.timeline import Timeline

SHOWN_AT_FIRST = 30
"""How many lines of the journal stand open; the rest unfold."""


class ShowParticipant(ParticipantPage):
    """The page itself. It reads; everything it offers to do leads to a form."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The page as it stands now."""
        return self.page("tracker/participant.html", self.context())

    def context(self) -> dict[str, Any]:
        """The whole page, from one evaluation."""
        timeline = timeline_of(self.participant)
        evaluation = evaluate_timeline(self.participant, timeline, as_of=self.now)
        rows = list(RecordedFact.objects.filter(participant=self.participant).select_related("recorded_by"))
        for row in rows:
            row.participant = self.participant
        context = {**self._journey(timeline, evaluation), **self._record(timeline, evaluation, rows)}
        return context | self._oversight(timeline)

    def _journey(self, timeline: Timeline, evaluation: Evaluation) -> dict[str, Any]:
        gate = next_gate(evaluation)
        sees_dose = may_see_dose(self.staff, self.participant, self.today)
        steps = list(self.participant.steps.standing())
        return {
            "head": head(self.voice, self.participant, timeline, evaluation, sees_dose=sees_dose),
            "timeline": timeline_card(self.voice, self.participant, timeline, evaluation, steps),
            "stops": stops(self.voice, self.participant, timeline, steps, Stage(self.participant.stage)),
            "card": card_of(self.reader(self.voice), gate, self.now) if gate else None,
            "ends": end_notices(self.voice, timeline, evaluation, steps),
            "papers": sheet_buttons(self.voice, self.participant, evaluation),
            "next_step": self._offer(evaluation.next_step) if evaluation.next_step else None,
            "other_steps": self._others(evaluation),
            "may_record": self.may(Action.RECORD_FACT),
            "may_plan": self.may(Action.PLAN),
            "may_acknowledge": self.may(Action.ACKNOWLEDGE),
            "known_typed": f"{self.now.astimezone(self.participant.zone):%Y-%m-%dT%H:%M}",
            "add_url": reverse("admin:tracker_fact_menu", args=[self.participant.pk]),
        }

    def _record(self, timeline: Timeline, evaluation: Evaluation, rows: list[RecordedFact]) -> dict[str, Any]:
        written = self.participant.steps.select_related("recorded_by", "fact").order_by("recorded_at", "pk")
        entries = journal(self.voice, self.participant, rows, list(written), self.may)
        deadlines = self.participant.deadlines.exclude(status__in=("cancelled", "not_applicable"))
        owed = sorted(deadlines, key=owed_first)
        alerts = [alert_words(self.voice, alert, self.now) for alert in standing_alerts(self.participant)]
        return {
            "alerts": alerts,
            "open_alerts": sum(alert.is_open for alert in alerts),
            "plans": plan_rows(self.voice, self.participant, timeline, evaluation, rows),
            "deadlines": [deadline_row(self.voice, deadline, self.now) for deadline in owed],
            "fact_groups": fact_groups(self.voice, self.participant, rows, self.may),
            "journal": entries[:SHOWN_AT_FIRST],
            "older_journal": entries[SHOWN_AT_FIRST:],
        }  # fmt: skip

    def _oversight(self, timeline: Timeline) -> dict[str, Any]:
        return {
            "holds": hold_card(self.voice, self.participant, timeline, self.may, self.now),
            "drafts": draft_rows(self.voice, self.participant),
            "signatures": signature_rows(self.voice, self.participant),
        }

    def _offer(self, step: Step) -> Button | None:
        """The button of a step, if there is an edge from here and the roles include it."""
        if step not in self.participant.possible_steps() or not self.may(action_of(step)):
            return None
        url = reverse("admin:tracker_step", args=[self.participant.pk, step.value])
        return Button(step_label(self.voice, step), url)

    def _others(self, evaluation: Evaluation) -> list[Button]:
        """Every other step; follow-up only where it is in order: its early edges are for who left the treatment."""
        follow_up = evaluation.gates[Step.FOLLOW_UP]
        hidden = {evaluation.next_step, *(() if follow_up.in_order else (Step.FOLLOW_UP,))}
        offers = [self._offer(step) for step in self.participant.possible_steps() if step not in hidden]
        return [offer for offer in offers if offer is not None]

"""A participant's own page: who, how far, what next, what is owed, what is known, what happened."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tracker.access import Action, may_see_dose
from tracker.admin.alert_card import alert_words, standing_alerts
from tracker.admin.buttons import Button
from tracker.admin.decision_card import decision_rows
from tracker.admin.deviation_card import deviation_rows
from tracker.admin.end_card import end_notices
from tracker.admin.fact_card import fact_groups
from tracker.admin.gate_card import Reader, card_of, next_gate, worst_state
from tracker.admin.hold_card import hold_card, newest_version
from tracker.admin.journal_card import journal
from tracker.admin.journal_filter import narrowed
from tracker.admin.journey_card import STAGE_OF_STEP, head, stops
from tracker.admin.pages import ParticipantPage
from tracker.admin.plan_card import deadline_row, owed_first, plan_rows
from tracker.admin.sheet_pages import sheet_buttons
from tracker.admin.signature_card import signature_rows
from tracker.admin.timeline_card import timeline_card
from tracker.admin.verdict import nothing_next, offer_of, verdict_of
from tracker.evaluation import evaluate_timeline, timeline_of
from tracker.models import RecordedFact, StepRecord
from tracker.wording import Voice
from workflow.answers import Evaluation
from workflow.stages import Stage, Step
from workflow.timeline import Timeline


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
        self.facts = {str(row.key): row for row in sorted(rows, key=lambda row: row.version)}
        written = self.participant.steps.select_related("recorded_by", "fact").order_by("recorded_at", "pk")
        steps = list(written)
        context = {
            **self._journey(timeline, evaluation, standing_of(steps)),
            **self._record(timeline, evaluation, rows, steps),
        }  # fmt: skip
        return context | self._oversight(timeline)

    def reader(self, voice: Voice) -> Reader:
        """For whom the gate is shown; the facts that the page holds are not asked for again."""
        return replace(super().reader(voice), newest=self.newest)

    def newest(self, key: str) -> RecordedFact | None:
        """The newest version of a fact: the participant's own are at hand, the study's are asked for."""
        return self.facts.get(key) or newest_version(key)

    def _journey(self, timeline: Timeline, evaluation: Evaluation, steps: list[StepRecord]) -> dict[str, Any]:
        gate, stage = next_gate(evaluation), Stage(self.participant.stage)
        stopped = {STAGE_OF_STEP[gate.step]: worst_state(gate)} if gate and not gate.allowed else {}
        sees_dose = may_see_dose(self.staff, self.participant, self.today)
        return {
            "head": head(self.voice, self.participant, timeline, evaluation, sees_dose=sees_dose),
            "timeline": timeline_card(self.voice, self.participant, timeline, evaluation, steps),
            "stops": stops(self.voice, self.participant, timeline, steps, stage, stopped=stopped),
            "card": card_of(self.reader(self.voice), gate, self.now) if gate else None,
            "ends": end_notices(self.voice, timeline, evaluation, steps),
            "papers": sheet_buttons(self.voice, self.participant, evaluation, steps),
            "verdict": verdict_of(self.reader(self.voice), evaluation, gate),
            "nothing_next": nothing_next(self.voice, evaluation, steps, stage),
            "other_steps": self._others(evaluation),
            "may_record": self.may(Action.RECORD_FACT),
            "may_plan": self.may(Action.PLAN),
            "may_acknowledge": self.may(Action.ACKNOWLEDGE),
            "known_typed": f"{self.now.astimezone(self.participant.zone):%Y-%m-%dT%H:%M}",
            "add_url": reverse("admin:tracker_fact_menu", args=[self.participant.pk]),
        }

    def _record(
        self, timeline: Timeline, evaluation: Evaluation, rows: list[RecordedFact], steps: list[StepRecord]
    ) -> dict[str, Any]:
        entries = journal(self.voice, self.participant, rows, steps, self.may)
        deadlines = self.participant.deadlines.exclude(status__in=("cancelled", "not_applicable"))
        owed = sorted(deadlines, key=owed_first)
        alerts = [alert_words(self.voice, alert, self.now) for alert in standing_alerts(self.participant)]
        return {
            "alerts": alerts,
            "open_alerts": sum(alert.is_open for alert in alerts),
            "plans": plan_rows(self.voice, self.participant, timeline, evaluation, rows),
            "deadlines": [deadline_row(self.voice, deadline, self.now) for deadline in owed],
            "fact_groups": fact_groups(self.voice, self.participant, rows, self.may),
            "journal": narrowed(entries, self.request.GET),
            "journal_url": reverse("admin:tracker_journal_export", args=[self.participant.pk]),
            "decisions": decision_rows(self.voice, steps),
        }  # fmt: skip

    def _oversight(self, timeline: Timeline) -> dict[str, Any]:
        return {
            "holds": hold_card(self.voice, self.participant, timeline, self.may, self.now, newest=self.newest),
            "deviations": deviation_rows(self.voice, self.participant),
            "signatures": signature_rows(self.voice, self.participant),
        }

    def _others(self, evaluation: Evaluation) -> list[Button]:
        """Every other step; follow-up only where it is in order: its early edges are for who left the treatment."""
        follow_up = evaluation.gates[Step.FOLLOW_UP]
        hidden = {evaluation.next_step, *(() if follow_up.in_order else (Step.FOLLOW_UP,))}
        reader = self.reader(self.voice)
        offers = [offer_of(reader, step) for step in self.participant.possible_steps() if step not in hidden]
        return [offer for offer in offers if offer is not None]


def standing_of(steps: list[StepRecord]) -> list[StepRecord]:
    """Of a whole journal, the rows that speak and happened, in the order in which the steps were first recorded."""
    corrected = {step.corrects_id for step in steps}
    standing = [step for step in steps if step.pk not in corrected and not step.in_error]
    return sorted(standing, key=lambda step: step.original_id or step.pk)

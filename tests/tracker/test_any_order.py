"""No sequence of service calls, however odd, brings a participant where no path leads."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.builders import ENROLLED, House, a_house, at, fresh, screened_man
from tracker.errors import Refused
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Participant, RecordedFact, StepRecord
from tracker.models.machine import edges
from tracker.services import deadlines, facts, participants
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.stages import GUARDED_STEPS, Stage, Step

EDGES = frozenset(edges(Participant))
EVENTS = (
    "consent", "leukapheresis_completed", "manufacturing_failed", "product_released", "lymphodepletion_completed",
    "infusion_completed", "infusion_cancelled", "transfusion", "systemic_infection", "infection_review",
)  # fmt: skip
# Exits would end most stories early: they are drawn, but rarely.
STEPS = st.one_of(st.sampled_from(GUARDED_STEPS), st.sampled_from(GUARDED_STEPS), st.sampled_from(tuple(Step)))


class AnyOrder(RuleBasedStateMachine):
    """One participant, and somebody who may do anything and does it in any order."""

    house: House
    participant: Participant
    now: datetime

    @initialize()
    def begin(self) -> None:
        # One story, one transaction: the next one finds an empty database.
        self.story = transaction.atomic()
        self.story.__enter__()
        self.house = a_house()
        self.participant = screened_man(self.house)
        self.now = at(ENROLLED)

    @rule(hours=st.integers(min_value=1, max_value=24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        deadlines.sweep(self.now)

    @rule(step=STEPS, hours_ago=st.integers(min_value=0, max_value=72), afterwards=st.booleans(), seen=st.booleans())
    def somebody_takes_a_step(self, step: Step, hours_ago: int, *, afterwards: bool, seen: bool) -> None:
        self._try(
            participants.take_step, step=step, happened_at=self.now - timedelta(hours=hours_ago),
            reported_afterwards=afterwards, reason="It happened" if afterwards else "",
            expected_stage=self.participant.stage if seen else None, signature=Signing(self.house["pi"]),
        )  # fmt: skip

    @rule(concept=st.sampled_from(EVENTS), hours_ago=st.integers(min_value=0, max_value=24 * 10))
    def somebody_records_something(self, concept: str, hours_ago: int) -> None:
        entry = FactEntry(concept=concept, at=self.now - timedelta(hours=hours_ago))
        self._try(facts.record_fact, entry=entry)

    @rule(step=STEPS, hours=st.integers(min_value=1, max_value=24 * 15), cancel=st.booleans())
    def somebody_plans(self, step: Step, hours: int, *, cancel: bool) -> None:
        if cancel:
            self._try(facts.cancel_plan, step=step, reason="No bed")
        else:
            self._try(facts.plan_step, step=step, at=self.now + timedelta(hours=hours), reason="No bed")

    @rule(data=st.data())
    def somebody_withdraws_an_entry(self, data: st.DataObject) -> None:
        keys = list(RecordedFact.objects.order_by("pk").values_list("pk", flat=True))
        fact = RecordedFact.objects.get(pk=data.draw(st.sampled_from(keys)))
        self._try(facts.withdraw_fact, fact=fact, reason="Entered in error")

    def _try(self, service: Any, **arguments: Any) -> None:
        if "fact" not in arguments:
            arguments["participant"] = self.participant
        try:
            service(**arguments, by=self.house["pi"], now=self.now)
        except Refused:
            return

    def teardown(self) -> None:
        if hasattr(self, "story"):
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)

    @invariant()
    def the_journal_is_one_path_of_the_machine_that_ends_at_the_stage(self) -> None:
        stage = Stage.SCREENING
        for record in StepRecord.objects.order_by("pk"):
            edge = (Stage(record.from_stage), Step(record.step), Stage(record.to_stage))
            assert edge[0] == stage
            assert edge in EDGES
            stage = edge[2]
        assert fresh(self.participant).stage == stage

    @invariant()
    def no_gate_was_passed_that_would_have_stopped_the_step_unless_it_was_reported(self) -> None:
        for record in StepRecord.objects.filter(reported_afterwards=False):
            assert all(each["outcome"] in ("met", "not_applicable") for each in record.evidence)

    @invariant()
    def the_rows_are_what_the_protocol_answers(self) -> None:
        row = fresh(self.participant)
        answered = {
            (each.clause, each.occurrence): each.status.value
            for each in evaluate_participant(row, as_of=self.now).deadlines
        }
        kept = {(each.clause, each.occurrence): each.status for each in row.deadlines.all()}
        gone = dict.fromkeys(kept.keys() - answered.keys(), "cancelled")
        assert kept == answered | gone
        assert row.reassess_after is None or row.reassess_after > self.now

    @invariant()
    def every_owed_rung_has_its_one_alert(self) -> None:
        row = fresh(self.participant)
        due = {
            (each.clause, each.occurrence, each.rung.name, each.due_at)
            for each in evaluate_participant(row, as_of=self.now).deadlines
            if each.rung
        }
        standing = [
            (alert.deadline.clause, alert.deadline.occurrence, alert.rung, alert.due_at)
            for alert in Alert.objects.exclude(status="resolved").select_related("deadline")
        ]
        assert sorted(standing) == sorted(due)

    @invariant()
    def versions_are_counted_without_a_gap(self) -> None:
        counted: dict[Any, list[int]] = {}
        for key, version in RecordedFact.objects.order_by("version").values_list("key", "version"):
            counted.setdefault(key, []).append(version)
        assert all(versions == list(range(1, len(versions) + 1)) for versions in counted.values())


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_no_sequence_of_calls_leads_where_no_path_does() -> None:
    stories = max(8, settings.default.max_examples // 20)  # type: ignore[union-attr]
    # Shrinking a story on a database takes longer than reading it.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=stories, stateful_step_count=25, phases=phases))

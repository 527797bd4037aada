"""Steps are taken when they may be, reported when they should not have been, and end the journey."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.builders import REVIEWS
from tests.machine.holding import what_holds
from tests.machine.passing import Passing
from tests.machine.planning import Planning
from tests.machine.story import ANYBODY, MINUTES_AGO
from tracker.models import Role, StepRecord
from tracker.services import facts, participants
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.stages import GUARDED_STEPS, Step

TAKEN_BY: Mapping[Step, str] = {
    Step.ENROL: Role.PI, Step.LEUKAPHERESIS: Role.APHERESIS_NURSE, Step.LYMPHODEPLETION: Role.WARD_NURSE,
    Step.INFUSION: Role.WARD_NURSE, Step.FOLLOW_UP: Role.WARD_NURSE, Step.COMPLETE: Role.CRC,
}  # fmt: skip
NEEDED: Mapping[Step, tuple[str, ...]] = {
    Step.ENROL: REVIEWS, Step.LEUKAPHERESIS: ("infection_review",),
    Step.LYMPHODEPLETION: ("leukapheresis_completed", "product_released"),
    Step.INFUSION: ("lymphodepletion_completed",), Step.FOLLOW_UP: ("infusion_completed",),
}  # fmt: skip
TESTED = (Step.ENROL, Step.LYMPHODEPLETION)
EXITS = (Step.SCREEN_FAIL, Step.RESCREEN, Step.WITHDRAW, Step.RECORD_DEATH, Step.LOSE_TO_FOLLOW_UP)
_SELDOM = 7


class Stepping(Planning, Passing):
    """The rules of whoever moves the participant."""

    @rule(hours=st.integers(1, 47))
    def all_goes_well(self, hours: int) -> None:
        self.make_ready()
        self.pass_by(timedelta(hours=hours))
        step = self.next_step()
        self.step(step, self.now, by=TAKEN_BY.get(step, Role.PI))

    @rule(hours=st.integers(1, 47))
    def all_goes_well_again(self, hours: int) -> None:
        self.all_goes_well(hours)

    @rule(hours=st.integers(1, 47))
    def and_once_more(self, hours: int) -> None:
        self.all_goes_well(hours)

    @rule(ago=MINUTES_AGO, ready=st.booleans(), hand=st.sampled_from(("", "", "second_pi")))
    def what_comes_next_is_taken(self, ago: int, ready: bool, hand: str) -> None:
        step = self.next_step()
        if ready:
            self.make_ready()
        self.step(step, self.ago(ago), by=TAKEN_BY.get(step, Role.PI), hand=hand)

    @rule(step=st.sampled_from(Step), ago=MINUTES_AGO, by=ANYBODY, reported=st.booleans())
    def somebody_takes_a_step(self, step: Step, ago: int, by: str, reported: bool) -> None:
        if step not in EXITS:
            self.step(step, self.ago(ago), by=by, reported=reported)

    @rule(ago=MINUTES_AGO, by=st.sampled_from((Role.PI.value, "second_pi", Role.SUB_I.value, Role.CRC.value)))
    def what_comes_next_is_reported(self, ago: int, by: str) -> None:
        self.step(self.next_step(), self.ago(ago), by=by, reported=True)

    @rule(step=st.sampled_from(EXITS), ago=MINUTES_AGO, seldom=st.integers(0, _SELDOM))
    def the_journey_ends_early(self, step: Step, ago: int, seldom: int) -> None:
        if seldom == _SELDOM or step is Step.RESCREEN:
            self.step(step, self.ago(ago), by=Role.PI)

    def make_ready(self) -> None:
        """Record what is needed for the step that comes next."""
        step = self.next_step()
        for concept in NEEDED.get(step, ()):
            self.attempt(
                facts.record_fact, participant=self.participant, entry=FactEntry(concept, self.ago(0)), by="pi"
            )
        if step in TESTED:
            drawn = FactEntry("serum_hcg", self.ago(0), value="negative", resulted_at=self.now)
            self.attempt(facts.record_fact, participant=self.participant, entry=drawn, by="crc")

    def step(self, step: Step, happened_at: datetime, *, by: str, hand: str = "", reported: bool = False) -> None:
        """Take or report a step, mostly signed by one's own hand; whatever held it must have kept it from passing."""
        held, signing = what_holds(self.row, step, happened_at), Signing(self.person(hand or by))
        record: StepRecord | None = self.attempt(
            participants.take_step, participant=self.participant, step=step, happened_at=happened_at, by=by,
            reported_afterwards=reported, reason="It happened" if reported else "", signature=signing,
        )  # fmt: skip
        if record is None:
            if held and step in GUARDED_STEPS:
                self.count("a step was refused while it was held")
            return
        self.stages.add(record.to_stage)
        self.count(f"{'reported' if reported else 'taken'}: {step.value}")
        if held:
            self.count("a step was reported while it was held")
            assert reported, f"{step.value} passed although it was held by {held}"
            # Out of order, the journey refuses before anybody asks what holds.
            assert record.deviations.filter(clause__in=("hold", "order")).exists()

"""Steps are planned, moved and cancelled."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.story import ANYBODY, Story
from tracker.services import plans
from workflow.stages import Stage, Step

NEXT = {
    Stage.SCREENING: Step.ENROL, Stage.ENROLLED: Step.LEUKAPHERESIS, Stage.LEUKAPHERESIS: Step.LYMPHODEPLETION,
    Stage.LYMPHODEPLETION: Step.INFUSION, Stage.INFUSION: Step.FOLLOW_UP, Stage.FOLLOW_UP: Step.COMPLETE,
    Stage.SCREEN_FAILED: Step.RESCREEN,
}  # fmt: skip
"""The step that comes next where nothing went wrong."""

PLANNER = st.one_of(st.just("crc"), ANYBODY)


class Planning(Story):
    """The rules of whoever keeps the calendar."""

    @rule(minutes=st.integers(-60, 15 * 1440), whole_day=st.booleans(), by=PLANNER, other=st.sampled_from(Step))
    def a_step_is_planned_or_moved(self, minutes: int, whole_day: bool, by: str, other: Step) -> None:
        at = self.ago(-minutes)
        # Mostly what comes next.
        step = self.next_step() if minutes % 4 else other
        moment = self.calendar.local_date(at) if whole_day else at
        self.attempt(plans.plan_step, participant=self.participant, step=step, at=moment, reason="No bed", by=by)

    @rule(hours=st.integers(1, 80), cancelled=st.booleans())
    def what_comes_next_is_planned_or_cancelled(self, hours: int, cancelled: bool) -> None:
        what = {"participant": self.participant, "step": self.next_step(), "reason": "No bed"}
        if cancelled:
            self.attempt(plans.cancel_plan, by="crc", **what)
        else:
            self.attempt(plans.plan_step, by="crc", at=self.now + timedelta(hours=hours), **what)

    def next_step(self) -> Step:
        """What comes next; of a journey that is over, an enrolment, which is refused."""
        return NEXT.get(Stage(self.row.stage), Step.ENROL)

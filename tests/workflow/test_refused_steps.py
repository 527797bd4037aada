"""The journey's own refusals, whole, and the plans that starts have used up."""

import pytest

from tests.workflow.builders import COLLECTED, ENROLLED, an_eligible_man, collected, enrolled, fact, plan
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.stages import Step

MAN = an_eligible_man()
FAIL, MISSING = Outcome.FAIL, Outcome.MISSING


def test_a_step_that_happens_once_is_refused_with_its_start() -> None:
    start = fact("enrolment", ENROLLED)

    assert enrolled(MAN).gate(Step.ENROL, "2026-03-10 10:00").findings == (
        Finding(
            FAIL, Reason.OUT_OF_ORDER, clause="order", subject="enrolment", evidence=(start,),
            clearing=Clearing(Remedy.EARLIER_STEP), parts=(Finding(FAIL, Reason.HAPPENED, evidence=(start,)),),
        ),
    )  # fmt: skip


def test_a_step_whose_turn_has_not_come_is_refused_with_what_it_waits_for() -> None:
    missing = Finding(MISSING, Reason.NOTHING_RECORDED, subject="enrolment", clearing=Clearing(Remedy.RECORD))

    assert MAN.gate(Step.LEUKAPHERESIS, COLLECTED).findings == (
        Finding(
            FAIL, Reason.OUT_OF_ORDER, clause="order", subject="enrolment", clearing=Clearing(Remedy.EARLIER_STEP),
            parts=(missing,),
        ),
    )  # fmt: skip


def test_after_the_end_every_step_is_refused_with_what_ended_the_journey() -> None:
    death = fact("death", "2026-03-05 09:00")

    assert MAN.having(death).gate(Step.ENROL, ENROLLED).findings == (
        Finding(
            FAIL, Reason.JOURNEY_ENDED, clause="terminal", subject="death", evidence=(death,),
            clearing=Clearing(Remedy.NOTHING),
        ),
    )  # fmt: skip


def test_a_plan_is_used_up_by_the_last_start_and_one_recorded_after_it_opens_the_next() -> None:
    twice = collected(MAN).having(fact("leukapheresis_started", "2026-03-25 09:00"))
    between = twice.having(plan(Step.LEUKAPHERESIS, "2026-03-30 09:00", recorded="2026-03-20 10:00"))
    after = twice.having(plan(Step.LEUKAPHERESIS, "2026-03-30 09:00", recorded="2026-03-25 09:01"))
    planned = after.evaluation("2026-03-26 09:00").planned_gate(Step.LEUKAPHERESIS)

    assert between.evaluation("2026-03-26 09:00").planned_gate(Step.LEUKAPHERESIS) is None
    assert planned is not None
    assert planned.occurrence == 3


@pytest.mark.parametrize(
    ("step", "occurrence"),
    [(Step.ENROL, 2), (Step.LEUKAPHERESIS, 2), (Step.LYMPHODEPLETION, 1), (Step.INFUSION, 1)],
)
def test_asked_now_a_gate_is_that_of_the_next_start_of_its_step_refused_or_not(step: Step, occurrence: int) -> None:
    gate = collected(MAN).gate(step, "2026-03-20 09:00")

    assert (gate.step, gate.occurrence, gate.anchor) == (step, occurrence, None)

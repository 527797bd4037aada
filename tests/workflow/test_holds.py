"""Holds: they stop the steps they guard whatever the rules say, from their start until they end."""

import pytest

from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    INFUSED,
    Person,
    an_eligible_man,
    at,
    collected,
    conditioned,
    corrected,
    enrolled,
    fact,
    plan,
)
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.stages import Step

MAN = an_eligible_man()
HELD = {"hold": Outcome.FAIL}
HOLD = fact("hold", "2026-03-10 12:00")


@pytest.mark.parametrize(
    ("person", "step", "when"),
    [
        (enrolled(MAN), Step.LEUKAPHERESIS, COLLECTED),
        (collected(MAN), Step.LYMPHODEPLETION, CONDITIONED),
        (conditioned(MAN), Step.INFUSION, INFUSED),
    ],
)
def test_a_hold_stops_a_step_whose_rules_would_let_it_pass(person: Person, step: Step, when: str) -> None:
    assert person.gate(step, when).allowed
    assert person.having(HOLD).blocked(step, when) == HELD


def test_a_hold_says_why_and_what_releases_it() -> None:
    (finding,) = enrolled(MAN).having(HOLD).gate(Step.LEUKAPHERESIS, COLLECTED).blocking

    assert finding == Finding(
        Outcome.FAIL, Reason.ON_HOLD, clause="hold", subject="hold", evidence=(HOLD,), clearing=Clearing(Remedy.RELEASE)
    )


def test_it_holds_from_its_start_until_its_end() -> None:
    held = enrolled(MAN).having(fact("hold", "2026-03-16 08:30", until="2026-03-16 09:30"))

    assert held.gate(Step.LEUKAPHERESIS, "2026-03-16 08:29:59").allowed
    assert held.blocked(Step.LEUKAPHERESIS, "2026-03-16 08:30") == HELD
    assert held.blocked(Step.LEUKAPHERESIS, "2026-03-16 09:29:59") == HELD
    assert held.gate(Step.LEUKAPHERESIS, "2026-03-16 09:30").allowed
    assert held.evaluation("2026-03-16 08:30").changes_at == at("2026-03-16 09:30")


def test_each_hold_must_end() -> None:
    one, other = fact("hold", "2026-03-10 12:00"), fact("hold", "2026-03-11 12:00")
    ended = enrolled(MAN).having(one, other, corrected(one, "2026-03-12 12:00", until=at("2026-03-12 12:00")))

    (finding,) = ended.gate(Step.LEUKAPHERESIS, COLLECTED).blocking
    assert finding.evidence == (other,)


def test_a_plan_inside_a_hold_is_stopped_as_well() -> None:
    planned = enrolled(MAN).having(HOLD, plan(Step.LEUKAPHERESIS, COLLECTED, recorded="2026-03-10 10:00"))
    gate = planned.evaluation("2026-03-11 10:00").planned_gate(Step.LEUKAPHERESIS)

    assert gate is not None
    assert "hold" in {finding.clause for finding in gate.blocking}


def test_follow_up_is_never_held() -> None:
    infused_on_hold = conditioned(MAN).having(
        fact("infusion_started", INFUSED), fact("infusion_completed", "2026-04-14 10:30"), fact("hold", INFUSED)
    )

    assert infused_on_hold.gate(Step.FOLLOW_UP, "2026-04-15 09:00").allowed


def test_out_of_order_a_step_is_refused_before_any_hold_is_asked() -> None:
    assert MAN.having(HOLD).blocked(Step.LEUKAPHERESIS, "2026-03-11 10:00") == {"order": Outcome.FAIL}


# Started all the same


def started_on_hold(*holds: Fact) -> list[Deadline]:
    deadlines = collected(MAN).having(*holds).evaluation("2026-03-17 09:00").deadlines
    return [deadline for deadline in deadlines if deadline.clause.startswith("held_")]


def test_a_step_that_was_started_on_hold_is_told_as_a_report_against_its_gate() -> None:
    (deadline,) = started_on_hold(HOLD)

    assert (deadline.clause, deadline.occurrence) == ("held_leukapheresis", 1)
    assert deadline.status is DeadlineStatus.ELIGIBILITY_INVALIDATED
    assert (deadline.due_at, deadline.raised_at) == (at(COLLECTED), at(COLLECTED))
    assert deadline.rung is not None
    assert (deadline.rung.name, deadline.rung.fires_at) == ("reported", at(COLLECTED))
    assert deadline.finding is not None
    assert (deadline.finding.clause, deadline.finding.evidence) == ("hold", (HOLD,))


def test_only_a_hold_that_lay_over_the_start_and_was_known_by_then_was_overlooked() -> None:
    ended = fact("hold", "2026-03-10 12:00", until="2026-03-16 09:00", recorded="2026-03-16 08:59")
    later_that_day = fact("hold", "2026-03-16 09:00:00.000001", recorded="2026-03-16 08:00")
    known_late = fact("hold", "2026-03-10 12:00", recorded=COLLECTED)

    assert started_on_hold(ended, later_that_day, known_late) == []
    assert len(started_on_hold(fact("hold", COLLECTED, recorded="2026-03-16 08:00"))) == 1

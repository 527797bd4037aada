"""Withdrawn from treatment: the treatment's own steps end, and everything else goes on."""

import pytest

from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    INFUSED,
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    collected,
    conditioned,
    enrolled,
    fact,
    infused,
    plan,
)  # fmt: skip
from tests.workflow.documents import shipped_text_with
from workflow.deadlines import DeadlineStatus
from workflow.findings import Outcome, Reason
from workflow.loading import parse_protocol
from workflow.stages import GUARDED_STEPS, Step

MAN, WOMAN = an_eligible_man(), an_eligible_woman()
TREATMENT = {Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION}
TERMINAL = {"terminal": Outcome.FAIL}
WHEN = "2026-04-08 12:00"
AFTER = "2026-04-08 13:00"


def withdrawn(person: Person, when: str = WHEN) -> Person:
    return person.having(fact("treatment_withdrawn", when))


def test_the_treatments_steps_end_and_say_by_what() -> None:
    evaluation = withdrawn(collected(MAN)).evaluation(AFTER)
    for step in TREATMENT:
        (finding,) = evaluation.gates[step].findings
        assert (finding.clause, finding.reason, finding.subject) == (
            "terminal", Reason.JOURNEY_ENDED, "treatment_withdrawn",
        )  # fmt: skip


def test_follow_up_comes_next_without_an_infusion() -> None:
    for person in (collected(MAN), conditioned(MAN)):
        evaluation = withdrawn(person, "2026-04-13 12:00").evaluation("2026-04-13 13:00")
        assert evaluation.next_step is Step.FOLLOW_UP
        assert evaluation.gates[Step.FOLLOW_UP].allowed


@pytest.mark.parametrize("person", [enrolled(MAN), collected(MAN), conditioned(MAN)])
def test_for_everybody_else_follow_up_needs_an_infusion_completed(person: Person) -> None:
    assert person.blocked(Step.FOLLOW_UP, INFUSED) == {"order": Outcome.FAIL}


def test_an_infusion_that_was_begun_is_completed_before_follow_up_all_the_same() -> None:
    begun = conditioned(MAN).having(fact("infusion_started", INFUSED))
    person = withdrawn(begun, "2026-04-14 10:10")
    assert person.blocked(Step.FOLLOW_UP, "2026-04-14 10:20") == {"order": Outcome.FAIL}
    over = person.having(fact("infusion_completed", "2026-04-14 10:15"))
    assert over.gate(Step.FOLLOW_UP, "2026-04-14 10:20").allowed


def test_who_withdraws_before_any_treatment_has_nothing_to_follow_up() -> None:
    evaluation = withdrawn(enrolled(MAN)).evaluation(AFTER)
    assert evaluation.next_step is None
    assert not evaluation.gates[Step.FOLLOW_UP].allowed


def test_after_an_infusion_follow_up_and_completion_go_on() -> None:
    followed = infused(MAN).having(fact("follow_up_started", "2026-04-15 09:00"))
    assert withdrawn(followed, "2026-05-01 09:00").evaluation("2026-05-01 10:00").next_step is Step.COMPLETE


def test_plans_of_the_treatment_what_they_owe_and_their_alarms_are_cancelled() -> None:
    planned = collected(WOMAN).having(plan(Step.LYMPHODEPLETION, "2026-04-08 10:00", recorded="2026-04-02 10:00"))
    before, after = planned.evaluation(AFTER), withdrawn(planned).evaluation(AFTER)
    owed = {deadline.clause for deadline in before.deadlines if deadline.status.is_owed}
    assert {"hcg_48h_ld", "plan_lymphodepletion"} <= owed
    assert after.planned == ()
    for clause in ("hcg_48h_ld", "plan_lymphodepletion"):
        deadline = after.deadline(clause)
        assert deadline is not None
        assert (deadline.status, deadline.rung) == (DeadlineStatus.CANCELLED, None)
        assert deadline.finding is not None
        assert deadline.finding.reason is Reason.JOURNEY_ENDED


def test_what_lasts_and_what_was_met_stays() -> None:
    before, after = collected(WOMAN).evaluation(AFTER), withdrawn(collected(WOMAN)).evaluation(AFTER)
    for clause in ("contraception", "hcg_7d_enrol"):
        assert after.deadline(clause) == before.deadline(clause)
    contraception = after.deadline("contraception")
    assert contraception is not None
    assert contraception.status is DeadlineStatus.OPEN


def test_what_went_wrong_before_is_told_all_the_same() -> None:
    infected = collected(MAN).having(fact("systemic_infection", "2026-03-14", until="2026-03-15", recorded=AFTER))
    deadline = withdrawn(infected).evaluation("2026-04-09 09:00").deadline("infection_2w_apheresis")
    assert deadline is not None
    assert deadline.status is DeadlineStatus.ELIGIBILITY_INVALIDATED


def test_a_new_consent_lifts_it() -> None:
    again = withdrawn(collected(MAN)).having(fact("consent", "2026-04-09 08:00"))
    assert again.evaluation("2026-04-09 09:00").next_step is Step.LYMPHODEPLETION
    assert "terminal" not in again.blocked(Step.LYMPHODEPLETION, CONDITIONED)


def test_a_full_end_comes_before_a_partial_one() -> None:
    evaluation = withdrawn(collected(MAN)).having(fact("death", AFTER)).evaluation(AFTER)
    assert {evaluation.gates[step].findings[0].subject for step in GUARDED_STEPS} == {"death"}


def test_a_withdrawal_from_use_of_data_ends_the_journey() -> None:
    evaluation = collected(MAN).having(fact("data_use_withdrawn", COLLECTED)).evaluation(AFTER)
    assert evaluation.next_step is None
    assert all({f.clause for f in gate.blocking} == {"terminal"} for gate in evaluation.gates.values())


def test_the_shipped_protocol_says_what_a_withdrawal_from_treatment_stops() -> None:
    stops = {exit_.event: set(exit_.stops) for exit_ in RELMA.exits}
    assert stops["treatment_withdrawn"] == TREATMENT
    assert all(not stops[event] for event in ("death", "consent_withdrawn", "data_use_withdrawn"))


def test_what_lasts_goes_on_although_the_step_it_guards_has_ended() -> None:
    of_infusion = parse_protocol(
        shipped_text_with("- id: contraception\n  gate: enrol", "- id: contraception\n  gate: infusion")
    )
    lasting = withdrawn(conditioned(WOMAN), "2026-04-13 12:00").evaluation("2026-04-13 13:00", of_infusion)

    assert {each.status for each in lasting.deadlines if each.clause == "contraception"} == {DeadlineStatus.OPEN}

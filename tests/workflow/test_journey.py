"""The journey's own order: what must come before, what cannot be repeated, what ends it, and what begins anew."""

from dataclasses import replace

import pytest

from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    INFUSED,
    MEASURED,
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    collected,
    conditioned,
    enrolled,
    fact,
    infused,
    laboratory,
    later,
    plan,
    reviews,
)  # fmt: skip
from workflow.deadlines import DeadlineStatus
from workflow.facts import Fact
from workflow.findings import Outcome, Remedy
from workflow.stages import GUARDED_STEPS, Step

MAN, WOMAN = an_eligible_man(), an_eligible_woman()
FAIL, MISSING = Outcome.FAIL, Outcome.MISSING
ORDER, TERMINAL = {"order": FAIL}, {"terminal": FAIL}


@pytest.mark.parametrize(
    ("person", "when", "next_step"),
    [
        (MAN, ENROLLED, Step.ENROL),
        (enrolled(MAN), COLLECTED, Step.LEUKAPHERESIS),
        (collected(MAN), CONDITIONED, Step.LYMPHODEPLETION),
        (conditioned(MAN), INFUSED, Step.INFUSION),
        (infused(MAN), "2026-04-15 09:00", Step.FOLLOW_UP),
    ],
)
def test_only_the_step_that_comes_next_is_in_order(person: Person, when: str, next_step: Step) -> None:
    evaluation = person.evaluation(when)
    repeatable = {Step.LEUKAPHERESIS, Step.LYMPHODEPLETION}
    in_order = {step for step in GUARDED_STEPS if evaluation.gates[step].in_order}

    assert evaluation.next_step is next_step
    assert next_step in in_order
    assert in_order - repeatable <= {next_step}


def test_a_second_course_that_has_begun_has_only_to_end_before_the_infusion() -> None:
    cancelled = conditioned(MAN).having(fact("infusion_cancelled", "2026-04-13 12:00"))
    begun = cancelled.having(fact("lymphodepletion_started", "2026-04-25 09:00"))
    evaluation = begun.evaluation("2026-04-26 09:00")

    assert cancelled.evaluation("2026-04-14 09:00").next_step is Step.LYMPHODEPLETION
    assert evaluation.next_step is Step.INFUSION
    assert evaluation.gates[Step.INFUSION].findings[0].subject == "lymphodepletion_completed"


def test_after_follow_up_the_study_is_completed_and_then_nothing_follows() -> None:
    followed = infused(MAN).having(fact("follow_up_started", "2026-04-15 09:00"))
    completed = followed.having(fact("study_completed", "2027-04-15 09:00"))

    assert followed.evaluation("2026-05-01 09:00").next_step is Step.COMPLETE
    assert completed.evaluation("2027-05-01 09:00").next_step is None


def test_a_step_out_of_order_is_refused_before_any_rule_is_asked() -> None:
    gate = MAN.gate(Step.INFUSION, ENROLLED)

    assert [finding.clause for finding in gate.findings] == ["order"]
    assert gate.blocking[0].clearing is not None
    assert gate.blocking[0].clearing.remedy is Remedy.EARLIER_STEP


def test_nobody_is_enrolled_or_infused_twice() -> None:
    assert enrolled(MAN).blocked(Step.ENROL, "2026-03-10 10:00") == ORDER
    assert infused(MAN).blocked(Step.INFUSION, "2026-04-20 10:00") == ORDER


def test_an_infusion_that_was_started_and_not_completed_cannot_be_followed_up() -> None:
    started = conditioned(MAN).having(fact("infusion_started", INFUSED))

    assert started.blocked(Step.FOLLOW_UP, "2026-04-15 09:00") == ORDER


def test_failed_manufacturing_leads_back_to_a_second_leukapheresis() -> None:
    failed = collected(MAN).having(fact("manufacturing_failed", "2026-03-30 12:00"))
    again = failed.having(
        *reviews("2026-04-02 08:00"),
        fact("leukapheresis_started", "2026-04-02 09:00"),
        fact("leukapheresis_completed", "2026-04-02 13:00"),
    )

    assert failed.blocked(Step.LYMPHODEPLETION, "2026-04-01 09:00") == ORDER
    assert failed.evaluation("2026-04-01 09:00").next_step is Step.LEUKAPHERESIS
    assert failed.having(*reviews("2026-04-02 08:00")).gate(Step.LEUKAPHERESIS, "2026-04-02 09:00").allowed
    assert again.evaluation("2026-04-03 09:00").next_step is Step.LYMPHODEPLETION
    assert again.gate(Step.LYMPHODEPLETION, CONDITIONED).allowed


def test_what_is_undone_at_its_very_instant_is_undone() -> None:
    failed_at_once = collected(MAN).having(fact("manufacturing_failed", later(COLLECTED, hours=4)))
    declined_at_once = MAN.having(fact("consent_declined", CONSENTED))

    assert failed_at_once.blocked(Step.LYMPHODEPLETION, CONDITIONED) == ORDER
    assert declined_at_once.blocked(Step.ENROL, ENROLLED) == {"consent": FAIL}


def test_a_consent_at_the_very_instant_of_a_screen_failure_begins_a_new_episode() -> None:
    again = WOMAN.having(fact("screen_failed", "2026-03-12 09:00"), fact("consent", "2026-03-12 09:00"))

    assert "terminal" not in again.blocked(Step.ENROL, "2026-03-12 10:00")
    assert "anc" in again.blocked(Step.ENROL, "2026-03-12 10:00")


def test_a_second_leukapheresis_owes_a_look_back_of_its_own() -> None:
    failed = collected(MAN).having(fact("manufacturing_failed", "2026-03-30 12:00"))

    assert failed.blocked(Step.LEUKAPHERESIS, "2026-04-20 09:00") == {"infection_2w_apheresis": Outcome.STALE}


def test_a_cancelled_infusion_leads_back_to_a_second_course() -> None:
    cancelled = conditioned(MAN).having(fact("infusion_cancelled", "2026-04-13 12:00"))
    again = cancelled.having(
        fact("lymphodepletion_started", "2026-04-27 09:00"), fact("lymphodepletion_completed", "2026-04-29 15:00")
    )

    assert cancelled.blocked(Step.INFUSION, INFUSED) == ORDER
    assert cancelled.evaluation(INFUSED).next_step is Step.LYMPHODEPLETION
    assert again.evaluation("2026-05-01 10:00").next_step is Step.INFUSION
    assert again.gate(Step.INFUSION, "2026-05-01 10:00").allowed


@pytest.mark.parametrize("exit_", ["death", "consent_withdrawn", "lost_to_follow_up", "screen_failed"])
def test_an_exit_ends_every_step_and_cancels_what_is_owed(exit_: str) -> None:
    planned = collected(WOMAN).having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-02 10:00"))
    evaluation = planned.having(fact(exit_, "2026-04-08 12:00")).evaluation("2026-04-08 12:00")

    assert all({f.clause for f in gate.blocking} == {"terminal"} for gate in evaluation.gates.values())
    assert evaluation.next_step is None
    assert evaluation.planned == ()
    assert evaluation.changes_at is None
    assert {d.clause: d.status for d in evaluation.deadlines if d.status is not DeadlineStatus.CANCELLED} == {
        "hcg_7d_enrol": DeadlineStatus.MET, "infection_2w_apheresis": DeadlineStatus.MET,
        "no_transfusion_7d": DeadlineStatus.MET, "no_growth_factor_7d": DeadlineStatus.MET,
    }  # fmt: skip


def test_until_its_instant_an_exit_that_is_already_known_ends_nothing() -> None:
    died = enrolled(MAN).having(fact("death", "2026-03-16 12:00", recorded="2026-03-16 08:00"))
    evaluation = died.evaluation(COLLECTED)

    assert evaluation.gates[Step.LEUKAPHERESIS].allowed
    assert died.blocked(Step.LEUKAPHERESIS, "2026-03-16 12:00") == TERMINAL


FAILED = WOMAN.having(fact("screen_failed", "2026-03-12 09:00"))
AGAIN = FAILED.having(fact("consent", "2026-05-04 09:00"))


def test_between_screen_failure_and_a_new_consent_nothing_may_be_asked() -> None:
    assert FAILED.blocked(Step.ENROL, "2026-04-01 10:00") == TERMINAL
    assert AGAIN.blocked(Step.ENROL, "2026-05-04 08:59") == TERMINAL
    assert "terminal" not in AGAIN.blocked(Step.ENROL, "2026-05-04 09:00")


def test_a_new_episode_begins_with_empty_hands() -> None:
    blocked = AGAIN.blocked(Step.ENROL, "2026-05-11 10:00")

    assert blocked.keys() == {rule.id for rule in RELMA.rules_for(Step.ENROL)} - {"consent", "age"}
    assert FAIL not in blocked.values()


def test_whoever_is_screened_again_in_full_may_enrol() -> None:
    answers = [
        replace(fact(e.concept, "2026-05-05 09:00"), value=e.value) for e in WOMAN.facts if e.value and not e.unit
    ]
    weighed = [fact("weight", "2026-05-05 09:00", "68 kg"), fact("lvef", "2026-05-05 09:00", "63 %")]
    screened = AGAIN.having(*answers, *weighed, *laboratory("2026-05-05 08:00"), *reviews("2026-05-11 08:30"))

    assert screened.blocked(Step.ENROL, "2026-05-11 10:00") == {}
    assert screened.gate(Step.ENROL, "2026-05-11 10:00").occurrence == 1


def test_dated_history_counts_across_episodes() -> None:
    transfused = AGAIN.having(fact("transfusion", "2026-05-03 09:00"))
    gilbert = replace(transfused, facts=(*transfused.facts, fact("gilbert_syndrome", CONSENTED, "yes")))
    yellow = gilbert.having(fact("tbil", "2026-05-05 08:00", "60 umol/L", upper_limit="20"))

    assert transfused.blocked(Step.ENROL, "2026-05-10 10:00")["no_transfusion_7d"] is FAIL
    assert "tbil" not in yellow.blocked(Step.ENROL, "2026-05-10 10:00")


def test_a_score_of_the_earlier_episode_serves_as_baseline_and_not_as_the_present_one() -> None:
    scored = AGAIN.having(fact("refractory", "2026-05-05 09:00", "no"), fact("mrss", MEASURED, "18"))
    now = scored.having(fact("mrss", "2026-05-05 09:00", "21"))

    assert scored.finding("refractory_progressive", "2026-05-11 10:00").outcome is MISSING
    assert now.finding("refractory_progressive", "2026-05-11 10:00").outcome is Outcome.MET


def test_signing_a_new_form_during_screening_begins_nothing_anew() -> None:
    signed_again = WOMAN.having(fact("consent", "2026-03-06 09:00"))

    assert signed_again.gate(Step.ENROL, ENROLLED).allowed


def test_results_from_before_the_consent_do_not_count() -> None:
    late = WOMAN.but(fact("consent", "2026-03-05 09:00"))
    stale = {clause for clause, outcome in late.blocked(Step.ENROL, ENROLLED).items() if outcome is Outcome.STALE}

    assert {"anc", "hb", "lvef", "hcg_screening", "hcg_7d_enrol"} <= stale


def old_plan(recorded: str) -> Fact:
    return plan(Step.ENROL, "2026-03-20 10:00", recorded=recorded)


def test_a_plan_of_the_earlier_episode_is_not_a_plan_of_the_new_one() -> None:
    planned_before = AGAIN.having(old_plan("2026-03-10 10:00"))

    assert planned_before.evaluation("2026-05-05 10:00").planned == ()


def test_a_plan_made_since_the_screen_failure_holds() -> None:
    new = plan(Step.ENROL, "2026-05-11 10:00", recorded="2026-05-04 10:00", key="new")

    assert AGAIN.having(old_plan("2026-03-10 10:00"), new).evaluation("2026-05-05 10:00").planned_gate(Step.ENROL)


@pytest.mark.parametrize(("person", "step"), [(enrolled(MAN), Step.ENROL), (infused(MAN), Step.INFUSION)])
def test_a_plan_moved_after_a_step_that_happens_once_plans_nothing(person: Person, step: Step) -> None:
    """The step happened, and somebody who had not heard of it moved the plan."""
    moved = person.having(plan(step, "2026-04-20 10:00", recorded="2026-04-15 10:00"))

    assert moved.evaluation("2026-04-16 10:00").planned_gate(step) is None


@pytest.mark.parametrize("step", [Step.ENROL, Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION])
def test_after_the_infusion_no_earlier_step_comes_again(step: Step) -> None:
    assert infused(MAN).blocked(step, "2026-05-04 09:00") == ORDER


def test_after_the_end_no_step_is_in_order() -> None:
    ended = MAN.having(fact("death", "2026-03-05 09:00")).evaluation(ENROLLED)

    assert [step for step in GUARDED_STEPS if ended.gates[step].in_order] == []

"""A start that lies ahead is judged as if the plans before it were kept and what is owed were done in time."""

from datetime import timedelta

import pytest

from tests.workflow.builders import (
    COLLECTED,
    ENROLLED,
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    enrolled,
    fact,
    infused,
    later,
    moment,
    plan,
)
from tests.workflow.searching import a_trial_with
from workflow.findings import Outcome, Reason
from workflow.prospects import Prospect, look_ahead, open_plans
from workflow.rules.answer import Answer
from workflow.site_calendar import TICK
from workflow.stages import Step

DOSE, INFUSION = "2026-04-20 09:00", "2026-04-25 10:00"


def ahead(person: Person, step: Step, when: str, **plans: str) -> Prospect:
    """A prospect; the plans by the names of their steps."""
    return look_ahead(
        RELMA, person.timeline(), step, at(when), {Step(name): moment(each) for name, each in plans.items()}
    )


def told(prospect: Prospect) -> dict[str, Outcome]:
    """Everything that does not pass, by clause."""
    return {each.clause: each.outcome for each in prospect.findings if not each.outcome.passes}


def test_what_is_missing_or_gone_stale_by_then_is_owed_and_forbids_nothing() -> None:
    found = ahead(collected(an_eligible_woman()), Step.LYMPHODEPLETION, DOSE)

    assert told(found) == {"hcg_48h_ld": Outcome.STALE}
    assert [each.clause for each in found.owes] == ["hcg_48h_ld"]
    assert (found.forbids, found.stops, found.allowed, found.awaited) == ((), (), True, "")
    assert (found.step, found.at) == (Step.LYMPHODEPLETION, at(DOSE))


def test_what_lies_too_short_a_time_back_forbids_the_start_until_its_window_is_over() -> None:
    sick = enrolled(an_eligible_man()).having(
        fact("systemic_infection", "2026-03-10 08:00", until="2026-03-14", recorded="2026-03-15 08:00")
    )
    found = ahead(sick, Step.LEUKAPHERESIS, COLLECTED)

    assert [each.clause for each in found.forbids] == ["infection_2w_apheresis"]
    assert (found.stops, found.allowed) == ((), False)
    assert found.changes_at == at("2026-03-29 00:00")
    assert ahead(sick, Step.LEUKAPHERESIS, "2026-03-29 00:00").allowed


def test_a_result_that_is_not_as_required_stops_as_things_stand() -> None:
    positive = collected(an_eligible_woman()).having(
        fact("serum_hcg", "2026-04-19 08:00", "positive", resulted="2026-04-19 12:00")
    )
    found = ahead(positive, Step.LYMPHODEPLETION, DOSE)

    assert [each.clause for each in found.stops] == ["hcg_48h_ld"]
    assert (found.forbids, found.owes, found.allowed) == ((), (), False)


def test_an_end_of_the_journey_forbids_everything() -> None:
    dead = collected(an_eligible_man()).having(fact("death", "2026-04-10 09:00"))
    found = ahead(dead, Step.LYMPHODEPLETION, DOSE)

    assert [each.reason for each in found.forbids] == [Reason.JOURNEY_ENDED]
    assert found.awaited == ""


def test_who_left_the_treatment_is_not_given_the_rest_of_it() -> None:
    left = collected(an_eligible_man()).having(fact("treatment_withdrawn", "2026-04-10 09:00"))

    assert [each.reason for each in ahead(left, Step.LYMPHODEPLETION, DOSE).forbids] == [Reason.JOURNEY_ENDED]


def test_a_step_that_happens_once_is_not_planned_again() -> None:
    found = ahead(infused(an_eligible_man()), Step.INFUSION, INFUSION)

    assert [each.reason for each in found.forbids] == [Reason.OUT_OF_ORDER]
    assert found.awaited == ""


def test_an_earlier_step_that_is_planned_before_is_taken_as_kept_with_its_end() -> None:
    found = ahead(collected(an_eligible_man()), Step.INFUSION, INFUSION, lymphodepletion=DOSE)

    assert (found.findings[0].clause, found.allowed, found.awaited) == ("product_for_infusion", True, "")
    assert told(found) == {}


@pytest.mark.parametrize("when", [INFUSION, later(INFUSION, days=3), "2026-04-25", "2026-04-26"])
def test_an_earlier_step_that_is_planned_at_the_same_time_or_after_forbids_the_start(when: str) -> None:
    found = ahead(collected(an_eligible_man()), Step.INFUSION, INFUSION, lymphodepletion=when)

    # A plan of the whole day may take place at its first instant.
    if when == "2026-04-25":
        assert found.allowed
        return
    assert [each.reason for each in found.forbids] == [Reason.OUT_OF_ORDER]
    assert found.changes_at == at(when if " " in when else f"{when} 00:00") + TICK


def test_the_earliest_change_is_told_whether_the_rules_or_a_plan_bring_it() -> None:
    sick = enrolled(an_eligible_man()).having(
        fact("systemic_infection", "2026-03-10 08:00", until="2026-03-14", recorded="2026-03-15 08:00")
    )
    soon = ahead(sick, Step.LEUKAPHERESIS, "2026-03-20 09:00", enrol="2026-03-21 09:00")
    late = ahead(sick, Step.LEUKAPHERESIS, "2026-03-20 09:00", enrol="2026-04-21 09:00")

    assert (soon.changes_at, late.changes_at) == (at("2026-03-21 09:00") + TICK, at("2026-03-29 00:00"))


def test_nothing_to_come_means_no_change() -> None:
    assert ahead(conditioned(an_eligible_man()), Step.INFUSION, INFUSION).changes_at is None


def test_an_earlier_step_that_nobody_has_planned_is_awaited_and_the_rules_are_asked_all_the_same() -> None:
    found = ahead(collected(an_eligible_man()), Step.INFUSION, INFUSION)

    assert (found.awaited, found.allowed) == ("lymphodepletion_completed", True)
    assert [each.clause for each in found.findings] == ["product_for_infusion"]


def test_a_step_under_way_is_awaited_until_its_end_is_recorded() -> None:
    under_way = enrolled(an_eligible_man()).having(fact("leukapheresis_started", COLLECTED))
    found = ahead(under_way, Step.LYMPHODEPLETION, DOSE)

    assert found.awaited == "leukapheresis_completed"
    assert told(found) == {"product_for_ld": Outcome.MISSING}


def test_an_enrolment_that_is_planned_lets_the_leukapheresis_follow() -> None:
    screened = an_eligible_man()

    assert ahead(screened, Step.LEUKAPHERESIS, COLLECTED).awaited == "enrolment"
    kept = ahead(screened, Step.LEUKAPHERESIS, COLLECTED, enrol=ENROLLED)
    assert (kept.awaited, told(kept)) == ("", {"infection_2w_apheresis": Outcome.STALE})


def test_what_the_kept_step_owes_is_owed_once() -> None:
    screened = an_eligible_woman()
    first = ahead(screened, Step.ENROL, "2026-03-20 10:00")
    second = ahead(screened, Step.LEUKAPHERESIS, "2026-03-21 10:00", enrol="2026-03-20 10:00")

    assert {each.clause for each in first.owes} == {"hcg_7d_enrol", "no_transfusion_7d", "no_growth_factor_7d"}
    assert {each.clause for each in second.owes} == {"infection_2w_apheresis"}


def test_a_collection_that_came_to_nothing_is_no_collection() -> None:
    failed = collected(an_eligible_man()).having(fact("manufacturing_failed", "2026-04-05 10:00"))

    assert [each.reason for each in ahead(failed, Step.LYMPHODEPLETION, DOSE).forbids] == [Reason.OUT_OF_ORDER]
    again = ahead(failed, Step.LYMPHODEPLETION, DOSE, leukapheresis="2026-04-12 09:00")
    assert (again.allowed, again.awaited, told(again)) == (True, "", {"product_for_ld": Outcome.MISSING})


def test_a_second_collection_makes_the_product_owed_again() -> None:
    again = ahead(collected(an_eligible_man()), Step.LYMPHODEPLETION, DOSE, leukapheresis="2026-04-12 09:00")

    assert told(again) == {"product_for_ld": Outcome.MISSING}


def test_a_plan_of_the_step_itself_and_of_later_steps_plays_no_part() -> None:
    person = collected(an_eligible_woman())
    alone = ahead(person, Step.LYMPHODEPLETION, DOSE)
    planned = ahead(person, Step.LYMPHODEPLETION, DOSE, lymphodepletion="2026-04-11 09:00", infusion=INFUSION)

    assert planned == alone


def test_a_hold_stops_and_forbids_nothing() -> None:
    held = collected(an_eligible_man()).having(fact("hold", "2026-04-10 09:00"))
    ends = collected(an_eligible_man()).having(fact("hold", "2026-04-10 09:00", until="2026-04-21"))

    assert [each.clause for each in ahead(held, Step.LYMPHODEPLETION, DOSE).stops] == ["hold"]
    assert ahead(ends, Step.LYMPHODEPLETION, DOSE).changes_at == at("2026-04-22 00:00") - TICK


def test_the_answer_is_the_same_until_it_says_that_it_changes() -> None:
    person = collected(an_eligible_woman()).having(
        fact("serum_hcg", "2026-04-18 10:00", "negative", resulted="2026-04-18 13:00")
    )
    found = ahead(person, Step.LYMPHODEPLETION, "2026-04-18 14:00")

    assert found.changes_at == at("2026-04-20 10:00") + TICK
    last = look_ahead(RELMA, person.timeline(), Step.LYMPHODEPLETION, found.changes_at - TICK, {})
    beyond = look_ahead(RELMA, person.timeline(), Step.LYMPHODEPLETION, found.changes_at, {})
    assert (told(found), told(last), told(beyond)) == ({}, {}, {"hcg_48h_ld": Outcome.STALE})


def test_the_plans_that_are_open_are_those_that_no_start_has_used_up() -> None:
    person = collected(an_eligible_man()).having(
        plan(Step.LEUKAPHERESIS, COLLECTED, recorded="2026-03-10 09:00"),
        plan(Step.LYMPHODEPLETION, DOSE, recorded="2026-04-04 09:00"),
        plan(Step.INFUSION, "2026-04-25", recorded="2026-04-04 09:00"),
    )
    found = open_plans(RELMA, person.timeline(), at("2026-04-05 09:00"))

    assert found == {Step.LYMPHODEPLETION: at(DOSE), Step.INFUSION: moment("2026-04-25")}


def test_a_cancelled_plan_is_not_open() -> None:
    person = collected(an_eligible_man()).having(
        plan(Step.LYMPHODEPLETION, DOSE, recorded="2026-04-04 09:00"),
        plan(Step.LYMPHODEPLETION, DOSE, recorded="2026-04-04 10:00", version=2, cancelled=True),
    )
    assert open_plans(RELMA, person.timeline(), at("2026-04-05 09:00")) == {}


def test_what_nobody_asks_about_is_left_alone() -> None:
    person = collected(an_eligible_man())
    before = person.timeline().every_version
    timeline = person.timeline()
    look_ahead(RELMA, timeline, Step.INFUSION, at(INFUSION), {Step.LYMPHODEPLETION: at(DOSE)})

    assert timeline.every_version == before
    assert at(INFUSION) - at(DOSE) == timedelta(days=5, hours=1)


@pytest.mark.parametrize(
    ("infusion", "outcome", "reason"),
    [
        ("2026-04-25 10:00", Outcome.MET, Reason.ANSWERED_AS_REQUIRED),
        ("2026-04-27 10:00", Outcome.STALE, Reason.OUTSIDE_WINDOW),
        (None, Outcome.STALE, Reason.NO_ANCHOR),
    ],
)
def test_a_plan_of_a_later_step_is_what_windows_before_that_step_count_from(
    infusion: str | None, outcome: Outcome, reason: Reason
) -> None:
    tested = collected(an_eligible_woman()).having(
        fact("serum_hcg", "2026-04-19 08:00", "negative", resulted="2026-04-19 12:00")
    )
    words = {"answer": "serum_hcg", "is": "negative", "within": "P7D before infusion"}
    trial = a_trial_with(Step.LYMPHODEPLETION, Answer.model_validate(words))
    asked = {Step.FOLLOW_UP: moment("2026-05-20 09:00")} | ({Step.INFUSION: moment(infusion)} if infusion else {})
    planned = (
        tested.having(plan(Step.INFUSION, "2026-04-29 10:00", recorded="2026-04-06 09:00")) if infusion else tested
    )
    found = look_ahead(trial, planned.timeline(), Step.LYMPHODEPLETION, at(DOSE), asked)

    assert [(each.outcome, each.reason) for each in found.findings if each.clause == "extra"] == [(outcome, reason)]

"""What is owed besides the tests of the ladder: look-backs, the test of enrolment, and what lasts for years."""

from datetime import date

import pytest

from tests.workflow.builders import (
    ENROLLED,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    corrected,
    enrolled,
    fact,
    infused,
    plan,
)  # fmt: skip
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.facts import Fact, FactStatus
from workflow.findings import Finding, Outcome, Reason, Remedy
from workflow.stages import Step

WOMAN, MAN = an_eligible_woman(), an_eligible_man()
FATHER = MAN.but(fact("partner_of_childbearing_potential", "2026-03-02 09:00", "yes")).having(
    fact("contraception_agreed", "2026-03-02 09:00", "yes")
)


def owed(person: Person, clause: str, when: str) -> Deadline:
    deadline = person.evaluation(when).deadline(clause)
    assert deadline is not None
    return deadline


def study_end(day: str, recorded: str = "2026-03-02 10:00", version: int = 1) -> Fact:
    return fact("study_end", day, recorded=recorded, status=FactStatus.PLANNED, version=version, key="study end")


# What lasts


@pytest.mark.parametrize("person", [WOMAN, FATHER], ids=["woman", "father"])
def test_contraception_is_owed_from_enrolment_through_the_day_two_years_after_the_study(person: Person) -> None:
    promised = enrolled(person).having(study_end("2027-04-30"))
    deadline = owed(promised, "contraception", "2026-03-10 10:00")

    assert deadline.status is DeadlineStatus.OPEN
    assert deadline.opens_at == at(ENROLLED)
    assert str(deadline.required_through) == "2029-04-30"
    assert owed(promised, "contraception", "2029-04-30 23:59:59").status is DeadlineStatus.OPEN
    assert owed(promised, "contraception", "2029-05-01 00:00").status is DeadlineStatus.MET


def test_before_enrolment_it_is_still_to_come() -> None:
    assert owed(WOMAN, "contraception", ENROLLED).status is DeadlineStatus.UPCOMING


def test_while_the_end_of_the_study_is_unknown_it_has_no_last_day() -> None:
    deadline = owed(infused(WOMAN), "contraception", "2030-01-01 10:00")

    assert (deadline.status, deadline.required_through) == (DeadlineStatus.OPEN, None)


def test_moving_the_end_of_the_study_moves_the_last_day() -> None:
    moved = enrolled(WOMAN).having(
        study_end("2027-04-30"), study_end("2027-10-31", recorded="2026-06-01 10:00", version=2)
    )

    assert str(owed(moved, "contraception", "2026-06-01 10:00").required_through) == "2029-10-31"


def test_it_applies_to_nobody_without_a_pregnancy_to_fear() -> None:
    assert owed(enrolled(MAN), "contraception", "2026-03-10 10:00").status is DeadlineStatus.NOT_APPLICABLE


def test_a_changed_status_acts_from_its_effective_time() -> None:
    partner = enrolled(MAN).having(fact("partner_of_childbearing_potential", "2026-06-01 09:00", "yes"))

    assert owed(partner, "contraception", "2026-06-01 08:59").status is DeadlineStatus.NOT_APPLICABLE
    assert owed(partner, "contraception", "2026-06-01 09:00").status is DeadlineStatus.OPEN
    assert owed(partner, "contraception", "2026-06-01 09:00").opens_at == at(ENROLLED)


def test_a_promise_that_is_found_not_to_have_been_made_invalidates_the_enrolment() -> None:
    promise = next(entry for entry in WOMAN.facts if entry.concept == "contraception_agreed")
    broken = enrolled(WOMAN).having(corrected(promise, "2026-03-12 09:00", value="no"))

    deadlines = broken.evaluation("2026-03-12 09:00").deadlines

    assert [d.status for d in deadlines if d.clause == "contraception"] == [DeadlineStatus.ELIGIBILITY_INVALIDATED]


# Look-backs


PLANNED = WOMAN.having(plan(Step.ENROL, ENROLLED, recorded="2026-03-04 10:00"))


@pytest.mark.parametrize(
    ("event", "clause"), [("transfusion", "no_transfusion_7d"), ("growth_factor", "no_growth_factor_7d")]
)
def test_an_event_inside_the_look_back_of_a_plan_is_told_at_once(event: str, clause: str) -> None:
    conflict = PLANNED.having(fact(event, "2026-03-05 15:00", recorded="2026-03-06 09:00"))
    rung = owed(conflict, clause, "2026-03-06 09:00").rung

    assert rung is not None
    assert (rung.name, rung.urgent, rung.fires_at) == ("conflict", True, at("2026-03-06 09:00"))
    assert rung.tell == ("crc", "apheresis_nurse")


def test_a_plan_made_inside_a_known_look_back_is_told_when_it_is_made() -> None:
    person = WOMAN.having(
        fact("transfusion", "2026-03-05 15:00"), plan(Step.ENROL, ENROLLED, recorded="2026-03-06 14:00")
    )
    rung = owed(person, "no_transfusion_7d", "2026-03-06 14:00").rung

    assert rung is not None
    assert rung.fires_at == at("2026-03-06 14:00")


def test_a_look_back_that_is_not_yet_documented_is_owed_quietly() -> None:
    deadline = owed(PLANNED.without("transfusion_review"), "no_transfusion_7d", "2026-03-06 09:00")

    assert (deadline.status, deadline.rung) == (DeadlineStatus.OPEN, None)


def test_moving_the_plan_out_of_the_look_back_ends_the_conflict() -> None:
    conflict = PLANNED.having(fact("transfusion", "2026-03-05 15:00", recorded="2026-03-06 09:00"))
    moved = conflict.having(plan(Step.ENROL, "2026-03-13 10:00", recorded="2026-03-06 10:00", version=2))

    assert owed(moved, "no_transfusion_7d", "2026-03-06 10:00").rung is None


ILL = enrolled(WOMAN).having(fact("systemic_infection", "2026-03-10", until="2026-03-14"))


@pytest.mark.parametrize(
    ("struck", "clause", "last_day", "earliest"),
    [
        (WOMAN.having(fact("transfusion", "2026-03-05 15:00")), "no_transfusion_7d", "2026-03-12", "2026-03-13"),
        (WOMAN.having(fact("growth_factor", "2026-03-05")), "no_growth_factor_7d", "2026-03-12", "2026-03-13"),
        (ILL, "infection_2w_apheresis", "2026-03-28", "2026-03-29"),
    ],
    ids=["transfusion", "growth factor on a day", "infection"],
)
def test_a_conflict_names_the_first_instant_at_which_it_clears_and_then_it_does(
    struck: Person, clause: str, last_day: str, earliest: str
) -> None:
    clearing = struck.finding(clause, "2026-03-16 09:00" if struck is ILL else ENROLLED).clearing

    assert clearing is not None
    assert (clearing.remedy, clearing.starts_from) == (Remedy.WAIT_UNTIL, at(f"{earliest} 00:00"))
    assert struck.finding(clause, f"{last_day} 23:59:59").outcome is Outcome.FAIL
    assert struck.finding(clause, f"{earliest} 00:00").outcome is Outcome.STALE


def test_an_infection_without_an_end_clears_at_no_known_time() -> None:
    clearing = enrolled(WOMAN).having(fact("systemic_infection", "2026-03-10")).finding(
        "infection_2w_apheresis", "2026-03-16 09:00"
    ).clearing  # fmt: skip

    assert clearing is not None
    assert (clearing.remedy, clearing.starts_from) == (Remedy.END_OF_EVENT, None)


# The test of enrolment


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("2026-03-17 09:59", None), ("2026-03-17 10:00", "order_test"), ("2026-03-19 10:00", "no_result"),
        ("2026-03-20 10:00", "no_result"),
    ],
)  # fmt: skip
def test_the_test_of_enrolment_has_a_ladder_of_days(when: str, name: str | None) -> None:
    planned = WOMAN.having(plan(Step.ENROL, "2026-03-20 10:00", recorded="2026-03-10 10:00"))
    rung = owed(planned, "hcg_7d_enrol", when).rung

    assert (rung and rung.name) == name


def test_a_stale_test_names_when_the_new_sample_may_be_drawn() -> None:
    planned = WOMAN.having(plan(Step.ENROL, "2026-03-20 10:00", recorded="2026-03-10 10:00"))
    finding = owed(planned, "hcg_7d_enrol", "2026-03-12 10:00").finding

    assert finding is not None
    assert finding.clearing is not None
    assert finding.clearing.remedy is Remedy.NEW_SAMPLE
    assert (finding.clearing.draw_from, finding.clearing.draw_by) == (at("2026-03-13 00:00"), at("2026-03-20 10:00"))


def test_a_met_window_says_the_last_start_that_the_evidence_serves() -> None:
    finding = WOMAN.finding("hcg_7d_enrol", ENROLLED)
    assert finding.valid_until is not None

    later_on = WOMAN.having(fact("transfusion_review", "2026-03-11 20:00"))
    assert later_on.finding("hcg_7d_enrol", finding.valid_until).outcome.passes
    assert str(finding.valid_until.astimezone(WOMAN.zone)) == "2026-03-11 23:59:59.999999+08:00"


# After the end


def test_death_while_the_product_is_being_made_cancels_what_was_owed() -> None:
    died = collected(WOMAN).having(
        study_end("2027-04-30"),
        plan(Step.LYMPHODEPLETION, "2026-04-09 09:00", recorded="2026-04-01 10:00"),
        fact("death", "2026-04-07 03:00"),
    )
    before, after = (
        {clause: owed(died, clause, when).status for clause in ("hcg_48h_ld", "contraception", "hcg_7d_enrol")}
        for when in ("2026-04-07 02:59", "2026-04-07 03:00")
    )

    assert before == {
        "hcg_48h_ld": DeadlineStatus.UPCOMING, "contraception": DeadlineStatus.OPEN, "hcg_7d_enrol": DeadlineStatus.MET
    }  # fmt: skip
    assert after == {
        "hcg_48h_ld": DeadlineStatus.CANCELLED, "contraception": DeadlineStatus.CANCELLED,
        "hcg_7d_enrol": DeadlineStatus.MET,
    }  # fmt: skip
    assert owed(died, "hcg_48h_ld", "2026-04-07 03:00").occurrence == 1


def test_asked_by_its_clause_the_obligation_of_the_latest_occurrence_answers() -> None:
    again = plan(Step.LYMPHODEPLETION, "2026-05-20 09:00", recorded="2026-05-01 10:00")
    evaluation = conditioned(WOMAN).having(again).evaluation("2026-05-10 09:00")
    latest = evaluation.deadline("hcg_48h_ld")

    assert latest is not None
    assert latest.occurrence == 2
    assert evaluation.deadline("no_such_clause") is None


def test_what_does_not_apply_to_whoever_is_planned_is_not_owed_and_says_why() -> None:
    planned = MAN.having(plan(Step.ENROL, ENROLLED, recorded="2026-03-04 10:00")).evaluation("2026-03-05 10:00")
    why = Finding(Outcome.NOT_APPLICABLE, Reason.DOES_NOT_APPLY, clause="hcg_7d_enrol")

    assert planned.deadline("hcg_7d_enrol") == Deadline("hcg_7d_enrol", 1, DeadlineStatus.NOT_APPLICABLE, finding=why)


def test_a_clause_that_does_not_apply_shows_the_answer_that_says_so() -> None:
    answer = fact("wocbp", "2026-03-02 10:00", "no")

    assert WOMAN.but(answer).finding("hcg_7d_enrol", ENROLLED) == Finding(
        Outcome.NOT_APPLICABLE, Reason.DOES_NOT_APPLY, clause="hcg_7d_enrol", evidence=(answer,)
    )


def test_once_the_step_was_taken_what_was_owed_before_it_is_met_or_never_applied() -> None:
    met = enrolled(WOMAN).evaluation("2026-03-10 09:00").deadline("hcg_7d_enrol")

    assert met is not None
    assert met == Deadline(
        "hcg_7d_enrol", 1, DeadlineStatus.MET, opens_at=at("2026-03-02 00:00"), due_at=at(ENROLLED),
        valid_until=met.valid_until, finding=WOMAN.finding("hcg_7d_enrol", ENROLLED),
    )  # fmt: skip
    assert met.valid_until == WOMAN.finding("hcg_7d_enrol", ENROLLED).valid_until
    assert enrolled(MAN).evaluation("2026-03-10 09:00").deadline("hcg_7d_enrol") == Deadline(
        "hcg_7d_enrol", 1, DeadlineStatus.NOT_APPLICABLE
    )


def test_what_lasts_for_years_is_one_obligation_from_before_it_begins_until_it_is_over() -> None:
    ending = enrolled(WOMAN).having(study_end("2027-04-30"))
    through = date(2029, 4, 30)

    def lasting(person: Person, when: str) -> Deadline | None:
        return person.evaluation(when).deadline("contraception")

    assert lasting(MAN, ENROLLED) == Deadline("contraception", 1, DeadlineStatus.NOT_APPLICABLE)
    assert lasting(WOMAN, ENROLLED) == Deadline("contraception", 1, DeadlineStatus.UPCOMING)
    assert lasting(WOMAN.having(study_end("2027-04-30")), ENROLLED) == Deadline(
        "contraception", 1, DeadlineStatus.UPCOMING, required_through=through
    )
    assert lasting(enrolled(WOMAN), ENROLLED) == Deadline(
        "contraception", 1, DeadlineStatus.OPEN, opens_at=at(ENROLLED)
    )
    assert lasting(ending, "2029-04-30 23:59:59.999999") == Deadline(
        "contraception", 1, DeadlineStatus.OPEN, opens_at=at(ENROLLED), required_through=through
    )
    assert lasting(ending, "2029-05-01 00:00") == Deadline(
        "contraception", 1, DeadlineStatus.MET, opens_at=at(ENROLLED), required_through=through
    )

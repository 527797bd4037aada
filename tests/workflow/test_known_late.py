"""What becomes known after a step: it judges the step again at its own instant, says since when, and holds the next."""

from dataclasses import replace
from decimal import Decimal

from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    MEASURED,
    Person,
    an_eligible_woman,
    at,
    collected,
    corrected,
    enrolled,
    fact,
    plan,
    reviews,
    withdrawn,
)  # fmt: skip
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.facts import Fact
from workflow.findings import Outcome
from workflow.stages import Step

FAIL, MISSING, STALE = Outcome.FAIL, Outcome.MISSING, Outcome.STALE
WOMAN = an_eligible_woman()
AFTERWARDS = "2026-03-12 15:00"
LATER = "2026-03-13 09:00"


def entry(person: Person, concept: str) -> Fact:
    return next(fact for fact in person.facts if fact.concept == concept)


def invalidated(person: Person, when: str = LATER) -> dict[str, Deadline]:
    deadlines = person.evaluation(when).deadlines
    return {d.clause: d for d in deadlines if d.status is DeadlineStatus.ELIGIBILITY_INVALIDATED}


def raised(person: Person, when: str = LATER) -> dict[str, object]:
    return {clause: deadline.raised_at for clause, deadline in invalidated(person, when).items()}


TRANSFUSED = enrolled(WOMAN).having(fact("transfusion", "2026-03-06 15:00", recorded=AFTERWARDS))


def test_a_transfusion_that_comes_to_light_after_enrolment_invalidates_it() -> None:
    deadline = invalidated(TRANSFUSED)["no_transfusion_7d"]

    assert invalidated(TRANSFUSED).keys() == {"no_transfusion_7d"}
    assert (deadline.due_at, deadline.raised_at) == (at(ENROLLED), at(AFTERWARDS))
    assert deadline.rung is not None
    assert (deadline.rung.name, deadline.rung.fires_at, deadline.rung.urgent) == ("invalidated", at(AFTERWARDS), True)
    assert deadline.rung.tell == ("pi", "crc")


def test_what_was_wrong_when_the_step_was_recorded_is_told_as_a_report_against_its_gate() -> None:
    deadline = invalidated(enrolled(WOMAN.but(fact("anc", MEASURED, "0.5 10*9/L"))))["anc"]

    assert deadline.raised_at == at(ENROLLED)
    assert deadline.rung is not None
    assert (deadline.rung.name, deadline.rung.tell) == ("reported", ("pi", "pharmacist", "crc"))


def test_it_holds_the_leukapheresis_at_the_enrolments_own_anchor() -> None:
    assert TRANSFUSED.blocked(Step.LEUKAPHERESIS, COLLECTED) == {"no_transfusion_7d": FAIL}
    assert TRANSFUSED.blocked(Step.LEUKAPHERESIS, COLLECTED) == TRANSFUSED.blocked(
        Step.LEUKAPHERESIS, "2026-03-16 09:01"
    )


def test_a_planned_leukapheresis_is_held_as_well() -> None:
    planned = TRANSFUSED.having(plan(Step.LEUKAPHERESIS, COLLECTED, recorded="2026-03-10 10:00"))
    gate = planned.evaluation(LATER).planned_gate(Step.LEUKAPHERESIS)

    assert gate is not None
    assert "no_transfusion_7d" in {finding.clause for finding in gate.blocking}


def test_before_it_was_known_nothing_was_wrong() -> None:
    then = replace(TRANSFUSED, facts=TRANSFUSED.timeline().known_before(at(AFTERWARDS)).every_version)

    assert invalidated(then) == {}
    assert then.blocked(Step.LEUKAPHERESIS, LATER) == {"infection_2w_apheresis": STALE}


def test_a_transfusion_after_the_assessment_touches_no_passed_gate() -> None:
    assert invalidated(enrolled(WOMAN).having(fact("transfusion", "2026-03-11 09:00"))) == {}


def test_whoever_owed_nothing_at_the_step_is_asked_nothing_about_it_afterwards() -> None:
    """A test after enrolment is evidence for later steps: what was collected up to the enrolment decides there."""
    positive_since = enrolled(WOMAN).having(fact("serum_hcg", "2026-03-11 08:00", "positive"))

    assert invalidated(positive_since) == {}
    assert positive_since.gate(Step.LEUKAPHERESIS, COLLECTED).allowed


def test_a_withdrawn_result_invalidates_from_its_withdrawal() -> None:
    person = enrolled(WOMAN)
    person = person.having(withdrawn(entry(person, "serum_hcg"), AFTERWARDS))

    assert raised(person) == {"hcg_screening": at(AFTERWARDS), "hcg_7d_enrol": at(AFTERWARDS)}


def test_a_withdrawn_result_invalidates_from_its_withdrawal_also_where_an_older_one_remains() -> None:
    recent = fact("serum_hcg", "2026-03-07 08:00", "negative")
    older = fact("serum_hcg", "2026-03-01 08:00", "negative")
    person = enrolled(WOMAN.but(fact("consent", "2026-02-20 09:00")).without("serum_hcg").having(older, recent))

    assert invalidated(person) == {}
    assert raised(person.having(withdrawn(recent, AFTERWARDS))) == {"hcg_7d_enrol": at(AFTERWARDS)}


def test_a_corrected_value_invalidates_from_its_correction() -> None:
    person = enrolled(WOMAN)
    anc = entry(person, "anc")
    person = person.having(corrected(anc, AFTERWARDS, unit="/uL"))

    assert raised(person) == {"anc": at(AFTERWARDS)}


def test_a_corrected_weight_invalidates_what_is_calculated_from_it() -> None:
    person = enrolled(WOMAN)
    person = person.having(corrected(entry(person, "weight"), AFTERWARDS, value=Decimal(20)))

    assert raised(person) == {"crcl": at(AFTERWARDS)}


def test_a_corrected_consent_invalidates_what_was_measured_before_it() -> None:
    person = enrolled(WOMAN)
    person = person.having(corrected(entry(person, "consent"), AFTERWARDS, at=at("2026-03-05 09:00")))

    assert {"anc", "lvef", "hcg_screening"} <= raised(person).keys()
    assert set(raised(person).values()) == {at(AFTERWARDS)}


def test_a_withdrawn_look_back_invalidates_from_its_withdrawal() -> None:
    person = enrolled(WOMAN)
    person = person.having(withdrawn(entry(person, "transfusion_review"), AFTERWARDS))

    assert person.blocked(Step.LEUKAPHERESIS, COLLECTED) == {"no_transfusion_7d": MISSING}
    assert raised(person) == {"no_transfusion_7d": at(AFTERWARDS)}


def test_a_corrected_childbearing_potential_invalidates_what_it_made_inapplicable() -> None:
    status = fact("wocbp", CONSENTED, "no")
    person = enrolled(WOMAN.without("serum_hcg", "contraception_agreed").but(status))

    assert invalidated(person) == {}
    assert raised(person.having(corrected(status, AFTERWARDS, value="yes"))) == dict.fromkeys(
        ("hcg_screening", "hcg_7d_enrol", "contraception"), at(AFTERWARDS)
    )


def test_a_later_sample_does_not_move_the_instant_at_which_it_became_known() -> None:
    person = enrolled(WOMAN)
    person = person.having(withdrawn(entry(person, "serum_hcg"), AFTERWARDS))
    tested_again = person.having(fact("serum_hcg", "2026-04-08 08:00", "negative"))

    assert raised(tested_again, CONDITIONED) == raised(person)


def test_a_step_that_is_reported_afterwards_is_invalid_from_its_report() -> None:
    reported = WOMAN.without("lvef").having(fact("enrolment", ENROLLED, recorded=AFTERWARDS))

    assert raised(reported) == {"lvef": at(AFTERWARDS)}


def test_what_is_put_right_holds_nothing_any_more() -> None:
    unheld = TRANSFUSED.having(withdrawn(entry(TRANSFUSED, "transfusion"), "2026-03-14 09:00"))

    assert invalidated(unheld, COLLECTED) == {}
    assert unheld.gate(Step.LEUKAPHERESIS, COLLECTED).allowed


def test_an_infection_that_comes_to_light_after_the_leukapheresis_invalidates_that_one_only() -> None:
    ill = fact("systemic_infection", "2026-03-10", until="2026-03-12", recorded="2026-03-20 09:00")
    person = collected(WOMAN).having(
        ill, fact("manufacturing_failed", "2026-03-30 12:00"), *reviews("2026-04-02 08:00"),
        fact("leukapheresis_started", "2026-04-02 09:00"), fact("leukapheresis_completed", "2026-04-02 13:00"),
    )  # fmt: skip
    deadlines = [d for d in person.evaluation("2026-04-03 09:00").deadlines if d.clause == "infection_2w_apheresis"]

    assert {d.occurrence: d.status for d in deadlines} == {
        1: DeadlineStatus.ELIGIBILITY_INVALIDATED, 2: DeadlineStatus.MET
    }  # fmt: skip


def test_evidence_collected_before_and_out_after_the_first_dose_was_not_known_at_its_start() -> None:
    sample = fact("serum_hcg", "2026-04-08 09:00", "negative", resulted="2026-04-09 11:00")
    given_too_early = collected(WOMAN).having(sample, fact("lymphodepletion_started", CONDITIONED))

    assert invalidated(given_too_early, "2026-04-09 12:00").keys() == {"hcg_48h_ld"}


def test_what_the_laboratory_had_before_the_dose_counts_though_the_ward_charts_it_after() -> None:
    charted = fact(
        "serum_hcg", "2026-04-08 09:00", "negative", resulted="2026-04-08 12:00", recorded="2026-04-09 18:00"
    )
    person = collected(WOMAN).having(charted, fact("lymphodepletion_started", CONDITIONED))

    assert invalidated(person, "2026-04-09 18:00") == {}


def test_a_stale_test_found_at_a_corrected_start_is_named_as_stale() -> None:
    """The first dose is found to have been given a day later than recorded."""
    sample = fact("serum_hcg", "2026-04-08 08:00", "negative")
    start = fact("lymphodepletion_started", CONDITIONED)
    person = collected(WOMAN).having(sample, start, corrected(start, "2026-04-12 10:00", at=at("2026-04-10 09:00")))
    deadline = invalidated(person, "2026-04-12 10:00")["hcg_48h_ld"]

    assert deadline.finding is not None
    assert deadline.finding.outcome is STALE
    assert deadline.raised_at == at("2026-04-12 10:00")

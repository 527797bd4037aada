"""Look-backs: what somebody must have looked at, how several looks join, and what counts as inside."""

import pytest

from tests.workflow.builders import ENROLLED, RELMA, Person, an_eligible_man, at, enrolled, fact, reviews
from workflow.context import Context, Horizon
from workflow.findings import Finding, Outcome, Reason
from workflow.rules.absence import Absence
from workflow.stages import Step

MAN = an_eligible_man()
MET, FAIL, STALE, MISSING = Outcome.MET, Outcome.FAIL, Outcome.STALE, Outcome.MISSING


def transfusion(*days: str, when: str = ENROLLED) -> Finding:
    """The clause, with look-backs documented on these days."""
    person = MAN.without("transfusion_review").having(*(fact("transfusion_review", day) for day in days))
    return person.finding("no_transfusion_7d", when)


def infection(person: Person, when: str = "2026-03-16 09:00") -> Finding:
    return person.finding("infection_2w_apheresis", when)


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        (("2026-03-09",), MET),  # covers 2 to 9 March
        (("2026-03-09 00:00",), MET),
        (("2026-03-08",), STALE),  # misses the day itself
        (("2026-03-01", "2026-03-09"), MET),
        (("2026-03-08", "2026-03-07"), STALE),
        ((), MISSING),
    ],
)
def test_the_look_back_must_reach_the_day_of_the_assessment(days: tuple[str, ...], outcome: Outcome) -> None:
    assert transfusion(*days).outcome is outcome


def fourteen_days(*days: str) -> Outcome:
    """The infection clause on 16 March, with look-backs documented on these days, each covering 14 days before."""
    person = enrolled(MAN).without("infection_review").having(*(fact("infection_review", day) for day in days))
    return infection(person).outcome


def test_a_look_back_documented_after_the_step_did_not_exist_at_it() -> None:
    assert fourteen_days("2026-03-16 08:59") is MET
    assert fourteen_days("2026-03-16 09:01") is MISSING


@pytest.mark.parametrize(
    ("began", "until", "outcome"),
    [
        ("2026-01-01", "2026-03-01", MET),
        ("2026-01-01", "2026-03-02", FAIL),  # resolved on the fourteenth day before, and still active that day
        ("2026-01-01", "2026-03-02 00:00", FAIL),
        ("2026-01-01", "2026-03-01 23:59", MET),
        ("2026-01-01", None, FAIL),
        ("2026-03-16 08:59", None, FAIL),
        ("2026-03-16 09:00", None, FAIL),
        ("2026-03-16 09:01", None, MET),  # falls ill after the start
        ("2026-03-16", None, FAIL),  # a day without a time counts whole
    ],
)
def test_an_infection_counts_from_its_start_through_its_end(began: str, until: str | None, outcome: Outcome) -> None:
    assert infection(enrolled(MAN).having(fact("systemic_infection", began, until=until))).outcome is outcome


def test_a_local_infection_stops_nobody() -> None:
    assert infection(enrolled(MAN).having(fact("local_infection", "2026-03-10"))).outcome is MET


def test_what_is_found_outweighs_what_somebody_did_not_find() -> None:
    person = MAN.having(fact("transfusion", "2026-03-05 15:00"))
    finding = person.finding("no_transfusion_7d", ENROLLED)

    assert (finding.outcome, finding.reason) == (FAIL, Reason.EVENT_IN_WINDOW)
    assert [entry.concept for entry in finding.evidence] == ["transfusion"]


def test_of_several_events_the_last_decides_when_it_clears() -> None:
    person = MAN.having(fact("transfusion", "2026-03-05 15:00"), fact("transfusion", "2026-03-07"))
    clearing = person.finding("no_transfusion_7d", ENROLLED).clearing

    assert clearing is not None
    assert clearing.starts_from == at("2026-03-15 00:00")


def test_an_unfinished_look_back_shows_what_was_documented() -> None:
    finding = transfusion("2026-03-08")

    assert finding.reason is Reason.LOOK_BACK_INCOMPLETE
    assert [entry.concept for entry in finding.evidence] == ["transfusion_review"]
    assert transfusion().reason is Reason.LOOK_BACK_NOT_DOCUMENTED


def test_the_answer_goes_stale_by_itself_at_midnight() -> None:
    evaluation = MAN.evaluation(ENROLLED)
    assert evaluation.changes_at == at("2026-03-10 00:00")

    assert MAN.blocked(Step.ENROL, "2026-03-10 00:00") == {"no_transfusion_7d": STALE, "no_growth_factor_7d": STALE}
    assert MAN.having(*reviews("2026-03-10 00:00")).blocked(Step.ENROL, "2026-03-10 00:00") == {}


def asked_a_week_later(person: Person) -> Outcome:
    """A look-back before the enrolment, asked when the leukapheresis is to start."""
    rule = Absence.model_validate(
        {"none": "transfusion", "within": "P7D before enrolment", "looked_for_by": "transfusion_review"}
    )
    timeline, horizon = enrolled(person).timeline(), Horizon(at("2026-03-16 09:00"))
    return rule.judge(Context(RELMA, timeline, horizon, own_event="leukapheresis_started")).outcome


def test_a_look_back_before_an_earlier_step_stays_where_that_step_was() -> None:
    assert asked_a_week_later(MAN) is MET
    assert asked_a_week_later(MAN.having(fact("transfusion", "2026-03-05 09:00"))) is FAIL
    assert asked_a_week_later(MAN.having(fact("transfusion", "2026-03-01 09:00"))) is MET


def test_looking_after_an_earlier_step_does_not_cover_the_day_of_that_step() -> None:
    assert asked_a_week_later(MAN.but(fact("transfusion_review", "2026-03-12 09:00"))) is STALE

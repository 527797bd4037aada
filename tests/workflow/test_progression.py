"""Progression: two values of one thing, or pairs of two things, at most six calendar months apart."""

import pytest

from tests.workflow.asking import told
from tests.workflow.builders import CONSENTED, ENROLLED, Person, an_eligible_man, fact
from workflow.findings import Finding, Outcome, Reason
from workflow.rules.change import Change

MET, FAIL, MISSING = Outcome.MET, Outcome.FAIL, Outcome.MISSING
STABLE_BEFORE, STABLE_NOW = "2025-12-01 10:00", "2026-03-04 10:00"
NOT_REFRACTORY = an_eligible_man().but(fact("refractory", CONSENTED, "no"))


def scored(concept: str, **values: str) -> Person:
    """One score on several days: `scored("mrss", d20251201="18", d20260304="21")`."""
    return NOT_REFRACTORY.having(
        *(fact(concept, f"{d[1:5]}-{d[5:7]}-{d[7:9]} 10:00", value) for d, value in values.items())
    )


def finding(person: Person, when: str = ENROLLED) -> Finding:
    return person.finding("refractory_progressive", when)


def part(person: Person, concept: str) -> Outcome:
    """The outcome of the first part that asks about a concept."""
    return next(part.outcome for part in finding(person).parts if part.subject == concept)


@pytest.mark.parametrize(("now", "outcome"), [("20", FAIL), ("21", MET), ("30", MET), ("10", FAIL)])
def test_the_skin_score_rises_by_three_points_or_it_does_not(now: str, outcome: Outcome) -> None:
    assert part(scored("mrss", d20251201="18", d20260304=now), "mrss") is outcome


@pytest.mark.parametrize(("now", "outcome"), [("72", FAIL), ("71.99", MET), ("90", FAIL)])
def test_ten_per_cent_of_the_earlier_value_exactly_are_not_more_than_ten(now: str, outcome: Outcome) -> None:
    assert part(scored("fvc_pct_pred", d20251201="80", d20260304=now), "fvc_pct_pred") is outcome


def test_percentages_are_of_the_earlier_value() -> None:
    """From 90 to 81.5 is a fall of 9.4 % of 90 and of 10.4 % of 81.5."""
    assert part(scored("fvc_pct_pred", d20251201="90", d20260304="81.5"), "fvc_pct_pred") is FAIL


def test_a_fall_from_nothing_is_no_fall() -> None:
    assert part(scored("fvc_pct_pred", d20251201="0", d20260304="10"), "fvc_pct_pred") is FAIL


def test_any_earlier_value_within_six_months_will_do() -> None:
    person = scored("mrss", d20250904="17", d20251201="20", d20260304="20")

    assert finding(person).outcome is MET


@pytest.mark.parametrize(
    ("earlier", "now", "outcome"),
    [
        ("d20250904", "d20260304", MET),
        ("d20250903", "d20260304", MISSING),
        ("d20250831", "d20260302", MISSING),
        ("d20250902", "d20260302", MET),
    ],
)
def test_six_months_are_calendar_months(earlier: str, now: str, outcome: Outcome) -> None:
    assert part(scored("mrss", **{earlier: "18", now: "21"}), "mrss") is outcome


def test_six_months_before_the_end_of_august_end_with_february() -> None:
    person = NOT_REFRACTORY.having(fact("mrss", "2026-02-28 10:00", "18"), fact("mrss", "2026-08-31 10:00", "21"))

    assert finding(person, "2026-09-01 10:00").outcome is MET


def test_the_latest_value_is_the_present_one_even_if_an_earlier_one_would_pass() -> None:
    person = scored("mrss", d20251201="18", d20260303="22", d20260304="19")

    assert part(person, "mrss") is FAIL


def test_the_last_value_of_a_day_speaks_for_the_day() -> None:
    twice = scored("mrss", d20251201="18").having(
        fact("mrss", "2026-03-04 09:00", "25"), fact("mrss", "2026-03-04 15:00", "19")
    )

    assert part(twice, "mrss") is FAIL


def test_a_value_before_the_consent_is_a_baseline_and_never_the_present_one() -> None:
    assert part(scored("mrss", d20251201="18", d20260301="25"), "mrss") is MISSING


def lungs(dlco_before: str = STABLE_BEFORE, dlco_now: str = STABLE_NOW) -> Person:
    """FVC falls by 6 % and DLCO by 16 %."""
    return NOT_REFRACTORY.having(
        fact("mrss", STABLE_BEFORE, "18"),
        fact("mrss", STABLE_NOW, "18"),
        fact("fvc_pct_pred", STABLE_BEFORE, "100"),
        fact("fvc_pct_pred", STABLE_NOW, "94"),
        fact("dlco_pct_pred", dlco_before, "50"),
        fact("dlco_pct_pred", dlco_now, "42"),
    )


def test_the_two_lung_values_are_paired_by_the_day_on_which_they_were_measured() -> None:
    assert finding(lungs()).outcome is MET
    assert finding(lungs(dlco_now="2026-03-04 16:00")).outcome is MET
    assert finding(lungs(dlco_now="2026-03-05 10:00")).outcome is MISSING
    assert finding(lungs(dlco_before="2025-12-02 10:00")).outcome is MISSING


def test_both_lung_values_must_have_fallen_far_enough() -> None:
    assert (
        finding(
            lungs().but(fact("dlco_pct_pred", STABLE_BEFORE, "50"), fact("dlco_pct_pred", STABLE_NOW, "42.5"))
        ).outcome
        is FAIL
    )
    assert (
        finding(lungs().but(fact("fvc_pct_pred", STABLE_BEFORE, "100"), fact("fvc_pct_pred", STABLE_NOW, "95"))).outcome
        is FAIL
    )


def test_a_value_that_is_not_out_yet_is_not_compared() -> None:
    person = scored("mrss", d20251201="18").having(fact("mrss", "2026-03-04 10:00", "22", resulted="2026-03-10 10:00"))

    assert part(person, "mrss") is MISSING
    assert finding(person, "2026-03-10 10:00").outcome is MET


@pytest.mark.parametrize(
    ("comparator", "value", "outcome"),
    [
        (">", "22", MET), (">=", "21", MET), (">", "20", MISSING), (">", "21", MET),
        ("<", "21", FAIL), ("<=", "21", MISSING), ("<=", "20.9", FAIL), ("<", "22", MISSING),
    ],
)  # fmt: skip
def test_a_bound_moved_far_enough_only_if_every_number_it_may_stand_for_did(
    comparator: str, value: str, outcome: Outcome
) -> None:
    """From 18; a rise of 3 is asked for."""
    bound = scored("mrss", d20251201="18").having(fact("mrss", "2026-03-04 10:00", value, comparator=comparator))

    assert part(bound, "mrss") is outcome


def test_a_change_that_a_bound_leaves_open_says_so_and_shows_both_values() -> None:
    later = fact("mrss", "2026-03-04 10:00", "20", comparator=">")
    bound = scored("mrss", d20251201="18").having(later)
    shown = next(part for part in finding(bound).parts if part.subject == "mrss")

    assert shown.reason is Reason.CANNOT_TELL_FROM_COMPARATOR
    assert [str(entry.value) for entry in shown.evidence] == ["20", "18"]


def test_an_earlier_day_that_settles_it_counts_before_one_that_leaves_it_open() -> None:
    bound = fact("mrss", "2025-12-01 10:00", "18", comparator=">")
    both = scored("mrss", d20260101="18", d20260304="21").having(bound)

    assert part(both, "mrss") is MET


def test_where_one_of_two_things_surely_did_not_fall_far_enough_the_bound_of_the_other_does_not_matter() -> None:
    bound = fact("fvc_pct_pred", STABLE_NOW, "92", comparator="<")
    fallen, stable = (fact("dlco_pct_pred", STABLE_NOW, value) for value in ("40", "50"))
    before = fact("dlco_pct_pred", STABLE_BEFORE, "50"), fact("fvc_pct_pred", STABLE_BEFORE, "100")
    together = Change.model_validate(
        {"change": {"fvc_pct_pred": {"falls_more_than": "10 %"}, "dlco_pct_pred": {"falls_more_than": "15 %"}},
         "apart_at_most": "P6M"}
    )  # fmt: skip

    assert told(together, NOT_REFRACTORY.having(*before, bound, fallen), ENROLLED).outcome is MISSING
    assert told(together, NOT_REFRACTORY.having(*before, bound, stable), ENROLLED).outcome is FAIL


def test_whoever_is_refractory_need_not_be_progressive() -> None:
    stable = scored("mrss", d20251201="18", d20260304="18").but(fact("refractory", CONSENTED, "yes"))

    assert finding(stable).outcome is MET


def test_the_finding_shows_both_values_the_present_one_first() -> None:
    shown = finding(scored("mrss", d20251201="18", d20260304="21")).evidence

    assert [str(entry.value) for entry in shown] == ["21", "18"]


def test_a_value_of_the_very_instant_of_the_consent_belongs_to_the_episode() -> None:
    person = scored("mrss", d20251201="18").having(fact("mrss", CONSENTED, "21"))

    assert part(person, "mrss") is MET


def test_where_none_moved_far_enough_the_earlier_value_from_which_it_moved_most_is_shown() -> None:
    person = scored("mrss", d20251101="20", d20251201="19.5", d20260101="20", d20260304="20")
    shown = next(part for part in finding(person).parts if part.subject == "mrss")

    assert [str(entry.value) for entry in shown.evidence] == ["20", "19.5"]

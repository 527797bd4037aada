"""Numbers against limits: bounds instead of numbers, ranges, units, upper limits, and what is calculated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from operator import eq, ge, gt, le, lt

import pytest

from tests.workflow.builders import ENROLLED, MEASURED, RELMA, Person, an_eligible_man, an_eligible_woman, at, fact
from workflow.context import Context, Horizon
from workflow.findings import Finding, Outcome, Reason, Remedy
from workflow.rules.measure import Measure

MET, FAIL, MISSING, PENDING = Outcome.MET, Outcome.FAIL, Outcome.MISSING, Outcome.PENDING
MAN, WOMAN = an_eligible_man(), an_eligible_woman()


def measured(concept: str, value: str, comparator: str = "=", upper_limit: str | None = None) -> Finding:
    entry = fact(concept, MEASURED, value, comparator=comparator, upper_limit=upper_limit)
    return MAN.but(entry).finding(concept, ENROLLED)


@pytest.mark.parametrize(
    ("concept", "comparator", "value", "outcome"),
    [
        ("anc", "<", "0.5 10*9/L", FAIL),  # surely below 1000/uL
        ("anc", "<", "1.0 10*9/L", FAIL),
        ("anc", "<=", "1.0 10*9/L", MISSING),  # the limit itself would do
        ("anc", "<", "1.5 10*9/L", MISSING),
        ("anc", ">", "0.9 10*9/L", MISSING),
        ("anc", ">=", "1.0 10*9/L", MET),
        ("anc", ">", "1.0 10*9/L", MET),
        ("lvef", ">", "55 %", MET),
        ("lvef", ">", "54 %", MISSING),
        ("lvef", "<", "55 %", FAIL),
        ("lvef", ">=", "55 %", MET),  # the lower end of a range of 55 to 60
        ("alt", "<", "5 U/L", MET),
        ("alt", "<=", "120 U/L", MET),
        ("alt", "<", "121 U/L", MISSING),
        ("alt", ">", "120 U/L", FAIL),
        ("alt", ">=", "120 U/L", MISSING),
        ("alt", ">", "100 U/L", MISSING),
    ],
)
def test_a_bound_passes_or_fails_only_if_every_number_it_may_stand_for_does(
    concept: str, comparator: str, value: str, outcome: Outcome
) -> None:
    finding = measured(concept, value, comparator, upper_limit="40" if concept == "alt" else None)

    assert finding.outcome is outcome
    if outcome is MISSING:
        assert finding.reason is Reason.CANNOT_TELL_FROM_COMPARATOR


RELATIONS: dict[str, Callable[[int, int], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
LIMITS = {"at_least": ge, "at_most": le, "more_than": gt, "less_than": lt}


@pytest.mark.parametrize("number", [54, 55, 56])
@pytest.mark.parametrize("comparator", RELATIONS)
@pytest.mark.parametrize("comparison", LIMITS)
def test_a_bound_is_judged_by_all_the_numbers_it_may_stand_for(comparison: str, comparator: str, number: int) -> None:
    """Against a limit of 55, by trying them out, in quarters of a per cent."""
    possible = [n for n in range(40 * 4, 70 * 4) if RELATIONS[comparator](n, number * 4)]
    answers = {LIMITS[comparison](n, 55 * 4) for n in possible}
    rule = Measure.model_validate({"measure": "lvef", comparison: "55 %"})
    person = MAN.but(fact("lvef", MEASURED, f"{number} %", comparator=comparator))
    finding = rule.judge(Context(RELMA, person.timeline(), Horizon(at(ENROLLED))))

    assert finding.outcome is (MISSING if len(answers) > 1 else MET if answers == {True} else FAIL)


@pytest.mark.parametrize("comparator", ["<", ">", "<=", ">="])
def test_nothing_is_calculated_from_a_bound(comparator: str) -> None:
    entry = fact("creatinine", MEASURED, "62 umol/L", comparator=comparator)

    assert MAN.but(entry).finding("crcl", ENROLLED).outcome is MISSING


@pytest.mark.parametrize(
    ("concept", "at_the_limit", "beyond"),
    [
        ("anc", "1000 /uL", "999 /uL"), ("anc", "1.0 10*9/L", "0.999 10*9/L"), ("alc", "100 /uL", "99 /uL"),
        ("alc", "0.1 10*9/L", "0.0999 10*9/L"), ("hb", "90 g/L", "89.9 g/L"), ("hb", "9.0 g/dL", "8.99 g/dL"),
        ("plt", "75 10*9/L", "74.9 10*9/L"), ("plt", "75000 /uL", "74999 /uL"), ("lvef", "55 %", "54.9 %"),
    ],
)  # fmt: skip
def test_at_least_includes_its_limit_in_every_unit(concept: str, at_the_limit: str, beyond: str) -> None:
    assert measured(concept, at_the_limit).outcome is MET
    assert measured(concept, beyond).outcome is FAIL


@pytest.mark.parametrize(
    ("concept", "at_the_limit", "beyond", "upper_limit"),
    [
        ("alt", "120 U/L", "120.1 U/L", "40"), ("ast", "105 U/L", "105.1 U/L", "35"),
        ("inr", "1.8 1", "1.81 1", "1.2"), ("pt", "19.5 s", "19.51 s", "13.0"),
        ("tbil", "34.2 umol/L", "34.3 umol/L", "17.1"), ("tbil", "2.4 mg/dL", "2.41 mg/dL", "1.2"),
    ],
)  # fmt: skip
def test_a_multiple_uses_the_upper_limit_of_the_laboratory_that_measured(
    concept: str, at_the_limit: str, beyond: str, upper_limit: str
) -> None:
    no_gilbert = MAN.having(fact("gilbert_syndrome", MEASURED, "no"))
    outcomes = [
        no_gilbert.but(fact(concept, MEASURED, value, upper_limit=upper_limit)).finding(concept, ENROLLED).outcome
        for value in (at_the_limit, beyond)
    ]

    assert outcomes == [MET, FAIL]


def test_without_an_upper_limit_a_multiple_has_no_answer_and_says_what_is_missing() -> None:
    finding = measured("alt", "22 U/L")

    assert (finding.outcome, finding.reason) == (MISSING, Reason.UPPER_LIMIT_MISSING)
    assert finding.clearing is not None
    assert finding.clearing.remedy is Remedy.ADD_UPPER_LIMIT


@pytest.mark.parametrize(("concept", "value"), [("hb", "8.0 mmol/L"), ("anc", "80 %"), ("lvef", "0.63 mg/dL")])
def test_a_unit_that_does_not_convert_is_no_answer_and_never_a_guess(concept: str, value: str) -> None:
    finding = measured(concept, value)

    assert (finding.outcome, finding.reason) == (MISSING, Reason.UNIT_DOES_NOT_CONVERT)


def test_an_ejection_fraction_written_as_a_fraction_means_the_same() -> None:
    assert measured("lvef", "0.55 1").outcome is MET
    assert measured("lvef", "0.549 1").outcome is FAIL


def test_the_most_recently_collected_value_decides_whenever_it_was_entered() -> None:
    """The later sample is entered first."""
    person = MAN.but(
        fact("anc", "2026-03-06 08:00", "0.8 10*9/L", recorded="2026-03-06 12:00"),
        fact("anc", "2026-03-05 08:00", "3.2 10*9/L", recorded="2026-03-08 12:00"),
    )

    assert person.finding("anc", ENROLLED).outcome is FAIL


def test_a_later_sample_without_its_result_makes_the_clause_wait() -> None:
    waiting = MAN.having(fact("anc", "2026-03-08 08:00", None))
    out_tomorrow = MAN.having(fact("anc", "2026-03-08 08:00", "3.0 10*9/L", resulted="2026-03-10 08:00"))

    assert waiting.finding("anc", ENROLLED).outcome is PENDING
    assert out_tomorrow.finding("anc", ENROLLED).outcome is PENDING
    assert out_tomorrow.finding("anc", "2026-03-10 08:00").outcome is MET


def test_a_sample_collected_after_the_step_plays_no_part_in_it() -> None:
    person = MAN.having(fact("enrolment", ENROLLED), fact("anc", "2026-03-09 10:01", "0.2 10*9/L"))
    passed = person.evaluation("2026-03-10 10:00").passed[0]

    assert passed.allowed


# Creatinine clearance: 140 less the age, times weight, over 72 times creatinine in mg/dL


def clearance(person: Person, creatinine: str, weight: str) -> Finding:
    entries = fact("creatinine", MEASURED, creatinine), fact("weight", MEASURED, weight)
    return person.but(*entries).finding("crcl", ENROLLED)


def test_a_clearance_of_exactly_fifty_passes_and_nothing_rounds_up_to_it() -> None:
    # Born in June 1980, 45 years old on the day of the sample: 95 x 72 / (72 x 1.9) = 50
    assert clearance(MAN, "1.9 mg/dL", "72 kg").number == 50
    assert clearance(MAN, "1.9 mg/dL", "72 kg").outcome is MET
    assert clearance(MAN, "1.9001 mg/dL", "72 kg").outcome is FAIL


def test_a_womans_clearance_is_smaller_by_fifteen_per_cent() -> None:
    man, woman = (clearance(person, "88.4 umol/L", "72 kg").number for person in (MAN, WOMAN))

    assert man == 95
    assert woman is not None
    assert woman * 100 == 95 * 85


def test_the_age_is_that_of_the_day_on_which_the_creatinine_was_collected() -> None:
    """The birthday lies between the creatinine and the weight: at 45 the clearance is 50, at 46 it is less."""
    person = replace(MAN, born=date(1980, 3, 6))
    measured_first = fact("creatinine", "2026-03-05 08:00", "1.9 mg/dL"), fact("weight", "2026-03-07 08:00", "72 kg")
    measured_last = fact("creatinine", "2026-03-07 08:00", "1.9 mg/dL"), fact("weight", "2026-03-05 08:00", "72 kg")

    assert person.but(*measured_first).finding("crcl", ENROLLED).outcome is MET
    assert person.but(*measured_last).finding("crcl", ENROLLED).outcome is FAIL


def test_it_is_calculated_from_the_latest_values_and_shows_both() -> None:
    finding = MAN.having(fact("weight", "2026-03-06 08:00", "30 kg")).finding("crcl", ENROLLED)

    assert [entry.concept for entry in finding.evidence] == ["creatinine", "weight"]
    assert str(finding.evidence[1].value) == "30"


@pytest.mark.parametrize(("creatinine", "weight"), [("0 umol/L", "68 kg"), ("62 umol/L", "0 kg"), ("62 U/L", "68 kg")])
def test_what_cannot_be_calculated_is_missing(creatinine: str, weight: str) -> None:
    assert clearance(MAN, creatinine, weight).outcome is MISSING

"""Whole readings: the number that counts for a concept, or why there is none, with the facts it comes from."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.workflow.builders import ENROLLED, MEASURED, RELMA, Person, an_eligible_man, an_eligible_woman, at, fact
from workflow.context import Context, Horizon
from workflow.findings import Outcome, Reason
from workflow.formulas import FEMALE_FACTOR
from workflow.readings import Reading, in_unit, latest_reading

MAN, WOMAN = an_eligible_man(), an_eligible_woman()
MET, MISSING, PENDING = Outcome.MET, Outcome.MISSING, Outcome.PENDING
CREATININE, WEIGHT = fact("creatinine", MEASURED, "1 mg/dL"), fact("weight", MEASURED, "72 kg")


def asked(person: Person, when: str = ENROLLED) -> Context:
    return Context(RELMA, person.timeline(), Horizon(at(when)))


def read(concept: str, person: Person, when: str = ENROLLED) -> Reading:
    return latest_reading(concept, asked(person, when))


def test_a_measured_number_is_read_with_its_bound_and_its_laboratorys_limit() -> None:
    bound = fact("alt", MEASURED, "5 U/L", comparator="<", upper_limit="40")
    bare = replace(fact("mrss", MEASURED, "18"), unit=None)

    assert read("alt", MAN.but(bound)) == Reading(
        MET, Reason.WITHIN_LIMIT, "alt", (bound,), Fraction(5), "U/L", "<", Fraction(40)
    )
    assert read("mrss", MAN.having(bare)) == Reading(
        MET, Reason.WITHIN_LIMIT, "mrss", (bare,), Fraction(18), "", "=", None
    )


def test_a_result_is_waited_for_until_it_is_out() -> None:
    later = fact("anc", "2026-03-05 08:00", "3 10*9/L", resulted="2026-03-06 08:00")
    waiting = Reading(PENDING, Reason.WAITING_FOR_RESULT, "anc", (later,))

    assert read("anc", MAN.having(later), "2026-03-06 07:59") == waiting
    assert read("anc", MAN.having(later), "2026-03-06 08:00").outcome is MET


@pytest.mark.parametrize(("person", "factor"), [(MAN, Fraction(1)), (WOMAN, FEMALE_FACTOR)], ids=["man", "woman"])
def test_a_clearance_is_calculated_at_the_age_on_the_day_of_the_creatinine(person: Person, factor: Fraction) -> None:
    """Born on 15 June 1980: 45 when it is collected, whatever the age when it is asked."""
    measured = person.but(CREATININE, WEIGHT)

    for when in (ENROLLED, "2026-07-01 10:00"):
        assert read("crcl", measured, when) == Reading(
            MET, Reason.WITHIN_LIMIT, "crcl", (CREATININE, WEIGHT), 95 * factor, "mL/min"
        )


def test_of_values_before_the_consent_the_latest_is_shown_and_does_not_count() -> None:
    first, second = (fact("anc", f"2026-02-{day} 08:00", "3 10*9/L") for day in (10, 20))

    assert read("anc", MAN.without("anc").having(first, second)) == Reading(
        Outcome.STALE, Reason.OUTSIDE_WINDOW, "anc", (second,)
    )


def test_a_clearance_waits_for_what_it_is_calculated_from() -> None:
    assert read("crcl", MAN.without("weight")) == Reading(MISSING, Reason.NOTHING_RECORDED, "weight")
    assert read("crcl", MAN.without("creatinine")) == Reading(MISSING, Reason.NOTHING_RECORDED, "creatinine")


def test_no_clearance_is_calculated_from_a_bound_from_foreign_units_or_before_birth() -> None:
    below = fact("creatinine", MEASURED, "1 mg/dL", comparator="<")
    above = fact("weight", MEASURED, "72 kg", comparator=">")
    counted = fact("creatinine", MEASURED, "1 U/L")
    lasting = fact("weight", MEASURED, "72 s")
    unborn = Person(MAN.sex, MAN.but(CREATININE, WEIGHT).facts, born=date(2026, 3, 5))
    without = {
        Reason.CANNOT_TELL_FROM_COMPARATOR: [(MAN, below, WEIGHT), (MAN, CREATININE, above)],
        Reason.UNIT_DOES_NOT_CONVERT: [(MAN, counted, WEIGHT), (MAN, CREATININE, lasting)],
        Reason.INPUT_MISSING: [(unborn, CREATININE, WEIGHT)],
    }
    for reason, cases in without.items():
        for person, creatinine, weight in cases:
            assert read("crcl", person.but(creatinine, weight)) == Reading(
                MISSING, reason, "crcl", (creatinine, weight)
            )


def test_a_number_converts_by_its_own_bridge_or_not_at_all() -> None:
    reading = read("creatinine", MAN.but(CREATININE))
    context = asked(MAN)

    assert in_unit(reading, "umol/L", context, "creatinine") == Fraction("88.4")
    assert in_unit(reading, "umol/L", context, "anc") is None
    assert in_unit(reading, "spoons", context, "creatinine") is None
    assert in_unit(read("creatinine", MAN.without("creatinine")), "mg/dL", context, "creatinine") is None

"""Formulas: exact values at the limits, and birthdays."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workflow.formulas import cockcroft_gault, completed_years

positive = st.fractions(min_value=Fraction(1, 100), max_value=500)
adults = st.integers(min_value=18, max_value=100)
birthdays = st.dates(min_value=date(1900, 1, 1), max_value=date(2030, 12, 31))


def test_a_clearance_just_below_fifty_does_not_round_up() -> None:
    clearance = cockcroft_gault(40, Fraction(54), Fraction("1.51"), female=False)
    assert clearance == Fraction(5400, Fraction("108.72"))
    assert Fraction("49.668") < clearance < Fraction("49.669")


def test_a_clearance_of_exactly_fifty_is_exactly_fifty() -> None:
    assert cockcroft_gault(40, Fraction(54), Fraction("1.50"), female=False) == 50


def test_a_womans_clearance_is_lower_by_the_published_factor() -> None:
    assert cockcroft_gault(40, Fraction(54), Fraction("1.50"), female=True) == Fraction("42.5")


def test_the_formula_takes_every_age_from_birth_to_140_completed_years() -> None:
    assert cockcroft_gault(0, Fraction(72), Fraction(1), female=False) == 140
    assert cockcroft_gault(140, Fraction(72), Fraction(1), female=False) == 0


@given(adults, positive, positive)
def test_one_more_year_lowers_the_clearance(age: int, weight: Fraction, creatinine: Fraction) -> None:
    younger = cockcroft_gault(age, weight, creatinine, female=False)
    assert cockcroft_gault(age + 1, weight, creatinine, female=False) < younger


@given(adults, positive, positive, st.booleans())
def test_twice_the_weight_doubles_and_twice_the_creatinine_halves(
    age: int, weight: Fraction, creatinine: Fraction, female: bool
) -> None:
    clearance = cockcroft_gault(age, weight, creatinine, female=female)
    assert cockcroft_gault(age, 2 * weight, creatinine, female=female) == 2 * clearance
    assert cockcroft_gault(age, weight, 2 * creatinine, female=female) == clearance / 2


@pytest.mark.parametrize(
    ("age", "weight", "creatinine", "named"),
    [
        (40, 54, 0, "creatinine_mg_per_dl"),
        (40, 54, -1, "creatinine_mg_per_dl"),
        (40, 0, 1, "weight_kg"),
        (-1, 54, 1, "age_years"),
        (141, 54, 1, "age_years"),
    ],
)
def test_a_value_the_formula_cannot_take_is_refused_by_name(age: int, weight: int, creatinine: int, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        cockcroft_gault(age, Fraction(weight), Fraction(creatinine), female=False)


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (date(1984, 6, 15), date(2025, 6, 14), 40),
        (date(1984, 6, 15), date(2025, 6, 15), 41),
        (date(2007, 3, 3), date(2025, 3, 2), 17),
        (date(2007, 3, 3), date(2025, 3, 3), 18),
        (date(2004, 2, 29), date(2022, 2, 28), 17),  # in a common year one born on 29 February turns on 1 March
        (date(2004, 2, 29), date(2022, 3, 1), 18),
        (date(2004, 2, 29), date(2024, 2, 28), 19),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
        (date(2000, 1, 1), date(2000, 1, 1), 0),
    ],
)
def test_years_are_completed_on_the_birthday(birth: date, on: date, years: int) -> None:
    assert completed_years(birth, on) == years


@given(birthdays, st.integers(min_value=0, max_value=40000))
def test_age_grows_by_at_most_one_from_one_day_to_the_next_and_never_shrinks(birth: date, days: int) -> None:
    day = birth + timedelta(days=days)
    assert completed_years(birth, day + timedelta(days=1)) - completed_years(birth, day) in {0, 1}


@given(birthdays, st.integers(min_value=1, max_value=110))
def test_away_from_the_leap_day_the_birthday_itself_counts(birth: date, years: int) -> None:
    assume((birth.month, birth.day) != (2, 29))
    birthday = birth.replace(year=birth.year + years)
    assert completed_years(birth, birthday) == years
    assert completed_years(birth, birthday - timedelta(days=1)) == years - 1


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="2025-03-02"):
        completed_years(date(2025, 3, 3), date(2025, 3, 2))

"""Units as people write them: one code for each spelling, no guess, and quantities that bring their unit along."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.decimals import NotANumber
from workflow.units import UNITS, UnknownUnit, normalise, split_quantity

units = st.sampled_from(sorted(UNITS))


@given(units)
def test_every_ucum_code_is_its_own_spelling(code: str) -> None:
    assert normalise(code) == code
    assert normalise(f"  {code} ") == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("10^9/L", "10*9/L"),
        ("x10^9/L", "10*9/L"),
        ("X10^9/L", "10*9/L"),
        ("x 10^9 / L", "10*9/L"),
        ("×10⁹/L", "10*9/L"),
        ("*10^9/L", "10*9/L"),
        ("10^9/l", "10*9/L"),
        ("10¹²/L", "10*12/L"),
        ("10³/µL", "10*3/uL"),
        ("µmol/L", "umol/L"),  # micro sign
        ("μmol/L", "umol/L"),  # Greek mu
        ("mcmol/l", "umol/L"),
        ("mcg/mL", "ug/mL"),
        ("10^3/mcL", "10*3/uL"),
        ("10^3/mcl", "10*3/uL"),
        ("mg∕dL", "mg/dL"),  # division slash
        ("/μL", "/uL"),
        ("cells/µL", "/uL"),
        ("{cells}/uL", "/uL"),
        ("个/μL", "/uL"),
        ("/mm3", "/uL"),
        ("/mm³", "/uL"),
        ("mg/dl", "mg/dL"),
        ("㎎/㎗", "mg/dL"),
        ("ml/min", "mL/min"),
        ("l/min", "L/min"),
        ("mL/min/1.73m²", "mL/min/{1.73_m2}"),
        ("ratio", "1"),
        ("INR", "{INR}"),
        ("％", "%"),
        ("秒", "s"),
        ("公斤", "kg"),
        ("mIU/mL", "m[IU]/mL"),
    ],
)
def test_spellings_people_use_become_one_code(written: str, code: str) -> None:
    assert normalise(written) == code


@pytest.mark.parametrize(
    ("written", "candidates"),
    [
        ("K/uL", {"10*3/uL"}),
        ("M/uL", {"10*6/uL"}),
        ("G/L", {"10*9/L", "g/L"}),
        ("10e9/L", {"10*9/L"}),
        ("10E9/L", {"10*9/L"}),
        ("IU/L", {"U/L", "[IU]/L"}),
    ],
)
def test_a_unit_that_can_mean_two_things_is_refused_with_the_candidates(written: str, candidates: set[str]) -> None:
    with pytest.raises(UnknownUnit) as refused:
        normalise(written)
    assert set(refused.value.close) == candidates
    assert all(candidate in str(refused.value) for candidate in candidates)


@pytest.mark.parametrize("written", ["mEq/L", "pmol/min"])
def test_a_unit_of_another_kind_is_no_slip_of_the_pen(written: str) -> None:
    with pytest.raises(UnknownUnit) as refused:
        normalise(written)
    assert refused.value.close == ()


@pytest.mark.parametrize("written", ["mmoll/L", "umol/dL/L", "uL"])
def test_a_slip_of_the_pen_is_answered_with_close_units(written: str) -> None:
    with pytest.raises(UnknownUnit) as refused:
        normalise(written)
    assert refused.value.value == written
    assert refused.value.close
    assert set(refused.value.close) <= UNITS


@pytest.mark.parametrize("written", ["MG/DL", "banana", "S", "KG", "109/L", "Mmol/L"])
def test_the_case_of_letters_is_never_guessed(written: str) -> None:
    with pytest.raises(UnknownUnit, match="not a known unit"):
        normalise(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("  ", "no unit is given"),
        (" banana ", "'banana' is not a known unit"),
        ("M/uL", "'M/uL' is not a known unit; if you mean 10*6/uL, write that"),
        ("G/L", "'G/L' is not a known unit; if you mean 10*9/L or g/L, write that"),
    ],
)
def test_what_is_wrong_with_a_unit_is_said_in_one_sentence(written: str, said: str) -> None:
    with pytest.raises(UnknownUnit) as refused:
        normalise(written)
    assert str(refused.value) == said


@given(st.text(max_size=20))
def test_any_text_is_a_known_unit_or_refused_as_unknown(text: str) -> None:
    try:
        named = {normalise(text)}
    except UnknownUnit as refused:
        named = set(refused.close)
    assert named <= UNITS


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1000 /uL", "1000", "/uL"),
        ("75 x 10^9/L", "75", "10*9/L"),
        (" 90 g/L ", "90", "g/L"),
        ("55 %", "55", "%"),
        ("55%", "55", "%"),
    ],
)
def test_a_quantity_splits_into_its_number_and_its_unit(text: str, number: str, unit: str) -> None:
    assert split_quantity(text) == (Decimal(number), unit)


def test_a_quantity_below_zero_is_read_only_where_it_is_allowed() -> None:
    assert split_quantity("-3 {score}", negative=True) == (Decimal(-3), "{score}")
    with pytest.raises(NotANumber, match="below 0"):
        split_quantity("-3 {score}")


@pytest.mark.parametrize(
    ("text", "error"),
    [("1000", UnknownUnit), ("90g/L", NotANumber), ("12,5 g/L", NotANumber), ("5 spoons", UnknownUnit)],
)
def test_a_quantity_without_a_number_or_a_unit_is_refused(text: str, error: type[ValueError]) -> None:
    with pytest.raises(error):
        split_quantity(text)

"""Units: the exact table, the spellings people use, and quantities that bring their unit along."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.decimals import NotANumber
from workflow.units import UNITS, UnitDoesNotConvert, UnknownUnit, convert, normalise, split_quantity

CREATININE = Fraction("88.4")
BILIRUBIN = Fraction("17.1")
HAEMOGLOBIN = Fraction(10000, 16114)  # 1 mmol/L is 16.114 g/L

BRIDGES = (None, CREATININE, BILIRUBIN, HAEMOGLOBIN)

Conversion = tuple[str, str, Fraction | None]


def _converts(source: str, target: str, bridge: Fraction | None) -> bool:
    try:
        convert(Fraction(1), source, target, bridge)
    except UnitDoesNotConvert:
        return False
    return True


CONVERSIONS = [way for way in product(sorted(UNITS), sorted(UNITS), BRIDGES) if _converts(*way)]

units = st.sampled_from(sorted(UNITS))
values = st.fractions(min_value=0, max_value=10**9)
conversions = st.sampled_from(CONVERSIONS)


def test_what_converts_one_way_converts_the_other_way() -> None:
    assert {(target, source, bridge) for source, target, bridge in CONVERSIONS} == set(CONVERSIONS)


@given(values, conversions)
def test_what_converts_comes_back_exactly_as_it_was(value: Fraction, conversion: Conversion) -> None:
    source, target, bridge = conversion
    assert convert(convert(value, source, target, bridge), target, source, bridge) == value


@given(values, values, conversions)
def test_the_larger_of_two_values_stays_the_larger_in_every_unit(
    one: Fraction, other: Fraction, conversion: Conversion
) -> None:
    assert (one < other) == (convert(one, *conversion) < convert(other, *conversion))


@given(values, st.permutations(["10*9/L", "10*3/uL", "/uL", "10*12/L", "10*6/mL"]))
def test_the_way_taken_through_other_units_makes_no_difference(value: Fraction, way: list[str]) -> None:
    stepped = value
    for source, target in pairwise(way):
        stepped = convert(stepped, source, target)
    assert stepped == convert(value, way[0], way[-1])


BY_THE_BOOK = [
    ("0.95", "10*9/L", "/uL", "950"),
    ("1", "10*9/L", "/uL", "1000"),
    ("75", "10*9/L", "/uL", "75000"),
    ("3", "10*3/uL", "10*9/L", "3"),
    ("4.5", "10*6/uL", "10*12/L", "4.5"),
    ("2", "10*6/L", "/mL", "2000"),
    ("1", "10*3/mL", "/uL", "1"),
    ("1", "10*6/mL", "10*9/L", "1"),
    ("1", "/L", "10*6/L", "0.000001"),
    ("9.0", "g/dL", "g/L", "90"),
    ("1", "g/L", "mg/dL", "100"),
    ("1", "mg/L", "ug/mL", "1"),
    ("1", "mg/mL", "g/L", "1"),
    ("1", "g/mL", "g/L", "1000"),
    ("1", "mg/L", "ug/dL", "100"),
    ("1", "ng/mL", "ug/L", "1"),
    ("1", "pg/mL", "ng/L", "1"),
    ("1", "ug/L", "ng/L", "1000"),
    ("1", "mol/L", "mmol/L", "1000"),
    ("1", "mmol/L", "umol/L", "1000"),
    ("1", "umol/L", "nmol/L", "1000"),
    ("1", "nmol/L", "pmol/L", "1000"),
    ("1", "ukat/L", "U/L", "60"),
    ("1", "ukat/L", "nkat/L", "1000"),
    ("1", "U/mL", "kU/L", "1"),
    ("1", "kU/L", "U/L", "1000"),
    ("25", "m[IU]/mL", "[IU]/L", "25"),
    ("1", "[IU]/mL", "[IU]/L", "1000"),
    ("1", "m[IU]/L", "m[IU]/mL", "0.001"),
    ("0.55", "1", "%", "55"),
    ("1.02", "1", "{INR}", "1.02"),
    ("54", "kg", "g", "54000"),
    ("1", "L/min", "mL/min", "1000"),
    ("1", "mL/s", "mL/min", "60"),
    ("1", "s", "ms", "1000"),
    ("1", "h", "min", "60"),
    ("1", "min", "s", "60"),
]


@pytest.mark.parametrize(("value", "source", "target", "expected"), BY_THE_BOOK)
def test_units_of_one_dimension_convert_by_the_book(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Fraction(value), source, target) == Fraction(expected)


def test_every_unit_that_has_a_factor_is_checked_by_the_book() -> None:
    checked = {unit for _, source, target, _ in BY_THE_BOOK for unit in (source, target)}
    assert UNITS - checked == {"mL/min/{1.73_m2}", "{score}"}


@pytest.mark.parametrize(
    ("value", "source", "target", "bridge", "expected"),
    [
        ("1", "mg/dL", "umol/L", CREATININE, "88.4"),
        ("132.6", "umol/L", "mg/dL", CREATININE, "1.5"),
        ("1.2", "mg/dL", "umol/L", BILIRUBIN, "20.52"),
        ("16.114", "g/L", "mmol/L", HAEMOGLOBIN, "1"),
        ("10", "mmol/L", "g/dL", HAEMOGLOBIN, "16.114"),
    ],
)
def test_mass_becomes_amount_of_substance_by_the_analytes_own_bridge(
    value: str, source: str, target: str, bridge: Fraction, expected: str
) -> None:
    assert convert(Fraction(value), source, target, bridge) == Fraction(expected)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("mg/dL", "umol/L"),
        ("umol/L", "g/L"),
        ("g/L", "10*9/L"),
        ("U/L", "[IU]/L"),
        ("%", "{INR}"),
        ("{INR}", "%"),
        ("mL/min", "mL/min/{1.73_m2}"),
        ("{score}", "1"),
        ("kg", "s"),
    ],
)
def test_units_that_measure_different_things_do_not_convert(source: str, target: str) -> None:
    with pytest.raises(UnitDoesNotConvert) as refused:
        convert(Fraction(1), source, target)
    assert (refused.value.source, refused.value.target) == (source, target)


def test_a_bridge_does_not_join_what_it_is_not_for() -> None:
    with pytest.raises(UnitDoesNotConvert):
        convert(Fraction(1), "mg/dL", "U/L", CREATININE)


@pytest.mark.parametrize("bridge", [Fraction(0), Fraction(-1)])
def test_a_bridge_that_is_not_above_zero_is_refused(bridge: Fraction) -> None:
    with pytest.raises(ValueError, match="bridge"):
        convert(Fraction(1), "mg/dL", "umol/L", bridge)


def test_limits_are_not_rounded_across_units() -> None:
    assert convert(Fraction("0.9999999999"), "10*9/L", "/uL") < 1000
    assert Fraction("1.5") * Fraction("1.2") == Fraction("1.8")


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

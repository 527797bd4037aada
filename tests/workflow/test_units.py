"""Units: what measures the same thing converts by the exact table, there and back; anything else does not convert."""

from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.units import UNITS, UnitDoesNotConvert, convert

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

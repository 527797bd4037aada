"""Plausibility: what is asked about at entry, in every unit, and what may have been meant."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.builders import RELMA
from tests.workflow.documents import shipped_text_with
from workflow.bounds import split_comparator
from workflow.loading import parse_protocol
from workflow.mistakes import ProtocolInvalid
from workflow.plausibility import Doubt, Questioned, Range, doubt
from workflow.units import convert

assert RELMA.questioned is not None
OUTSIDE = RELMA.questioned.outside


def asked(concept: str, typed: str, unit: str) -> Doubt | None:
    comparator, number = split_comparator(typed)
    return doubt(RELMA.concepts[concept], OUTSIDE[concept], Decimal(number), unit, comparator)


@pytest.mark.parametrize(
    ("concept", "typed", "unit", "meant"),
    [
        ("hb", "90", "g/dL", ("90", "g/L")),
        ("hb", "9.0", "g/L", ("9.0", "g/dL")),
        ("anc", "950", "10*9/L", ("950", "/uL")),
        ("anc", "0.95", "/uL", ("0.95", "10*9/L")),
        ("plt", "75000", "10*9/L", ("75000", "/uL")),
        ("creatinine", "1.51", "umol/L", ("1.51", "mg/dL")),
        ("creatinine", "62", "mg/dL", ("62", "umol/L")),
        ("tbil", "0.9", "umol/L", ("0.9", "mg/dL")),
        ("weight", "610", "kg", ("61.0", "kg")),
        ("weight", "6.1", "kg", ("61", "kg")),
        ("inr", "102", "1", ("10.2", "1")),
        ("pt", "9999", "s", None),
        ("hb", "0", "g/L", None),
        ("hb", "<28", "g/L", ("28", "g/dL")),
    ],
)
def test_what_people_rarely_have_is_asked_with_what_may_have_been_meant(
    concept: str, typed: str, unit: str, meant: tuple[str, str] | None
) -> None:
    found = asked(concept, typed, unit)

    assert found is not None
    assert (found.meant and (str(found.meant[0]), found.meant[1])) == meant


@pytest.mark.parametrize(
    ("concept", "end", "unit", "beyond"),
    [
        ("hb", "30", "g/L", "29.9"), ("hb", "250", "g/L", "250.1"), ("hb", "3", "g/dL", "2.99"),
        ("hb", "25.0", "g/dL", "25.01"), ("anc", "50000", "/uL", "50001"), ("anc", "10", "/uL", "9"),
        ("inr", "0.5", "1", "0.49"), ("inr", "12", "1", "12.1"), ("inr", "12", "{INR}", "12.1"),
    ],
)  # fmt: skip
def test_both_ends_of_a_range_are_plausible_in_every_unit(concept: str, end: str, unit: str, beyond: str) -> None:
    assert asked(concept, end, unit) is None
    assert asked(concept, beyond, unit) is not None


def test_a_question_names_the_range_in_the_unit_that_was_typed() -> None:
    assert asked("hb", "90", "g/dL") == Doubt(Fraction(3), Fraction(25), "g/dL", (Decimal(90), "g/L"))


@pytest.mark.parametrize(
    ("typed", "is_asked"),
    [
        ("<2", True),
        ("<=2", False),
        ("<5", False),
        (">5000", True),
        (">=5000", False),
        (">4000", False),
        (">9000", True),
    ],
)
def test_a_bound_is_asked_about_only_if_no_number_that_it_stands_for_is_plausible(
    typed: str, *, is_asked: bool
) -> None:
    assert (asked("alt", typed, "U/L") is not None) is is_asked


def test_a_unit_that_does_not_convert_is_no_matter_of_plausibility() -> None:
    assert asked("hb", "90", "mmol/L") is None


@given(st.sampled_from(sorted(OUTSIDE)), st.decimals(min_value=0, max_value=10**6, places=3))
def test_what_is_proposed_is_plausible_itself_and_keeps_the_digits(name: str, number: Decimal) -> None:
    concept = RELMA.concepts[name]
    found = asked(name, f"{number:f}", concept.unit)

    inside = OUTSIDE[name].low <= number <= OUTSIDE[name].high
    assert (found is None) is inside
    if found and found.meant:
        proposed, unit = found.meant
        assert asked(name, f"{proposed:f}", unit) is None
        ratio = Fraction(proposed) / Fraction(number)
        assert ratio in {Fraction(1, 10), Fraction(10)} if unit == concept.unit else ratio == 1


def test_every_shipped_range_reaches_both_sides_of_every_limit_of_its_concept() -> None:
    """A range that began above a limit would ask about every value that fails it."""
    for rule in RELMA.rules:
        limit, usual = getattr(rule.condition, "at_least", None), OUTSIDE.get(getattr(rule.condition, "measure", ""))
        if limit and usual:
            concept = RELMA.concepts[rule.condition.measure]  # type: ignore[attr-defined]
            bound = convert(Fraction(limit.number), limit.unit, usual.unit or concept.unit, concept.bridge)
            assert usual.low < bound < usual.high, rule.id


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("30-250 g/L", "'30-250 g/L' is not a range: expected a line like '30 to 250 g/L'"),
        ("250 to 30 g/L", "'250 to 30 g/L' is not a range: its first number is not below its second"),
        ("30 to 30 g/L", "'30 to 30 g/L' is not a range: its first number is not below its second"),
        (30, "30 is not a range: expected a line like '30 to 250 g/L'"),
    ],
)
def test_what_is_no_range_is_refused(written: object, said: str) -> None:
    with pytest.raises(ValueError, match="is not a range") as caught:
        Range.parse(written)
    assert str(caught.value) == said


def test_a_range_is_read_from_one_line() -> None:
    assert Range.parse(" 0.5 to 12 ") == Range("0.5 to 12", Decimal("0.5"), Decimal(12), "")
    assert Range.parse("30 to 250 g/L") == Range("30 to 250 g/L", Decimal(30), Decimal(250), "g/L")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    hb: 30 to 250 g/L", "    hbb: 30 to 250 g/L", "unknown concept 'hbb'"),
        ("    hb: 30 to 250 g/L", "    hb: 30 to 250 g/LL", "'g/LL' is not a known unit"),
        ("    hb: 30 to 250 g/L", "    hb: 30 to 250 s", "s does not convert to g/L"),
        ("    hb: 30 to 250 g/L", "    hb: 30 … 250 g/L", "is not a range"),
        ("questioned:  ", "questoned:  ", "unknown key 'questoned'"),
    ],
)
def test_a_slip_in_a_range_is_told_where_it_stands(old: str, new: str, said: str) -> None:
    with pytest.raises(ProtocolInvalid) as caught:
        parse_protocol(shipped_text_with(old, new))
    assert said in str(caught.value)


def test_a_protocol_that_questions_nothing_is_one_too() -> None:
    assert Questioned.model_validate({"basis": "reading", "outside": {}}).outside == {}

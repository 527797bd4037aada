"""Numbers as people type them: kept digit for digit, or refused with the way to write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.decimals import NotANumber, NumberFault, exact

plain_numbers = st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=6)


@given(plain_numbers)
def test_a_plain_number_is_kept_digit_for_digit(number: Decimal) -> None:
    typed = f"{number:f}"
    assert str(exact(typed)) == typed
    assert exact(typed.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))) == number


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        number = exact(text, negative=True)
    except NotANumber:
        return
    assert number.is_finite()


@pytest.mark.parametrize(
    ("typed", "fault", "write"),
    [
        ("12,5", NumberFault.DECIMAL_MARK, "12.5"),
        ("１２，５", NumberFault.DECIMAL_MARK, "12.5"),
        ("12。5", NumberFault.DECIMAL_MARK, "12.5"),
        ("1,000", NumberFault.GROUPED, "1000 or 1.000"),
        ("1,000,000", NumberFault.GROUPED, "1000000"),
        ("1 000", NumberFault.GROUPED, "1000"),
        ("1\u2009000.5", NumberFault.GROUPED, "1000.5"),
        ("1\u00a0000", NumberFault.GROUPED, "1000"),
        ("1 5", NumberFault.GROUPED, ""),
        ("1e3", NumberFault.EXPONENT, ""),
        ("1E-3", NumberFault.EXPONENT, ""),
        (".5", NumberFault.NOT_PLAIN, "0.5"),
        ("5.", NumberFault.NOT_PLAIN, "5"),
        ("NaN", NumberFault.NOT_PLAIN, ""),
        ("Infinity", NumberFault.NOT_PLAIN, ""),
        ("", NumberFault.NOT_PLAIN, ""),
        ("+3", NumberFault.NOT_PLAIN, ""),
        ("<5", NumberFault.NOT_PLAIN, ""),
        ("10⁹", NumberFault.NOT_PLAIN, ""),
        ("٣", NumberFault.NOT_PLAIN, ""),
        ("1" * 16, NumberFault.NOT_PLAIN, ""),
        ("1." + "8" * 16, NumberFault.NOT_PLAIN, ""),
        ("-3", NumberFault.NEGATIVE, ""),
        ("−3", NumberFault.NEGATIVE, ""),
    ],
)
def test_a_number_in_another_notation_is_refused_with_the_way_to_write_it(
    typed: str, fault: NumberFault, write: str
) -> None:
    with pytest.raises(NotANumber) as refused:
        exact(typed)
    assert (refused.value.value, refused.value.fault, refused.value.write) == (typed, fault, write)
    assert str(refused.value) == f"{typed!r}: {fault.value}" + (f"; write {write}" if write else "")


def test_the_message_for_a_decimal_comma_says_what_to_write() -> None:
    with pytest.raises(NotANumber, match=r"write 12\.5$"):
        exact("12,5")


def test_a_number_below_zero_is_read_where_it_is_allowed() -> None:
    assert exact("-3", negative=True) == Decimal(-3)
    assert exact("−0.5", negative=True) == Decimal("-0.5")

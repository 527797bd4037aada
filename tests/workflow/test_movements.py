"""Movements: how far a value has moved, and whether far enough, at the very limit."""

from fractions import Fraction

import pytest

from workflow.bounds import Span, span
from workflow.rules.change import Movement


def moving(name: str, limit: str) -> Movement:
    return Movement.model_validate({name: limit})


def exactly(number: str) -> Span:
    return span(Fraction(number), "=")


@pytest.mark.parametrize(
    ("name", "limit", "earlier", "later", "size"),
    [
        ("rises_at_least", "3", 10, 12, 2),
        ("falls_at_least", "3", 10, 12, -2),
        ("rises_more_than", "10 %", 5, 8, 60),
        ("falls_more_than", "10 %", 8, 6, 25),
    ],
)
def test_a_size_is_told_in_the_terms_of_the_limit(name: str, limit: str, earlier: int, later: int, size: int) -> None:
    assert moving(name, limit).size(Fraction(earlier), Fraction(later)) == size


def test_a_percentage_of_zero_is_no_size() -> None:
    assert moving("rises_at_least", "10 %").size(Fraction(0), Fraction(8)) is None
    assert moving("rises_at_least", "3").size(Fraction(0), Fraction(8)) == 8


@pytest.mark.parametrize(
    ("name", "limit", "later", "holds"),
    [
        ("rises_at_least", "3", "13", True),
        ("rises_more_than", "3", "13", False),
        ("falls_at_least", "3", "7", True),
        ("falls_more_than", "3", "7", False),
        ("rises_at_least", "10 %", "11", True),
        ("rises_more_than", "10 %", "11", False),
        ("falls_at_least", "10 %", "9", True),
        ("falls_more_than", "10 %", "9", False),
    ],
)
def test_more_than_leaves_out_the_limit_itself(name: str, limit: str, later: str, *, holds: bool) -> None:
    assert moving(name, limit).holds(exactly("10"), exactly(later)) is holds


def test_a_fall_from_one_has_a_size() -> None:
    assert moving("falls_at_least", "50 %").holds(exactly("1"), exactly("1/4")) is True

"""Bounds: a result like "<0.1" stands for every number that it allows, and is judged by all of them."""

from collections.abc import Callable
from fractions import Fraction
from operator import eq, ge, gt, le, lt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.bounds import SIGNS, Span, exceeds, span, split_comparator
from workflow.decimals import exact
from workflow.rules.change import Movement

RELATIONS: dict[str, Callable[[Fraction, Fraction], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
comparators = st.sampled_from(sorted(RELATIONS))
numbers = st.integers(min_value=0, max_value=24).map(lambda quarters: Fraction(quarters, 4))
TRIED = [Fraction(eighths, 8) for eighths in range(8 * 60)]


@pytest.mark.parametrize(
    ("typed", "comparator", "number"),
    [
        ("<0.1", "<", "0.1"), ("< 0.1", "<", "0.1"), ("≤0.1", "<=", "0.1"), ("≦ 0.1", "<=", "0.1"),
        ("⩽0.1", "<=", "0.1"),
        ("<=0.1", "<=", "0.1"), ("=<0.1", "<=", "0.1"), (">5000", ">", "5000"), ("≥5", ">=", "5"), ("≧5", ">=", "5"),
        ("⩾5", ">=", "5"), (">= 5", ">=", "5"), ("=>5", ">=", "5"),
        ("＜０．１", "<", "０．１"), ("＜ ０．１", "<", "０．１"),
        ("＞＝５", ">=", "５"), ("＜＝５", "<=", "５"), ("《0.1", "<", "0.1"), ("〈0.1", "<", "0.1"), ("》5", ">", "5"),
        ("〉5", ">", "5"), ("=5", "=", "5"), ("＝5", "=", "5"), (" 5 ", "=", "5"), ("", "=", ""), ("<", "<", ""),
        ("5<", "=", "5<"), ("<<5", "<", "<5"),
    ],
)  # fmt: skip
def test_a_comparator_is_read_as_keyboards_write_it_and_the_number_is_left_alone(
    typed: str, comparator: str, number: str
) -> None:
    assert split_comparator(typed) == (comparator, number)


@given(
    sign=st.sampled_from(sorted(SIGNS)),
    quarters=st.integers(min_value=0, max_value=400),
    gap=st.sampled_from(["", " "]),
)
def test_a_bound_in_full_width_means_the_same(sign: str, quarters: int, gap: str) -> None:
    typed = f"{sign}{gap}{quarters / 4}"
    wide = typed.translate(str.maketrans("0123456789.<>=", "０１２３４５６７８９．＜＞＝"))
    (plain, number), (comparator, wide_number) = split_comparator(typed), split_comparator(wide)

    assert (comparator, exact(wide_number)) == (plain, exact(number))


@given(number=numbers, comparator=comparators)
def test_a_bound_stands_for_the_numbers_that_it_allows_and_none_below_zero(number: Fraction, comparator: str) -> None:
    meant = span(number, comparator)

    assert [n for n in TRIED if meant.holds(n)] == [n for n in TRIED if RELATIONS[comparator](n, number)]
    assert not meant.holds(Fraction(-1, 8))


@given(first=st.tuples(numbers, comparators), second=st.tuples(numbers, comparators))
def test_two_spans_meet_where_they_share_a_number(first: tuple[Fraction, str], second: tuple[Fraction, str]) -> None:
    one, other = span(*first), span(*second)
    shared = any(one.holds(n) and other.holds(n) for n in TRIED)

    assert one.meets(other) is other.meets(one)
    assert one.meets(other) is (shared or _empty(one) or _empty(other)) or _empty(one) or _empty(other)


def _empty(meant: Span) -> bool:
    """`<0` allows nothing: whatever is said of it is right."""
    return not any(meant.holds(n) for n in TRIED)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Span(Fraction(1), Fraction(2)), Span(Fraction(2), Fraction(3)), True),
        (Span(Fraction(1), Fraction(2), high_counts=False), Span(Fraction(2), Fraction(3)), False),
        (Span(Fraction(1), Fraction(2)), Span(Fraction(2), Fraction(3), low_counts=False), False),
        (Span(Fraction(1), Fraction(2)), Span(Fraction(3), None), False),
        (Span(Fraction(1), None), Span(Fraction(3), None), True),
    ],
)
def test_spans_that_touch_meet_where_both_count_the_number(one: Span, other: Span, *, meet: bool) -> None:
    assert one.meets(other) is meet
    assert other.meets(one) is meet


@given(
    more=st.tuples(numbers, comparators), less=st.tuples(numbers, comparators), by=numbers, strictly=st.booleans(),
    factor=st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2)]),
)  # fmt: skip
def test_what_is_said_of_two_bounds_holds_for_all_that_they_stand_for(
    more: tuple[Fraction, str], less: tuple[Fraction, str], by: Fraction, factor: Fraction, *, strictly: bool
) -> None:
    one, other = span(*more), span(*less)
    compare = gt if strictly else ge
    answers = {compare(a - factor * b, by) for a in _some(one) for b in _some(other)}

    if answers:
        assert exceeds(one, other, factor, by, strictly=strictly) is (answers.pop() if len(answers) == 1 else None)


def _some(meant: Span) -> list[Fraction]:
    """Numbers close to both ends, and far off."""
    near = [meant.low + Fraction(n, 64) for n in range(3)]
    if meant.high is None:
        return [n for n in [*near, Fraction(10**6)] if meant.holds(n)]
    return [n for n in [*near, *(meant.high - Fraction(n, 64) for n in range(3))] if meant.holds(n)]


@given(
    earlier=st.tuples(numbers, comparators), later=st.tuples(numbers, comparators),
    name=st.sampled_from(["rises_at_least", "rises_more_than", "falls_at_least", "falls_more_than"]),
    limit=st.sampled_from(["1", "0.5", "10 %", "50 %", "100 %", "150 %"]),
)  # fmt: skip
def test_a_change_between_bounds_is_far_enough_for_all_or_none_of_them_or_is_not_told(
    earlier: tuple[Fraction, str], later: tuple[Fraction, str], name: str, limit: str
) -> None:
    movement = Movement.model_validate({name: limit})
    before, after = span(*earlier), span(*later)
    answers = {_enough(movement, a, b) for a in _some(before) for b in _some(after)}
    said = movement.holds(before, after)

    if said is None:
        assert len(answers) != 1 or before.holds(Fraction(0))  # a fall from 0 has no size: never a sure yes
    else:
        assert answers <= {said}


def _enough(movement: Movement, earlier: Fraction, later: Fraction) -> bool:
    name, limit = movement.limit
    size = movement.size(earlier, later)
    if size is None:
        return False
    return size > Fraction(limit.number) if name.endswith("more_than") else size >= Fraction(limit.number)


@pytest.mark.parametrize(
    ("movement", "earlier", "later", "enough"),
    [
        ({"falls_more_than": "10 %"}, "100", "90", False),
        ({"falls_more_than": "10 %"}, "100", "<90", True),
        ({"falls_more_than": "10 %"}, "100", "<=90", None),
        ({"falls_more_than": "10 %"}, "100", ">=90", False),
        ({"falls_more_than": "10 %"}, ">100", "90", True),
        ({"falls_more_than": "10 %"}, ">100", ">90", None),
        ({"falls_at_least": "10 %"}, "<100", "90", False),
        ({"falls_at_least": "10 %"}, "<=100", "90", None),
        ({"falls_at_least": "0 %"}, "<100", "0", None),  # a fall from 0 has no size
        ({"falls_at_least": "10 %"}, "<=100", ">90", False),
        ({"falls_at_least": "100 %"}, "100", "0", True),
        ({"falls_at_least": "100 %"}, "100", "<1", None),
        ({"falls_at_least": "100 %"}, "100", ">0", False),
        ({"falls_at_least": "100 %"}, "100", "1", False),
        ({"falls_at_least": "101 %"}, "100", "0", False),
        ({"falls_more_than": "100 %"}, "100", "0", False),
        ({"falls_more_than": "100 %"}, "100", "<1", False),
        ({"falls_at_least": "10 %"}, "0", "0", False),
        ({"falls_at_least": "10 %"}, "<=0", "0", False),
        ({"rises_at_least": "50 %"}, "<=10", "15", None),
        ({"rises_at_least": "50 %"}, ">=10", "15", None),
        ({"rises_at_least": "50 %"}, ">10", "15", False),
        ({"rises_more_than": "50 %"}, ">=10", "15", False),
        ({"rises_at_least": "50 %"}, "10", ">=15", True),
        ({"rises_more_than": "50 %"}, "10", ">15", True),
        ({"rises_more_than": "50 %"}, "10", ">=15", None),
    ],
)  # fmt: skip
def test_a_share_of_a_bound(movement: dict[str, str], earlier: str, later: str, *, enough: bool | None) -> None:
    spans = [span(Fraction(number), sign) for sign, number in map(split_comparator, (earlier, later))]

    assert Movement.model_validate(movement).holds(*spans) is enough

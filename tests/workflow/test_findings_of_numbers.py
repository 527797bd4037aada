"""Whole findings of numbers and changes: what was compared, with which limit, and what clears it."""

from fractions import Fraction
from typing import Any

import pytest

from tests.workflow.asking import measure, told
from tests.workflow.builders import ENROLLED, MEASURED, an_eligible_man, fact
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.rules.change import Change

MAN = an_eligible_man()
MET, FAIL, STALE, MISSING, PENDING = Outcome.MET, Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING


@pytest.mark.parametrize(
    ("value", "outcome", "reason", "clearing"),
    [
        ("1.0 10*9/L", MET, Reason.WITHIN_LIMIT, None),
        ("0.9 10*9/L", FAIL, Reason.OUTSIDE_LIMIT, Clearing(Remedy.NEW_VALUE)),
        ("9 g/L", MISSING, Reason.UNIT_DOES_NOT_CONVERT, Clearing(Remedy.NEW_VALUE)),
    ],
)
def test_a_number_is_shown_as_it_was_measured_beside_its_limit(
    value: str, outcome: Outcome, reason: Reason, clearing: Clearing | None
) -> None:
    entry = fact("anc", MEASURED, value)
    number, unit = value.split()

    assert told(measure("anc", at_least="1000 /uL"), MAN.but(entry), ENROLLED) == Finding(
        outcome, reason, subject="anc", evidence=(entry,), number=Fraction(number), unit=unit, limit="≥ 1000 /uL",
        clearing=clearing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("comparison", "printed"),
    [("at_least", "≥ 3"), ("at_most", "≤ 3"), ("more_than", "> 3"), ("less_than", "< 3")],
)
def test_the_limit_is_shown_with_its_sign(comparison: str, printed: str) -> None:
    assert told(measure("anc", **{comparison: "3"}), MAN, ENROLLED).limit == printed


def test_a_number_held_against_the_laboratorys_own_limit_shows_that_limit() -> None:
    rule, entry = measure("alt", at_most="3 x ULN"), fact("alt", MEASURED, "120 U/L", upper_limit="40")
    bare = fact("alt", MEASURED, "120 U/L")
    shown: dict[str, Any] = {"subject": "alt", "number": Fraction(120), "unit": "U/L", "limit": "≤ 3 x ULN"}

    assert told(rule, MAN.but(entry), ENROLLED) == Finding(
        MET, Reason.WITHIN_LIMIT, evidence=(entry,), limit_number=Fraction(120), **shown
    )
    assert told(rule, MAN.but(bare), ENROLLED) == Finding(
        MISSING, Reason.UPPER_LIMIT_MISSING, evidence=(bare,), clearing=Clearing(Remedy.ADD_UPPER_LIMIT), **shown
    )


def test_a_limit_in_units_is_held_against_the_number_alone_whatever_the_laboratorys_limit() -> None:
    entry = fact("alt", MEASURED, "121 U/L", upper_limit="40")

    assert told(measure("alt", at_most="120 U/L"), MAN.but(entry), ENROLLED).outcome is FAIL


def test_a_number_that_is_not_there_is_waited_for_or_measured() -> None:
    rule = measure("anc", at_least="1000 /uL")
    drawn, before = fact("anc", MEASURED, None), fact("anc", "2026-02-20 08:00", "3 10*9/L")
    shown: dict[str, Any] = {"subject": "anc", "unit": "", "limit": "≥ 1000 /uL"}
    nothing = MAN.without("anc")

    assert told(rule, nothing.having(drawn), ENROLLED) == Finding(
        PENDING, Reason.WAITING_FOR_RESULT, evidence=(drawn,), clearing=Clearing(Remedy.WAIT_FOR_RESULT), **shown
    )
    assert told(rule, nothing, ENROLLED) == Finding(
        MISSING, Reason.NOTHING_RECORDED, clearing=Clearing(Remedy.NEW_VALUE), **shown
    )
    assert told(rule, nothing.having(before), ENROLLED) == Finding(
        STALE, Reason.OUTSIDE_WINDOW, evidence=(before,), clearing=Clearing(Remedy.NEW_VALUE), **shown
    )


# A change

RISE = Change.model_validate({"change": {"mrss": {"rises_at_least": "3"}}, "apart_at_most": "P6M"})
LUNGS = {"fvc_pct_pred": {"falls_more_than": "10 %"}, "dlco_pct_pred": {"falls_at_least": "15 %"}}


def of_rise(outcome: Outcome, reason: Reason, *evidence: Fact, clearing: Clearing | None = None) -> Finding:
    return Finding(
        outcome, reason, subject="mrss", evidence=evidence, limit="rises_at_least 3", window="P6M", clearing=clearing
    )


def test_a_change_shows_the_values_it_lies_between() -> None:
    before, small, large = (
        fact("mrss", "2025-12-01 10:00", "18"), fact("mrss", MEASURED, "20"), fact("mrss", MEASURED, "21")
    )  # fmt: skip
    again = Clearing(Remedy.NEW_VALUE)

    assert told(RISE, MAN.having(before, large), ENROLLED) == of_rise(MET, Reason.CHANGED_ENOUGH, large, before)
    assert told(RISE, MAN.having(before, small), ENROLLED) == of_rise(
        FAIL, Reason.CHANGED_TOO_LITTLE, small, before, clearing=again
    )
    assert told(RISE, MAN.having(small), ENROLLED) == of_rise(MISSING, Reason.ONE_VALUE_ONLY, small, clearing=again)
    assert told(RISE, MAN.having(before), ENROLLED) == of_rise(MISSING, Reason.NOTHING_RECORDED, clearing=again)


def test_a_change_of_two_things_names_both_limits_and_the_first_of_them() -> None:
    shown = told(Change.model_validate({"change": LUNGS, "apart_at_most": "P6M"}), MAN, ENROLLED)

    assert (shown.subject, shown.limit) == ("fvc_pct_pred", "falls_more_than 10 %, falls_at_least 15 %")

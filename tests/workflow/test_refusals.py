"""What cannot be is refused with one sentence that says what was expected instead."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from tests.workflow.builders import RELMA, an_eligible_man
from workflow.durations import Duration
from workflow.evaluation import evaluate
from workflow.formulas import cockcroft_gault, completed_years
from workflow.limits import Limit
from workflow.reminders import Escalation, Reminder
from workflow.rules.absence import Absence
from workflow.rules.change import Change, Movement
from workflow.rules.condition import Definition
from workflow.rules.measure import Measure
from workflow.units import convert
from workflow.windows import Window

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
WEEK, TWO_DAYS = Duration.parse("P7D"), Duration.parse("PT48H")
CREATININE = Fraction("0.9")


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            lambda: Duration.parse("7D"),
            "'7D' is not a duration: expected elapsed time like PT48H, or calendar time like P7D or P6M",
        ),
        (lambda: WEEK.before_instant(NOON), "P7D is calendar time: expected elapsed time"),
        (lambda: WEEK.after_instant(NOON), "P7D is calendar time: expected elapsed time"),
        (lambda: TWO_DAYS.after_date(NOON.date()), "PT48H is elapsed time: expected calendar time"),
        (lambda: TWO_DAYS.before_date(NOON.date()), "PT48H is elapsed time: expected calendar time"),
        (lambda: TWO_DAYS.through_date(NOON.date()), "PT48H is elapsed time: expected calendar time"),
        (
            lambda: Window.parse("P7D"),
            "'P7D' is not a directed window: expected a line like 'PT48H before first_ld_dose'",
        ),
        (
            lambda: Limit.parse("many"),
            "'many' is not a limit: expected '1000 /uL', '3 x ULN', '5 %' or a plain number",
        ),
        (
            lambda: convert(Fraction(1), "mg/dL", "umol/L", Fraction(0)),
            "bridge is 0: expected umol/L per mg/dL, above 0",
        ),
        (
            lambda: convert(Fraction(1), "mg/dL", "U/L"),
            "mg/dL does not convert to U/L: they measure different things",
        ),
        (
            lambda: cockcroft_gault(141, Fraction(70), CREATININE, female=True),
            "age_years is 141: expected 0 to 140 completed years",
        ),
        (
            lambda: cockcroft_gault(40, Fraction(0), CREATININE, female=True),
            "weight_kg is 0: expected a number above 0",
        ),
        (
            lambda: cockcroft_gault(40, Fraction(70), Fraction(0), female=True),
            "creatinine_mg_per_dl is 0: expected a number above 0",
        ),
        (
            lambda: completed_years(date(2026, 3, 9), date(2026, 3, 8)),
            "on is 2026-03-08: expected the day of birth, 2026-03-09, or a later one",
        ),
        (
            lambda: evaluate(RELMA, an_eligible_man().timeline(), NOON.replace(tzinfo=None)),
            "as_of must be an aware instant, got 2026-03-09T12:00:00",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        refused()


LOOK_BACK = {"none": "transfusion", "looked_for_by": "transfusion_review"}
MOVEMENTS = "a change has exactly one of rises_at_least, rises_more_than, falls_at_least, falls_more_than"
LIMITS = "a measure has exactly one of at_least, at_most, more_than, less_than"
TOLD = {"name": "soon", "tell": ["crc"], "say": "Soon.", "say_zh": "即将。"}


@pytest.mark.parametrize(
    ("model", "written", "said"),
    [
        (Measure, {"measure": "anc"}, LIMITS),
        (Measure, {"measure": "anc", "at_least": "1", "at_most": "2"}, LIMITS),
        (Measure, {"measure": "anc", "at_least": 1}, "expected one line of text, found int"),
        (Movement, {}, MOVEMENTS),
        (Movement, {"rises_at_least": "1", "falls_at_least": "1"}, MOVEMENTS),
        (Reminder, TOLD, "a reminder has either before_due or at_once"),
        (Reminder, {**TOLD, "before_due": "PT2H", "at_once": "yes"}, "a reminder has either before_due or at_once"),
        (
            Escalation,
            {"after": "P1D", "to": ["pi"]},
            "'P1D' counts otherwise than is needed here: expected elapsed time like PT48H",
        ),
        (
            Change,
            {"change": {"mrss": {"rises_at_least": "3"}}, "apart_at_most": "PT48H"},
            "'PT48H' counts otherwise than is needed here: expected calendar time like P7D",
        ),
        (
            Absence,
            {**LOOK_BACK, "within": "PT48H before enrolment"},
            "'PT48H' counts otherwise than is needed here: expected calendar time like P7D",
        ),
        (
            Absence,
            {**LOOK_BACK, "within": "P7D after enrolment"},
            "'P7D after enrolment' does not look back: expected a window before its anchor",
        ),
    ],
)
def test_what_a_protocol_file_cannot_say_is_refused(model: type[Definition], written: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"Value error, {re.escape(said)} \\["):
        model.model_validate(written)

"""The 68 boundary cases of the clauses: one side of each limit, the other side, and the limit itself.

No reading of this protocol differs from the table, so that every row holds as it stands.
"""

import csv
from pathlib import Path

import pytest

from tests.workflow.boundary_people import CASES

with (Path(__file__).parent / "boundary_cases.csv").open(encoding="utf-8", newline="") as table:
    ROWS = [(row["rule"], row["case"], row["expected"]) for row in csv.DictReader(table)]


def test_every_row_has_its_people_and_nobody_else_is_here() -> None:
    assert [(rule, case) for rule, case, _ in ROWS] == list(CASES)


@pytest.mark.parametrize(("rule", "case", "expected"), ROWS, ids=[f"{rule}: {case}" for rule, case, _ in ROWS])
def test_each_side_of_a_limit_gets_the_answer_of_the_table(rule: str, case: str, expected: str) -> None:
    assert CASES[rule, case]() == expected

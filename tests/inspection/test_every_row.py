"""docs/validation/inspection.md and these files say the same: every row of an inspection has its test."""

import re
from pathlib import Path

from tests.traceability import named_in

HERE = Path(__file__).parent
LIST = HERE.parent.parent / "docs" / "validation" / "inspection.md"
ROWS = dict(re.findall(r"^\| (\d+) \|.*\| `(test_\d\d_\w+\.py)` \|$", LIST.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_list_holds_all_twenty_two_rows() -> None:
    assert list(map(int, ROWS)) == list(range(1, 23))


def test_each_row_has_the_file_that_the_list_names_and_each_file_its_row() -> None:
    assert sorted(ROWS.values()) == sorted(path.name for path in HERE.glob("test_[0-9]*.py"))
    assert [name for row, name in ROWS.items() if not name.startswith(f"test_{int(row):02d}_")] == []


def test_each_of_these_files_holds_tests() -> None:
    assert [name for name in ROWS.values() if not named_in(HERE / name)] == []

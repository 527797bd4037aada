"""docs/decisions.md and the stories say the same: no promise without its story, no story without its promise."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
IN_THE_BROWSER = ROOT / "tests" / "browser" / "test_the_five_most_dangerous.py"
WALKED = "## Walked in a real browser"


def names_of_promises(text: str) -> list[str]:
    """The sentences in bold, as names of tests: the apostrophe falls away, whatever else is no letter separates."""
    sentences = re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE)
    return ["test_" + re.sub(r"[^a-z0-9]+", "_", each.lower().replace("'", "")).strip("_") for each in sentences]


def names_of_stories(*files: Path) -> list[str]:
    """The names of the tests in some files."""
    parsed = (ast.parse(file.read_text(encoding="utf-8")) for file in files)
    found = (node.name for tree in parsed for node in tree.body if isinstance(node, ast.FunctionDef))
    return [name for name in found if name.startswith("test_")]


def test_each_promise_has_its_story_and_each_story_its_promise() -> None:
    stories = names_of_stories(*(file for file in HERE.glob("test_*.py") if file != Path(__file__)))
    promises = names_of_promises(PAGE.split(WALKED, maxsplit=1)[0])
    assert len(promises) >= 80
    assert sorted(promises) == sorted(stories)


def test_the_five_most_dangerous_are_walked_in_the_browser() -> None:
    walked = names_of_promises(PAGE.split(WALKED, maxsplit=1)[1])
    assert len(walked) == 5
    assert sorted(walked) == sorted(names_of_stories(IN_THE_BROWSER))

"""The validation pack is whole: every requirement is shown by tests that exist, and no test names an unknown one."""

from pathlib import Path

import pytest

from tests.traceability import SOURCE, Requirement, main, named_in, read_requirements, stories_by_name, trace

GOOD = "- {id: A-1, says: It holds., source: a text, risk: high, stories: [It is so]}\n"
STORIES = {"test_it_is_so": "tests/stories/test_it.py"}


def wrong(text: str) -> list[str]:
    return read_requirements(text, STORIES)[1]


def a_project(root: Path, **files: str) -> Path:
    """A project with these files of tests."""
    for name, text in files.items():
        path = root / "tests" / f"test_{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_the_pack_as_it_stands_is_whole_and_drawn() -> None:
    assert main(["--check"]) == 0


def test_the_pack_holds_what_is_asked_of_it() -> None:
    requirements, _wrong = read_requirements(SOURCE.read_text(encoding="utf-8"), stories_by_name())
    assert len(requirements) >= 60
    assert {each.id.partition("-")[0] for each in requirements} >= {"GATE", "TIME", "ALERT", "AUDIT", "ACC", "COPY"}


def test_what_is_written_wrongly_is_told_with_its_line() -> None:
    assert wrong(GOOD) == []
    assert wrong(GOOD.replace("high", "grave")) == [
        "requirements.yaml:1: risk 'grave': expected one of high, medium, low"
    ]
    assert wrong(GOOD + GOOD) == ["requirements.yaml:2: the id A-1 stands twice"]
    assert wrong(GOOD.replace("It is so", "It was so")) == ["requirements.yaml:1: no story is called test_it_was_so"]
    assert "expected id, says" in wrong(GOOD.replace("source: a text, ", ""))[0]
    assert "expected id, says" in wrong(GOOD.replace("risk", "danger"))[0]


def test_a_requirement_without_a_test_is_told(tmp_path: Path) -> None:
    assert trace([Requirement("A-1", "It holds.", "a text", "high")], a_project(tmp_path)) == [
        "A-1 is shown by no test"
    ]


@pytest.mark.parametrize("named", ["tests/test_none.py", "tests/test_one.py::test_other", "tests/test_empty.py"])
def test_a_test_that_does_not_exist_is_told(tmp_path: Path, named: str) -> None:
    root = a_project(tmp_path, one="def test_one(): ...\n", empty="")
    assert trace([Requirement("A-1", "It holds.", "a text", "high", [named])], root) == [f"A-1: there is no {named}"]


def test_marks_show_requirements_and_unknown_ones_are_told(tmp_path: Path) -> None:
    text = (
        'import pytest\npytestmark = [pytest.mark.slow, pytest.mark.requirement("A-1")]\n'
        '@pytest.mark.requirement("A-2", "A-9")\ndef test_one(): ...\ndef test_two(): ...\n'
    )
    root = a_project(tmp_path, marked=text)
    assert named_in(root / "tests" / "test_marked.py") == {"test_one": {"A-1", "A-2", "A-9"}, "test_two": {"A-1"}}
    found = [Requirement("A-1", "It holds.", "a text", "high"), Requirement("A-2", "It does.", "a text", "low")]
    assert trace(found, root) == ["tests/test_marked.py::test_one names A-9, which is no requirement"]
    assert [len(each.shown_by) for each in found] == [2, 1]

"""From requirements to the tests that show them: `python -m tests.traceability [--check]` draws the page.

What is wrong ends with 1 and is named, all at once: a requirement that nothing shows, a test that is named and does not
exist, a test that names an unknown requirement; with --check also a drawn page that is not the one kept.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.stories.test_promises import names_of_promises
from workflow.yaml_nodes import read

ROOT = Path(__file__).parent.parent
PACK = ROOT / "docs" / "validation"
SOURCE, DRAWN = PACK / "requirements.yaml", PACK / "requirements.md"
RISKS = ("high", "medium", "low")
KEYS = {"id", "says", "source", "risk", "stories", "tests"}
MARK = "requirement"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence that Daymark promises, and what shows it: `file`, or `file::test`, from the project's root."""

    id: str
    says: str
    source: str
    risk: str
    shown_by: list[str] = field(default_factory=list)


@cache
def named_in(file: Path) -> Mapping[str, frozenset[str]]:
    """The tests of a file, each with the requirements that its marks, or those of its file, name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    whole = frozenset(_marked(node.value for node in tree.body if _is_pytestmark(node)))  # type: ignore[attr-defined]
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    return {node.name: whole | frozenset(_marked(node.decorator_list)) for node in found}


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "pytestmark" for name in node.targets)


def _marked(nodes: Any) -> Iterator[str]:
    """What `pytest.mark.requirement("A", "B")` names, however deep it stands."""
    for call in (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == MARK:
            yield from (str(each.value) for each in call.args if isinstance(each, ast.Constant))


def files_of_tests(root: Path = ROOT) -> list[Path]:
    """Every file of tests."""
    return sorted((root / "tests").rglob("test_*.py"))


def read_requirements(text: str, stories: Mapping[str, str]) -> tuple[list[Requirement], list[str]]:
    """The requirements of the source, and what is wrong with how they are written. `stories` says where each stands."""
    document = read(text)
    wrong = [f"requirements.yaml:{problem.line}: {problem.message}" for problem in document.problems]
    found: list[Requirement] = []
    for number, entry in enumerate(document.data if isinstance(document.data, list) else []):
        line = f"requirements.yaml:{document.line_of((number,))}"
        if (
            not isinstance(entry, dict)
            or entry.keys() - KEYS
            or not all(entry.get(key) for key in KEYS - {"stories", "tests"})
        ):
            wrong.append(f"{line}: expected id, says, source and risk, and stories or tests; nothing else")
            continue
        if entry["risk"] not in RISKS:
            wrong.append(f"{line}: risk {entry['risk']!r}: expected one of {', '.join(RISKS)}")
        if entry["id"] in {each.id for each in found}:
            wrong.append(f"{line}: the id {entry['id']} stands twice")
        names = names_of_promises("\n".join(f"- **{sentence}**" for sentence in entry.get("stories") or []))
        wrong += [f"{line}: no story is called {name}" for name in names if name not in stories]
        shown = [f"{stories[name]}::{name}" for name in names if name in stories]
        found.append(
            Requirement(entry["id"], entry["says"], entry["source"], entry["risk"], shown + (entry.get("tests") or []))
        )
    return found, wrong


def trace(requirements: list[Requirement], root: Path = ROOT) -> list[str]:
    """Add what tests say themselves; what names nothing that exists, and what nothing shows."""
    wrong = [
        f"{each.id}: there is no {name}" for each in requirements for name in each.shown_by if not _exists(name, root)
    ]
    known = {each.id: each for each in requirements}
    for file in files_of_tests(root):
        for test, ids in named_in(file).items():
            name = f"{file.relative_to(root)}::{test}"
            wrong += [f"{name} names {id_}, which is no requirement" for id_ in sorted(ids - known.keys())]
            for id_ in ids & known.keys():
                known[id_].shown_by.append(name)
    return wrong + [f"{each.id} is shown by no test" for each in requirements if not each.shown_by]


def _exists(name: str, root: Path) -> bool:
    file, _, test = name.partition("::")
    path = root / file
    return path.is_file() and (test in named_in(path) if test else bool(named_in(path)))


def drawn(requirements: list[Requirement]) -> str:
    """The page that people read."""
    lines = [
        "# Requirements, and the tests that show them", "",
        "Drawn from [requirements.yaml](requirements.yaml) by `python -m tests.traceability`; [README](README.md).",
        "", "| id | requirement | asked for by | risk | shown by |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for each in requirements:
        shown = "<br>".join(_link(name) for name in dict.fromkeys(each.shown_by))
        lines.append(f"| {each.id} | {each.says} | {each.source} | {each.risk} | {shown} |")
    counted = ", ".join(f"{sum(each.risk == risk for each in requirements)} {risk}" for risk in RISKS)
    return "\n".join([*lines, "", f"{len(requirements)} requirements: {counted}.", ""])


def _link(name: str) -> str:
    file, _, test = name.partition("::")
    words = test.removeprefix("test_").replace("_", " ") if test else file.removeprefix("tests/")
    return f"[{words}](../../{file})"


def stories_by_name(root: Path = ROOT) -> dict[str, str]:
    """In which file each story stands."""
    files = sorted((root / "tests" / "stories").glob("test_*.py"))
    return {name: str(file.relative_to(root)) for file in files for name in named_in(file)}


def main(arguments: list[str]) -> int:
    """Draw, or compare; what is wrong is printed."""
    requirements, wrong = read_requirements(SOURCE.read_text(encoding="utf-8"), stories_by_name())
    wrong += trace(requirements)
    page = drawn(requirements)
    if "--check" not in arguments and not wrong:
        DRAWN.write_text(page, encoding="utf-8")
    elif not DRAWN.exists() or DRAWN.read_text(encoding="utf-8") != page:
        wrong.append("docs/validation/requirements.md is not what it is drawn from: python -m tests.traceability")
    sys.stdout.writelines(f"{each}\n" for each in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

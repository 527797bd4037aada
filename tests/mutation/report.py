"""Counts what became of the mutants in `mutants/`, and fails for a survivor that docs/reliability.md does not explain.

There, a survivor stands in a block fenced as `diff`: a line `@@ file function`, then the lines that differ.
Blocks fenced as `diff equivalent` hold mutants that no test can tell from the rules; they do not count.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

EXPLAINED = Path("docs/reliability.md")
SURVIVORS = Path("mutants/survivors.md")
ALIVE = ("survived", "no tests")
NOT_RUN = ("not checked", "skipped")
AT_LEAST = 95
HEADER = """\
| module | mutants | killed | equivalent | live on | killed of those that are not equivalent |
|---|---|---|---|---|---|"""
TABLE = re.compile(re.escape(HEADER) + r"\n(?:\|.*\n)+")


class Survivor(NamedTuple):
    """One change that no test noticed: where, and the lines that differ, each behind its - or +."""

    where: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((f"@@ {self.where}", *self.lines))


def say(text: str) -> None:
    """Print a line at once: the run takes long, and its output is often a file."""
    sys.stdout.write(text + "\n")


def survivor(path: Path, name: str) -> Survivor:
    """The mutant of that name as it stands in the document."""
    function, class_name = orig_function_and_class_names_from_key(name)
    changed = [line for line in get_diff_for_mutant(name, path=path).splitlines()[2:] if line[0] in "+-"]
    return Survivor(
        f"{path} {f'{class_name}.' if class_name else ''}{function}",
        tuple(f"{line[0]} {line[1:].strip()}".rstrip() for line in changed),
    )


def explained(fence: str) -> Iterator[Survivor]:
    """The survivors that stand in the document behind that fence."""
    for block in re.findall(
        rf"^```{fence}\n(.*?)^```$", EXPLAINED.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        for entry in block.split("@@ ")[1:]:
            where, *lines = entry.strip().splitlines()
            yield Survivor(where, tuple(each.rstrip() for each in lines))


def main() -> None:
    """Print a row for each module; exit with 1 if a survivor is not explained or too few were killed.

    After a whole run the rows replace those in the document.
    """
    equivalent, let_live = set(explained("diff equivalent")), set(explained("diff"))
    total: Counter[str] = Counter()
    rows = [HEADER]
    unexplained: list[Survivor] = []
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        statuses = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        alive = [survivor(path, name) for name, status in statuses.items() if status in ALIVE]
        unexplained += [each for each in alive if each not in equivalent | let_live]
        row = Counter(
            run=sum(status not in NOT_RUN for status in statuses.values()), alive=len(alive),
            not_run=sum(status in NOT_RUN for status in statuses.values()),
            equivalent=sum(each in equivalent for each in alive),
        )  # fmt: skip
        total += row
        rows += [line(f"`{path}`", row)] if row["run"] else []
    table = "\n".join([*rows, line("**all**", total)])
    say(table)
    if not total["not_run"]:
        text = EXPLAINED.read_text(encoding="utf-8")
        EXPLAINED.write_text(TABLE.sub(lambda _: f"{table}\n", text, count=1), encoding="utf-8")
    SURVIVORS.write_text("\n".join(map(str, sorted(set(unexplained)))), encoding="utf-8")
    say(f"{total['not_run']} not run; {len(set(unexplained))} not explained in {EXPLAINED}, listed in {SURVIVORS}")
    sys.exit(bool(unexplained) or share(total) < AT_LEAST)


def share(row: Counter[str]) -> float:
    """The killed, in per cent of those that count."""
    counted = row["run"] - row["equivalent"]
    return 100 * (row["run"] - row["alive"]) / counted if counted else 100


def line(name: str, row: Counter[str]) -> str:
    """A row of the table."""
    figures = (row["run"], row["run"] - row["alive"], row["equivalent"], row["alive"] - row["equivalent"])
    return f"| {name} | {' | '.join(map(str, figures))} | {share(row):.1f} % |"


if __name__ == "__main__":
    main()

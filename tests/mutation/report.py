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
        tuple(f"{line[0]} {line[1:].strip()}" for line in changed),
    )


def explained(fence: str) -> Iterator[Survivor]:
    """The survivors that stand in the document behind that fence."""
    for block in re.findall(
        rf"^```{fence}\n(.*?)^```$", EXPLAINED.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        for entry in block.split("@@ ")[1:]:
            where, *lines = entry.strip().splitlines()
            yield Survivor(where, tuple(lines))


def main() -> None:
    """Print a row for each module; exit with 1 if a survivor is not explained or too many live."""
    equivalent = set(explained("diff equivalent"))
    total: Counter[str] = Counter()
    unexplained: list[Survivor] = []
    say("| module | made | killed | equivalent | let live | killed of those that count |\n|---|---|---|---|---|---|")
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        statuses = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        alive = [survivor(path, name) for name, status in statuses.items() if status in ALIVE]
        unexplained += [each for each in alive if each not in equivalent]
        row = Counter(
            made=len(statuses), alive=len(alive), equivalent=sum(each in equivalent for each in alive),
            not_run=sum(status in NOT_RUN for status in statuses.values()),
        )  # fmt: skip
        total += row
        if row["made"] > row["not_run"]:
            say(line(str(path), row))
    say(line("**all**", total))
    unexplained = sorted(set(unexplained) - set(explained("diff")))
    SURVIVORS.write_text("\n".join(map(str, unexplained)), encoding="utf-8")
    say(f"{total['not_run']} not run, {len(unexplained)} not explained in {EXPLAINED} (see {SURVIVORS})")
    sys.exit(bool(unexplained) or share(total) < AT_LEAST)


def share(row: Counter[str]) -> float:
    """The killed, in per cent of those that count."""
    count = row["made"] - row["not_run"] - row["equivalent"]
    return 100 * (count - row["alive"] + row["equivalent"]) / count if count else 100


def line(name: str, row: Counter[str]) -> str:
    """A row of the table."""
    run = row["made"] - row["not_run"]
    killed = run - row["alive"]
    return (
        f"| {name} | {run} | {killed} | {row['equivalent']} | {row['alive'] - row['equivalent']} | {share(row):.1f} % |"
    )


if __name__ == "__main__":
    main()

"""The report: a dated page in Markdown that can be printed, signed and filed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from tracker.management.qualification.outcome import Group, Outcome

_PASSED = {True: "yes", False: "**NO**", None: "not compared"}

_READ = (
    "Written by `manage.py qualify`. It shows that this installation is what was delivered, and works where it stands."
    " It does not replace the site's own validation: intended use, accounts, training and procedures are the site's to"
    " show."
)


def report(groups: Sequence[Group], *, at: datetime, address: str) -> str:
    """The whole page."""
    return "\n".join(_lines(groups, at, address)) + "\n"


def summary(groups: Sequence[Group]) -> str:
    """How many passed, how many failed, and how many were not compared, where any were not."""
    number = _counted(groups)
    said = f"{number[True]} passed, {number[False]} failed"
    return f"{said}, {number[None]} not compared" if number[None] else said


def _counted(groups: Sequence[Group]) -> Counter[bool | None]:
    return Counter(outcome.passed for group in groups for outcome in group.outcomes)


def _verdict(groups: Sequence[Group]) -> str:
    number = _counted(groups)
    if number[False]:
        return "NOT ALL PASSED"
    return "nothing failed, NOT ALL COMPARED" if number[None] else "all passed"


def _lines(groups: Sequence[Group], at: datetime, address: str) -> Iterator[str]:
    yield from ("# Qualification of an installation of Daymark", "")
    yield from (f"{address}, {at:%Y-%m-%d %H:%M:%S} UTC: **{_verdict(groups)}** ({summary(groups)})", "", _READ)
    for group in groups:
        yield from ("", f"## {group.title}", "", "| what | expected | seen | passed |", "|---|---|---|---|")
        yield from map(_row, group.outcomes)
    yield from ("", "Read by (name, date, signature): ______________________________")


def _row(outcome: Outcome) -> str:
    cells = (outcome.what, outcome.expected, outcome.seen, _PASSED[outcome.passed])
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

"""The report: a dated page in Markdown that can be printed, signed and filed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tracker.management.qualification.outcome import Group, Outcome

_READ = (
    "Written by `manage.py qualify`. It shows that this installation is what was delivered, and works where it stands."
    " It does not replace the site's own validation: intended use, accounts, training and procedures are the site's to"
    " show."
)


def report(groups: Sequence[Group], *, at: datetime, address: str) -> str:
    """The whole page."""
    return "\n".join(_lines(groups, at, address)) + "\n"


def summary(groups: Sequence[Group]) -> str:
    """How many passed."""
    outcomes = [outcome.passed for group in groups for outcome in group.outcomes]
    return f"{sum(outcomes)} passed, {len(outcomes) - sum(outcomes)} failed"


def _lines(groups: Sequence[Group], at: datetime, address: str) -> Iterator[str]:
    yield from ("# Qualification of an installation of Daymark", "")
    verdict = "all passed" if all(group.passed for group in groups) else "NOT ALL PASSED"
    yield from (f"{address}, {at:%Y-%m-%d %H:%M:%S} UTC: **{verdict}** ({summary(groups)})", "", _READ)
    for group in groups:
        yield from ("", f"## {group.title}", "", "| what | expected | seen | passed |", "|---|---|---|---|")
        yield from map(_row, group.outcomes)
    yield from ("", "Read by (name, date, signature): ______________________________")


def _row(outcome: Outcome) -> str:
    cells = (outcome.what, outcome.expected, outcome.seen, "yes" if outcome.passed else "**NO**")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

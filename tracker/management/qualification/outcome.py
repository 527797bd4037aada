"""What one check expected and saw; a check that breaks has failed, and says how."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the report. It names no participant, and nothing that is recorded about one."""

    what: str
    expected: str
    seen: str
    passed: bool | None
    """None where there was nothing to compare it with: neither passed nor failed."""


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the report."""

    title: str
    outcomes: tuple[Outcome, ...]


def asked(what: str, expected: str, look: Callable[[], tuple[str, bool | None]]) -> Outcome:
    """The outcome of a look at something; what it raises is told by its kind, since its words may quote the record."""
    try:
        seen, passed = look()
    except Exception as error:  # noqa: BLE001 - whatever breaks, the rest of the report has to be written
        return Outcome(what, expected, f"could not be asked: {type(error).__name__}", passed=False)
    return Outcome(what, expected, seen, passed)

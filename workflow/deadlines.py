"""Deadlines: what is owed, from when, until when, and who is to be told along the way."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workflow.durations import Duration
from workflow.findings import Finding


class DeadlineStatus(StrEnum):
    """Where an obligation stands."""

    UPCOMING = "upcoming"
    OPEN = "open"
    MET = "met"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"
    NOT_APPLICABLE = "not_applicable"
    ELIGIBILITY_INVALIDATED = "eligibility_invalidated"

    @property
    def is_owed(self) -> bool:
        """Whether somebody still has to act."""
        return self in (self.UPCOMING, self.OPEN, self.OVERDUE, self.ELIGIBILITY_INVALIDATED)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder that is due now: tell these roles, this urgently.

    `fires_at` is the instant it became due; `say` and `say_zh` are the protocol file's words for what to do.
    If nobody acknowledges within `escalates_after`, `escalates_to` are told as well.
    """

    name: str
    fires_at: datetime
    tell: tuple[str, ...]
    urgent: bool
    say: str
    say_zh: str
    escalates_to: tuple[str, ...] = ()
    escalates_after: Duration | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """The state of one obligation of one occurrence of its anchor.

    `opens_at` .. `due_at` (both closed) is the window in which evidence counts; the result must be known by `due_at`.
    `valid_until` is the last start that present evidence covers. `required_through` is the last day of a lasting
    obligation. `raised_at` is when the fact that invalidated a passed gate became known.
    `rung` is the newest rung that is due and still owed; None when nobody needs to be told.
    """

    clause: str
    occurrence: int
    status: DeadlineStatus
    opens_at: datetime | None = None
    due_at: datetime | None = None
    valid_until: datetime | None = None
    required_through: date | None = None
    raised_at: datetime | None = None
    rung: Rung | None = None
    finding: Finding | None = None

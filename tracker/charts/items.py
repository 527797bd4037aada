"""What stands on a timeline, before anything has a place: marks at an instant, bars from one instant to another."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Shape(StrEnum):
    """How an item is drawn. Each is told from every other without its colour."""

    STAGE = "stage"
    STAGE_AHEAD = "ahead"
    HAPPENED = "done"
    PLANNED = "plan"
    MOVED = "ghost"
    FAILED = "failed"
    VALID = "valid"
    WANTED = "wanted"
    ABSENT = "absent"
    COVERED = "covered"
    LASTING = "lasting"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a timeline. Instants are aware; `end` is closed, and None for a mark.

    `expires` is the last instant that evidence serves (closed); from there to `end` it is no longer valid. `is_open`
    says that a bar goes on beyond its end. `to` is where a moved plan stands now, None where it was cancelled. `what`,
    `when` and `status` are said in full in the table, `label` in its lane, `far_label` where the lanes have no names;
    `outcome` is a finding's, for its icon.
    """

    lane: str
    shape: Shape
    start: datetime
    what: str
    when: str
    status: str
    label: str = ""
    far_label: str = ""
    end: datetime | None = None
    expires: datetime | None = None
    is_open: bool = False
    to: datetime | None = None
    clause: str = ""
    outcome: str = ""

    @property
    def last(self) -> datetime:
        """Its last instant; a mark's only one."""
        return self.start if self.end is None else self.end


@dataclass(frozen=True, slots=True)
class Lane:
    """One strip of a timeline. Marks carry their labels below them, bars inside or beside them."""

    key: str
    title: str
    of_marks: bool = False

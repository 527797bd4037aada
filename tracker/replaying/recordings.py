"""Recordings: what somebody enters at one instant, as the services will be told."""

from dataclasses import dataclass
from datetime import datetime

from tracker.services.facts import FactEntry
from workflow.facts import Moment
from workflow.stages import Step


@dataclass(frozen=True, slots=True)
class Record:
    """A fact. `thread` names it where a later recording completes it."""

    entry: FactEntry
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Complete:
    """The result of a sample that was recorded before."""

    thread: str
    result: FactEntry


@dataclass(frozen=True, slots=True)
class End:
    """The end of something that lasted."""

    thread: str
    until: Moment


@dataclass(frozen=True, slots=True)
class Plan:
    """A step planned, or its plan moved."""

    step: Step
    at: Moment


@dataclass(frozen=True, slots=True)
class Take:
    """A step that happened."""

    step: Step
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent: a fact, or after a screen failure the step that opens a new episode."""

    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StudyDate:
    """A date of the study itself."""

    entry: FactEntry


Act = Record | Complete | End | Plan | Take | Consent | StudyDate


@dataclass(frozen=True, slots=True)
class Recording:
    """Something entered at one instant. `where` names its place in the file."""

    known: datetime
    act: Act
    where: str

"""Facts: something that happened, or is planned, at a time, known since a time."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Moment = datetime | date
"""An aware instant, or a date without a time: the whole local day at the site."""


class FactStatus(StrEnum):
    """What became of a fact. Only planned and done facts are read; the others stay for the record."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


class Sex(StrEnum):
    """Administrative sex, as FHIR codes it."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is fixed about a participant. The birth date is a date and never becomes an instant."""

    sex: Sex
    birth_date: date


@dataclass(frozen=True, slots=True)
class Fact:
    """One version of one thing known about a participant.

    `at` is when it happened; for a laboratory result, when the sample was collected; for a plan, the planned time.
    `resulted_at` is when the result was out (None: out at once, or, for a sample without a value, not yet out).
    `recorded_at` is when this version was entered here. Versions of one thing share `key`; the latest version known
    speaks for it. `value` is an exact number or a code such as "yes" or "negative"; None on a sample: no result yet.
    `upper_limit` is the laboratory's upper limit of normal in the same unit.
    """

    key: str
    concept: str
    at: Moment
    recorded_at: datetime
    value: Decimal | str | None = None
    unit: str | None = None
    comparator: str = "="
    upper_limit: Decimal | None = None
    until: Moment | None = None
    resulted_at: datetime | None = None
    status: FactStatus = FactStatus.DONE
    version: int = 1
    detail: str = ""

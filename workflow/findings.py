"""Findings: what a rule answers, with the reasons a person needs to believe it and to act on it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from workflow.facts import Fact


class Outcome(StrEnum):
    """The answer of a rule. Only met and not_applicable let a step pass."""

    MET = "met"
    FAIL = "fail"
    STALE = "stale"
    MISSING = "missing"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"

    @property
    def passes(self) -> bool:
        """Whether it lets the step pass."""
        return self is Outcome.MET or self is Outcome.NOT_APPLICABLE


class Reason(StrEnum):
    """Why a rule answers as it does; the product renders one sentence for each in the reader's language."""

    WITHIN_LIMIT = "within_limit"
    OUTSIDE_LIMIT = "outside_limit"
    CANNOT_TELL_FROM_COMPARATOR = "cannot_tell_from_comparator"
    ANSWERED_AS_REQUIRED = "answered_as_required"
    ANSWERED_OTHERWISE = "answered_otherwise"
    NOTHING_RECORDED = "nothing_recorded"
    OUTSIDE_WINDOW = "outside_window"
    TIME_OF_DAY_UNKNOWN = "time_of_day_unknown"
    WAITING_FOR_RESULT = "waiting_for_result"
    RESULT_TOO_LATE = "result_too_late"
    UPPER_LIMIT_MISSING = "upper_limit_missing"
    UNIT_DOES_NOT_CONVERT = "unit_does_not_convert"
    INPUT_MISSING = "input_missing"
    AGE_WITHIN = "age_within"
    AGE_OUTSIDE = "age_outside"
    CHANGED_ENOUGH = "changed_enough"
    CHANGED_TOO_LITTLE = "changed_too_little"
    ONE_VALUE_ONLY = "one_value_only"
    EVENT_IN_WINDOW = "event_in_window"
    NONE_FOUND = "none_found"
    LOOK_BACK_NOT_DOCUMENTED = "look_back_not_documented"
    LOOK_BACK_INCOMPLETE = "look_back_incomplete"
    HAPPENED = "happened"
    WITHDRAWN = "withdrawn"
    PARTS = "parts"
    DEPENDS_ON_UNKNOWN = "depends_on_unknown"
    DOES_NOT_APPLY = "does_not_apply"
    NO_ANCHOR = "no_anchor"
    OUT_OF_ORDER = "out_of_order"
    JOURNEY_ENDED = "journey_ended"
    ON_HOLD = "on_hold"


class Remedy(StrEnum):
    """What clears a finding that stops a step."""

    RECORD = "record"
    NEW_SAMPLE = "new_sample"
    NEW_VALUE = "new_value"
    WAIT_FOR_RESULT = "wait_for_result"
    WAIT_UNTIL = "wait_until"
    END_OF_EVENT = "end_of_event"
    DOCUMENT_LOOK_BACK = "document_look_back"
    ADD_UPPER_LIMIT = "add_upper_limit"
    EARLIER_STEP = "earlier_step"
    RELEASE = "release"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Clearing:
    """How and when a stopped rule may clear.

    `starts_from` is the first instant at which the step may start (None: as soon as the remedy is done, or unknown).
    `draw_from` and `draw_by` bound the collection of new evidence for a step at a known time; both ends count.
    """

    remedy: Remedy
    starts_from: datetime | None = None
    draw_from: datetime | None = None
    draw_by: datetime | None = None


class Finding(NamedTuple):
    """One rule's answer.

    `clause` is the rule's id ("order" and "terminal" for the journey's own refusals; "" for the parts of a compound).
    `evidence` holds the facts looked at, the decisive one first. `subject` is the concept asked about. `number` is what
    was compared, exact and unrounded, in `unit`; `limit` its bound as printed in the protocol, `limit_number` the bound
    in the same unit where it depends on the laboratory. `valid_until` is the last start (closed) that the evidence
    serves, or served. `parts` are the findings a compound was made of. `unless` is what the rule's condition to apply
    answers while that is unknown: once it is known not to apply, the rule stops nobody.

    A tuple, because an evaluation makes a hundred of these: a frozen data class takes more than twice as long to make.
    """

    outcome: Outcome
    reason: Reason
    clause: str = ""
    subject: str = ""
    evidence: tuple[Fact, ...] = ()
    number: Fraction | None = None
    unit: str | None = None
    limit: str = ""
    limit_number: Fraction | None = None
    window: str = ""
    valid_until: datetime | None = None
    clearing: Clearing | None = None
    parts: tuple["Finding", ...] = ()
    unless: "Finding | None" = None

    def of_clause(self, clause: str) -> "Finding":
        """The same answer, as that of a rule. (`_replace` takes twice as long, and every rule ends here.)"""
        return Finding._make((*self[:2], clause, *self[3:]))

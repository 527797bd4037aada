"""Plans and deadlines of one participant, in the site's time."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from tracker.models import DeadlineStatus, FactStatus, Participant, RecordedFact, TrackedDeadline
from tracker.wording import Voice, clause_title, distance_words
from tracker.wording.clauses import ClauseWords, clause_words
from workflow.answers import Evaluation
from workflow.facts import Fact
from workflow.site_calendar import SiteCalendar
from workflow.stages import GUARDED_STEPS, Step
from workflow.timeline import Timeline

OWED = (
    DeadlineStatus.UPCOMING, DeadlineStatus.OPEN, DeadlineStatus.OVERDUE, DeadlineStatus.ELIGIBILITY_INVALIDATED,
)  # fmt: skip
DEADLINE_STATES = {
    DeadlineStatus.MET: "met", DeadlineStatus.OPEN: "stale", DeadlineStatus.OVERDUE: "fail",
    DeadlineStatus.ELIGIBILITY_INVALIDATED: "fail",
}  # fmt: skip
"""Which shape and colour a deadline's state is shown in; all others are grey."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One step that lies ahead: its plan, if there is one, and where it stood before."""

    label: str
    at: str
    distance: str
    before: tuple[tuple[str, str], ...]
    plan_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One obligation in words."""

    title: str
    clause: ClauseWords
    state: str
    status: str
    opens: str
    due: str
    distance: str
    valid_until: str
    through: str


def plan_rows(
    voice: Voice, participant: Participant, timeline: Timeline, evaluation: Evaluation, rows: list[RecordedFact]
) -> list[PlanRow]:
    """The steps ahead, from the next one on."""
    if participant.ended or evaluation.next_step not in GUARDED_STEPS:
        return []
    first = GUARDED_STEPS.index(evaluation.next_step)
    ahead = [step for step in GUARDED_STEPS if GUARDED_STEPS.index(step) >= first or evaluation.planned_gate(step)]
    plans = {step: timeline.latest_plan(voice.protocol.steps[step].starts) for step in ahead}
    open_plans = {step: plan if evaluation.planned_gate(step) else None for step, plan in plans.items()}
    return [_plan_row(voice, participant, step, plan, rows) for step, plan in open_plans.items()]


def _plan_row(
    voice: Voice, participant: Participant, step: Step, plan: Fact | None, rows: list[RecordedFact]
) -> PlanRow:
    earlier = [row for row in rows if plan and str(row.key) == plan.key and row.version < plan.version]
    here = [participant.pk, step.value]
    at = SiteCalendar(voice.zone).start(plan.at) if plan else None
    return PlanRow(
        label=voice.label(voice.protocol.steps[step]),
        at=voice.at(plan.at) if plan else "",
        distance=distance_words(at, voice.as_of) if at and voice.as_of else "",
        before=tuple((voice.at(row.moment), _reason_of_next(row, rows)) for row in reversed(earlier)),
        plan_url=reverse("admin:tracker_plan", args=here),
        cancel_url=reverse("admin:tracker_plan_cancel", args=here) if plan else "",
    )


def _reason_of_next(row: RecordedFact, rows: list[RecordedFact]) -> str:
    """Why this version was replaced: the reason stands on the one after it."""
    return next((each.reason for each in rows if each.key == row.key and each.version == row.version + 1), "")


def deadline_row(voice: Voice, deadline: TrackedDeadline, now: datetime) -> DeadlineRow:
    """One obligation in words."""
    owed = deadline.status in OWED
    return DeadlineRow(
        title=clause_title(voice.protocol, deadline.clause, voice.language),
        clause=clause_words(voice, deadline.clause),
        state=DEADLINE_STATES.get(DeadlineStatus(deadline.status), "missing"),
        status=str(deadline.get_status_display()).capitalize(),
        opens=voice.at(deadline.opens_at) if deadline.opens_at else "",
        due=voice.through(deadline.due_at) if deadline.due_at else "",
        distance=distance_words(deadline.due_at, now) if deadline.due_at and owed else "",
        valid_until=voice.through(deadline.valid_until) if deadline.valid_until else "",
        through=voice.at(deadline.required_through) if deadline.required_through else "",
    )


def owed_first(deadline: TrackedDeadline) -> tuple[bool, bool, float]:
    """What is still owed comes first, by due time; what has none comes after what has one."""
    due = deadline.due_at
    return deadline.status not in OWED, due is None, due.timestamp() if due else 0.0


def is_planned(row: RecordedFact) -> bool:
    """Whether a row is a plan, open or cancelled."""
    return row.status in (FactStatus.PLANNED, FactStatus.CANCELLED)

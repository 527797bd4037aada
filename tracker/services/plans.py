"""Plans: when a step is meant to start; moved and cancelled with a reason, and never lost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tracker.access import Action
from tracker.errors import StepInvalid
from tracker.evaluation import evaluate_participant, protocol_of
from tracker.models import FactStatus, Participant, RecordedFact, User
from tracker.services import ledger
from tracker.services.reasons import demanded
from tracker.services.transactions import change_of
from workflow.facts import Moment
from workflow.findings import Reason
from workflow.site_calendar import SiteCalendar
from workflow.stages import GUARDED_STEPS, Step


def plan_step(
    *, participant: Participant, step: Step, at: Moment, by: User, now: datetime, reason: str = ""
) -> RecordedFact:
    """Plan the next start of a step, or move its open plan; moving demands a reason.

    `at` is an aware instant, or a date of the site where the time is open. Raises NotAllowed, and StepInvalid.
    """
    (plan,) = plan_steps(participant=participant, plans={step: at}, by=by, now=now, reason=reason)
    return plan


def plan_steps(
    *, participant: Participant, plans: Mapping[Step, Moment], by: User, now: datetime, reason: str = ""
) -> list[RecordedFact]:
    """Plan or move several steps at once, all or none: what hangs on them is judged when all of them are in place.

    Raises as `plan_step` does, for the first step that cannot be planned.
    """
    with change_of(participant, Action.PLAN, by=by, now=now, reason=reason.strip()) as row:
        return [_plan(row, step, at, by=by, now=now, reason=reason) for step, at in plans.items()]


def _plan(row: Participant, step: Step, at: Moment, *, by: User, now: datetime, reason: str) -> RecordedFact:
    _must_be_plannable(row, step, now)
    columns = _columns(row, step, at, now)
    plan = ledger.open_plan(row, columns["concept"])
    if plan is None:
        return ledger.add(row, columns, by=by, now=now, reason=reason.strip())
    return ledger.add_version(plan, columns, by=by, now=now, reason=demanded(reason, StepInvalid))


def cancel_plan(*, participant: Participant, step: Step, reason: str, by: User, now: datetime) -> RecordedFact:
    """Cancel the open plan of a step; demands a reason. Raises NotAllowed, and StepInvalid when nothing is planned."""
    with change_of(participant, Action.PLAN, by=by, now=now, reason=reason.strip()) as row:
        _must_have_plans(step)
        plan = ledger.open_plan(row, protocol_of(row).steps[step].starts)
        if plan is None:
            raise StepInvalid({"step": [_("Nothing is planned for this step.")]})
        return ledger.add_version(
            plan, {"status": FactStatus.CANCELLED}, by=by, now=now, reason=demanded(reason, StepInvalid)
        )


def _must_be_plannable(participant: Participant, step: Step, now: datetime) -> None:
    _must_have_plans(step)
    if participant.ended:
        raise StepInvalid({"step": [_("The journey has ended: nothing can be planned.")]})
    gate = evaluate_participant(participant, as_of=now).gates[step]
    if any(finding.reason is Reason.JOURNEY_ENDED for finding in gate.findings):
        raise StepInvalid({"step": [_("This part of the journey has ended: the step cannot be planned.")]})


def _must_have_plans(step: Step) -> None:
    if step not in GUARDED_STEPS:
        raise StepInvalid({"step": [_("This step is not planned.")]})


def _columns(participant: Participant, step: Step, at: Moment, now: datetime) -> dict[str, Any]:
    calendar = SiteCalendar(participant.zone)
    if calendar.end(at) < now:
        raise StepInvalid({"at": [_("This time has passed: a plan lies in the future.")]})
    return {
        "concept": protocol_of(participant).steps[step].starts, "at": calendar.start(at),
        "at_is_date": not isinstance(at, datetime), "status": FactStatus.PLANNED,
    }  # fmt: skip

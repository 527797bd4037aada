"""What holds a step, read from the rows alone: the second opinion against the gate."""

from datetime import datetime
from itertools import chain

from tracker.models import Assignment, Deviation, FactStatus, Participant, RecordedFact, Role, StepRecord, User
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step

HELD = (Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION)


def what_holds(participant: Participant, step: Step, at: datetime) -> list[str]:
    """The holds, and the deviations of earlier steps without a valid signature, in force for a start at an instant."""
    if step not in HELD:
        return []
    drafts = (str(row) for row in participant.deviations.all() if _holds(row, at))
    return [*drafts, *(str(row) for row in _holds_on_record(participant) if _lasts(row, participant, at))]


def why_not_released(deviation: Deviation) -> str:
    """Why a closed deviation should not be closed: not signed by a PI of the site who did not report it."""
    signatures = list(deviation.signatures.all())
    if len(signatures) != 1:
        return f"{len(signatures)} signatures"
    signer, participant = signatures[0].signer, deviation.participant
    day = signatures[0].signed_at.astimezone(participant.zone).date()
    posts = Assignment.objects.filter(
        user=signer, role=Role.PI, site=participant.site, study=participant.study, valid_from__lte=day
    )
    if not any(post.valid_until is None or post.valid_until >= day for post in posts):
        return f"{signer} is no PI of the site"
    return f"{signer} reported it" if signer in _reporters(deviation) else ""


def _reporters(deviation: Deviation) -> set[User | None]:
    """Who brought it to light, who reported the step afterwards, and who corrected it up to then."""
    step = deviation.step_record
    found = {deviation.reported_by}
    while step is not None:
        if step.reported_afterwards or step.corrects is not None:
            found.add(step.recorded_by)
        step = step.corrects
    return found


def _holds(deviation: Deviation, at: datetime) -> bool:
    step = as_it_stood(deviation.step_record)
    if step is None or step.happened_at > at:
        return False
    # Staff type minutes: what is typed for the minute of the signature comes after it.
    closed_at = deviation.closed_at and deviation.closed_at.replace(second=0, microsecond=0)
    return closed_at is None or closed_at > at or bool(why_not_released(deviation))


def as_it_stood(step: StepRecord | None, known: datetime | None = None) -> StepRecord | None:
    """The row that spoke for a step at an instant, or speaks now; None where it was taken back."""
    later = None if step is None else StepRecord.objects.filter(corrects=step).first()
    if later is not None and (known is None or later.recorded_at <= known):
        return as_it_stood(later, known)
    return None if step is None or step.in_error else step


def _holds_on_record(participant: Participant) -> list[RecordedFact]:
    of_study = RecordedFact.objects.filter(study=participant.study_id, concept="hold")
    of_hers = RecordedFact.objects.filter(participant=participant, concept="hold")
    latest = {row.key: row for row in chain(of_study.order_by("version"), of_hers.order_by("version"))}
    return [row for row in latest.values() if row.status == FactStatus.DONE]


def _lasts(hold: RecordedFact, participant: Participant, at: datetime) -> bool:
    calendar = SiteCalendar(participant.zone)
    until = None if hold.until_moment is None else calendar.end(hold.until_moment)
    return calendar.start(hold.moment) <= at and (until is None or until > at)

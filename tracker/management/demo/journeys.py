"""Six demo participants, each at another point of the journey, so that every page has something to show."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tracker.management.demo.scribe import Scribe
from workflow.stages import Step


def _attested(scribe: Scribe, day: int, *, woman: bool) -> None:
    """Consent and what is attested on the same day."""
    scribe.note("consent", scribe.at(day, "09:00"), detail="ICF 1.0")
    answers = {"diffuse_ssc": "yes", "refractory": "yes", "contraception_agreed": "yes", "vascular_access": "adequate"}
    answers |= {"wocbp": "yes", "lactating": "no"} if woman else {"partner_of_childbearing_potential": "yes"}
    for concept, value in answers.items():
        scribe.note(concept, scribe.at(day, "10:00"), value, by="sub_i")


def _measured(scribe: Scribe, day: int) -> None:
    """Weight, skin score, lungs and heart, and the laboratory."""
    scribe.note("weight", scribe.at(day, "07:50"), "61", "kg")
    scribe.laboratory(day)
    scribe.note("mrss", scribe.at(day, "16:10"), "22", "{score}", by="sub_i")
    scribe.note("fvc_pct_pred", scribe.at(day, "16:20"), "68", "%")
    scribe.note("dlco_pct_pred", scribe.at(day, "16:20"), "55", "%")
    scribe.note("lvef", scribe.at(day, "16:30"), "63", "%")


def _screened(scribe: Scribe, day: int, *, woman: bool) -> None:
    _attested(scribe, day, woman=woman)
    _measured(scribe, day + 1)
    if woman:
        scribe.pregnancy_test(scribe.at(day + 1, "17:00"))


def _enrolled(scribe: Scribe, day: int, *, woman: bool) -> None:
    _screened(scribe, day - 4, woman=woman)
    scribe.reviews(scribe.at(day, "08:30"))
    scribe.take(Step.ENROL, scribe.at(day, "10:00"), by="pi")


def _collected(scribe: Scribe, day: int, *, woman: bool) -> None:
    _enrolled(scribe, day - 5, woman=woman)
    scribe.note("infection_review", scribe.at(day, "08:00"), by="sub_i")
    scribe.take(Step.LEUKAPHERESIS, scribe.at(day, "09:00"), by="apheresis_nurse")
    scribe.note("leukapheresis_completed", scribe.at(day, "13:00"), by="apheresis_nurse")
    scribe.note("product_released", scribe.at(day + 24, "10:00"), by="cell_lab")


def _depleted(scribe: Scribe, day: int, *, woman: bool) -> None:
    _collected(scribe, day - 28, woman=woman)
    if woman:
        scribe.pregnancy_test(scribe.at(day - 1, "08:00"))
    scribe.take(Step.LYMPHODEPLETION, scribe.at(day, "09:00"), by="ward_nurse")
    for dose in (1, 2):
        scribe.note("lymphodepletion_dose", scribe.at(day + dose, "09:00"), by="ward_nurse")
    scribe.note("lymphodepletion_completed", scribe.at(day + 2, "15:00"), by="ward_nurse")


def recent_transfusion(scribe: Scribe) -> None:
    """In screening; an outside hospital calls about a transfusion three days ago, and enrolment is planned too soon."""
    _screened(scribe, -6, woman=False)
    scribe.plan(Step.ENROL, scribe.at(2, "10:00"), known=scribe.at(-2, "09:00"))
    scribe.note("transfusion", scribe.at(-3, "14:00"), known=_just_before(scribe.now))


def window_open(scribe: Scribe) -> None:
    """A woman whose first dose is near enough that the sample for the pregnancy test may be drawn now."""
    _collected(scribe, -28, woman=True)
    scribe.plan(Step.LYMPHODEPLETION, _next_full_hour(scribe.now) + timedelta(hours=40), known=scribe.at(-3, "11:00"))


def ready_to_enrol(scribe: Scribe) -> None:
    """A woman with everything in range, to be enrolled today."""
    _screened(scribe, -5, woman=True)
    scribe.reviews(_just_before(scribe.now))
    scribe.plan(Step.ENROL, _next_full_hour(scribe.now), known=_just_before(scribe.now))


def waiting_for_leukapheresis(scribe: Scribe) -> None:
    """Enrolled; a pneumonia has cleared, and the slot is booked late enough."""
    _enrolled(scribe, -18, woman=False)
    scribe.note("systemic_infection", scribe.at(-16, "08:00"), by="sub_i")
    scribe.end("systemic_infection", scribe.at(-10, "12:00"), by="sub_i")
    scribe.plan(Step.LEUKAPHERESIS, scribe.at(6, "09:00"), known=scribe.at(-8, "10:00"))


def waiting_for_infusion(scribe: Scribe) -> None:
    """Lymphodepletion is over, the infusion is planned for tomorrow."""
    _depleted(scribe, -5, woman=False)
    scribe.plan(Step.INFUSION, scribe.at(1, "10:00"), known=scribe.at(-2, "16:00"))


def in_follow_up(scribe: Scribe) -> None:
    """Infused three weeks ago."""
    _depleted(scribe, -27, woman=True)
    scribe.take(Step.INFUSION, scribe.at(-22, "10:00"), by="sub_i")
    scribe.note("infusion_completed", scribe.at(-22, "10:30"), by="ward_nurse")
    scribe.take(Step.FOLLOW_UP, scribe.at(-21, "09:00"), by="crc")


def _next_full_hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _just_before(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0) - timedelta(minutes=1)


class Journey(NamedTuple):
    """One demo participant and what happened to her or him."""

    subject_number: str
    sex: str
    birth_date: date
    tell: Callable[[Scribe], None]


JOURNEYS = (
    Journey("DEMO-001", "male", date(1975, 12, 1), recent_transfusion),
    Journey("DEMO-002", "female", date(1988, 11, 30), window_open),
    Journey("DEMO-003", "female", date(1991, 5, 25), ready_to_enrol),
    Journey("DEMO-004", "male", date(1981, 4, 4), waiting_for_leukapheresis),
    Journey("DEMO-005", "male", date(1970, 2, 2), waiting_for_infusion),
    Journey("DEMO-006", "female", date(1985, 3, 14), in_follow_up),
)

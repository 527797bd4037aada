"""What the tracker's tests share: one house with its staff, people whose steps may be corrected, a mail server."""

from typing import Any

import pytest
from django.core.mail import EmailMessage

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    ENROLLED,
    House,
    a_house,
    collected_woman,
    fresh,
    hcg,
    plan,
    record,
    screened_woman,
    take,
)
from tracker.models import Participant
from workflow.stages import Step


@pytest.fixture
def house(db: None) -> House:
    """A site of the study with one person in each role."""
    return a_house()


@pytest.fixture
def conditioned(house: House) -> Participant:
    """A woman whose first dose was planned, tested for, and given."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    return fresh(participant)


@pytest.fixture
def misdated(house: House) -> Participant:
    """A woman collected from, whose test served her enrolment only at the time that was recorded."""
    participant = screened_woman(house)
    take(participant, Step.ENROL, ENROLLED, by=house["sub_i"], known="2026-03-13 09:00")
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    record(participant, "product_released", "2026-04-03 10:00", by=house["cell_lab"])
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    return fresh(participant)


@pytest.fixture
def post(settings: Any, mailoutbox: list[EmailMessage]) -> list[EmailMessage]:
    """A mail server, and what it took."""
    settings.MAIL_CONFIGURED = True
    return mailoutbox

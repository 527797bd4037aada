"""The product and expiring evidence through the services: who waits, who is told, who decides."""

import pytest

from tests.builders import (
    CONDITIONED,
    House,
    a_house,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    hcg,
    record,
    screened_woman,
    take,
)  # fmt: skip
from tracker.errors import NotAllowed, StepRefused
from tracker.models import Alert, AlertStatus, Notification, NotificationKind, Participant, Resolution
from tracker.services import deadlines
from workflow.stages import Step

pytestmark = pytest.mark.django_db
OUTSIDE = "2026-04-07 09:00"


@pytest.fixture
def house() -> House:
    return a_house()


def ready(house: House) -> Participant:
    """Collected, released, and tested for the first dose at CONDITIONED."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 07:30", "2026-04-08 11:00")
    return fresh(participant)


def told(alert: Alert) -> set[str]:
    return set(alert.notifications.values_list("role", flat=True))


def refused(participant: Participant, house: House) -> list[str]:
    with pytest.raises(StepRefused) as refusal:
        take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"])
    return [finding.clause for finding in refusal.value.gate.blocking]


def test_the_first_dose_waits_for_the_release(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["apheresis_nurse"])
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    hcg(participant, house, "2026-04-08 07:30", "2026-04-08 11:00")

    assert refused(fresh(participant), house) == ["product_for_ld"]


def test_a_product_out_of_specification_tells_those_who_decide_and_stops_the_dose_until_they_have(
    house: House,
) -> None:
    participant = ready(house)
    record(participant, "product_out_of_specification", OUTSIDE, by=house["cell_lab"])

    alert = Alert.objects.get(deadline__clause="product_review")
    assert (alert.status, alert.urgent, told(alert)) == (AlertStatus.RAISED, True, {"pi", "crc", "cell_lab", "sponsor"})
    assert refused(fresh(participant), house) == ["product_for_ld"]

    record(participant, "product_accepted", "2026-04-08 09:00", by=house["pi"])
    alert.refresh_from_db()
    assert (alert.status, alert.resolution) == (AlertStatus.RESOLVED, Resolution.DONE)
    take(fresh(participant), Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"])


@pytest.mark.parametrize("role", ["crc", "sub_i", "cell_lab", "sponsor"])
def test_only_the_principal_investigator_decides_to_use_it(house: House, role: str) -> None:
    participant = ready(house)
    record(participant, "product_out_of_specification", OUTSIDE, by=house["cell_lab"])

    with pytest.raises(NotAllowed):
        record(participant, "product_accepted", "2026-04-08 09:00", by=house[role])


def test_evidence_that_expires_unplanned_is_told_before_and_when_it_does_and_a_new_sample_ends_it(
    house: House,
) -> None:
    participant = screened_woman(house)
    deadlines.sweep(at("2026-03-10 23:59"))
    assert not Alert.objects.filter(deadline__clause="expiring_hcg_7d_enrol").exists()

    deadlines.sweep(at("2026-03-11 00:00"))
    deadlines.sweep(at("2026-03-12 00:00"))
    first, second = Alert.objects.filter(deadline__clause="expiring_hcg_7d_enrol").order_by("raised_at")
    assert [(each.rung, each.urgent, told(each)) for each in (first, second)] == [
        ("expiring", False, {"crc"}),
        ("expired", False, {"crc"}),
    ]
    assert Resolution(first.resolution) is Resolution.SUPERSEDED

    record(participant, "serum_hcg", "2026-03-12 08:00", by=house["crc"])
    second.refresh_from_db()
    assert second.resolution == Resolution.DONE
    assert not Notification.objects.filter(kind=NotificationKind.WITHDRAWN).exists()

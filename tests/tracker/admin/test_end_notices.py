"""What a participant's page says of ends: how far one goes, data that may not be used, and contradictions."""

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from tests.builders import CONDITIONED, INFUSED, House, at, collected_woman, fresh, hcg, record, take
from tests.tracker.admin.conftest import Enter
from tracker.errors import StepInvalid
from tracker.models import Participant, StepRecord
from tracker.services import step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

NOW = "2026-04-14 18:00"


@pytest.fixture
def infused(house: House, clock: Traveller) -> Participant:
    """A woman who was infused this morning."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-11 12:00", by=house["ward_nurse"])
    take(participant, Step.INFUSION, INFUSED, by=house["pi"])
    clock.move_to(at(NOW))
    return fresh(participant)


def page(client: Client, participant: Participant) -> str:
    return client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()


def report_death(client: Client, participant: Participant, *, day: str, hour: str, late: bool) -> tuple[int, str]:
    url = reverse("admin:tracker_step", args=[participant.pk, "record_death"])
    form = {
        "happened_at_0": day, "happened_at_1": hour, "expected_stage": participant.stage, "reason": "by telephone",
    }  # fmt: skip
    response = client.post(f"{url}?report=1" if late else url, form)
    return response.status_code, response.content.decode()


def test_a_death_known_late_is_reported_from_its_page(enter: Enter, house: House, infused: Participant) -> None:
    crc = enter(house["crc"])
    html = crc.get(reverse("admin:tracker_step", args=[infused.pk, "record_death"])).content.decode()
    assert "It became known late" in html
    status, refused = report_death(crc, infused, day="2026-04-14", hour="09:00", late=False)
    assert (status, "This lies before the last recorded step." in refused) == (422, True)
    assert report_death(crc, infused, day="2026-04-14", hour="09:00", late=True)[0] == 302
    assert fresh(infused).stage == Stage.DIED


def test_an_infusion_after_a_death_is_shown_as_a_contradiction_until_one_is_corrected(
    enter: Enter, house: House, infused: Participant
) -> None:
    crc = enter(house["crc"])
    report_death(crc, infused, day="2026-04-14", hour="09:00", late=True)
    html = page(crc, infused)
    assert "These contradict each other: Death, Tue 14 Apr 09:00; and Infusion, Tue 14 Apr 10:00" in html
    assert html.count("These contradict each other") == 1
    death = StepRecord.objects.get(step="record_death")
    step_corrections.correct_time(
        record=death, happened_at=at("2026-04-14 16:00"), reason="Afternoon", by=house["crc"], now=at(NOW)
    )
    assert "These contradict each other" not in page(crc, infused)


def test_the_infusion_can_be_moved_before_the_death_but_not_to_another_time_after_it(
    enter: Enter, house: House, infused: Participant
) -> None:
    report_death(enter(house["crc"]), infused, day="2026-04-14", hour="09:00", late=True)
    infusion = infused.steps.standing().get(step="infusion")

    def moved_to(when: str) -> StepRecord:
        return step_corrections.correct_time(
            record=infusion, happened_at=at(when), reason="Misread", by=house["pi"], now=at(NOW),
            signature=Signing(house["pi"]),
        )  # fmt: skip

    with pytest.raises(StepInvalid, match="after the step that came after it: Death"):
        moved_to("2026-04-14 09:30")
    moved_to("2026-04-14 08:30")
    assert "These contradict each other" not in page(enter(house["crc"]), infused)


def test_who_left_the_treatment_is_shown_with_what_is_no_longer_possible(
    enter: Enter, house: House, clock: Traveller
) -> None:
    participant = collected_woman(house)
    clock.move_to(at("2026-04-08 12:00"))
    crc = enter(house["crc"])
    follow_up = reverse("admin:tracker_step", args=[participant.pk, "follow_up"])
    assert follow_up not in page(crc, participant)
    menu = crc.get(reverse("admin:tracker_fact_menu", args=[participant.pk])).content.decode()
    assert "Withdrawn from treatment; follow-up agreed" in menu
    record(participant, "treatment_withdrawn", "2026-04-08 12:00", by=house["crc"])
    html = page(crc, participant)
    said = "Withdrawn from treatment; follow-up agreed, since Wed 8 Apr 12:00. No longer possible: "
    assert f"{said}Start leukapheresis · Start lymphodepletion · Start infusion." in html
    assert follow_up in html


def test_data_that_may_not_be_used_is_said_first_even_after_the_end(
    enter: Enter, house: House, infused: Participant
) -> None:
    crc = enter(house["crc"])
    take(infused, Step.WITHDRAW, "2026-04-14 15:00", by=house["crc"], reason="Wishes to stop")
    record(infused, "data_use_withdrawn", "2026-04-14 17:00", by=house["crc"])
    said = "Withdrawn from use of data, Tue 14 Apr 17:00: data recorded from this instant on must not be used."
    assert said in page(crc, infused)
    url = reverse("admin:tracker_participant_change", args=[infused.pk])
    assert said not in crc.get(url, {"known": "2026-04-14T16:00"}).content.decode()


def test_a_nurse_who_may_not_end_a_journey_is_not_offered_its_ends(
    enter: Enter, house: House, infused: Participant
) -> None:
    menu = enter(house["ward_nurse"]).get(reverse("admin:tracker_fact_menu", args=[infused.pk])).content.decode()
    assert "Withdrawn from treatment" not in menu
    assert "Withdrawn from use of data" not in menu

"""Another site's participant is not found, a role that may not is refused, and reading changes nothing."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import resolve, reverse

from tests.builders import CONDITIONED, House, a_house, a_participant, at, collected_woman, plan, record, screened_man
from tests.tracker.admin.addresses import ONLY_READ
from tests.tracker.admin.conftest import Enter
from tracker.models import Alert, Notification, Participant, RecordedFact, Role, StepRecord
from workflow.stages import Step


def pages(participant: Participant, fact: RecordedFact) -> Iterator[str]:
    here = participant.pk
    for name in ("participant_change", "fact_menu", "panel"):
        yield reverse(f"admin:tracker_{name}", args=[here])
    for name in ("fact_result", "fact_end", "fact_correct", "fact_withdraw"):
        yield reverse(f"admin:tracker_{name}", args=[here, fact.pk])
    yield reverse("admin:tracker_fact_add", args=[here, "transfusion"])
    for name in ("plan", "plan_cancel", "step"):
        yield reverse(f"admin:tracker_{name}", args=[here, "enrol"])


@pytest.fixture
def elsewhere(house: House) -> House:
    return a_house("PD", study=house.study)


def test_another_sites_participant_is_not_found_on_any_page(house: House, elsewhere: House, enter: Enter) -> None:
    participant = a_participant(house)
    fact = record(participant, "systemic_infection", "2026-03-03 09:00", by=house["crc"])
    stranger = enter(elsewhere["crc"])
    for url in pages(participant, fact):
        assert stranger.get(url).status_code == 404, url
        assert stranger.post(url, {}).status_code == 404, url


def test_another_sites_alerts_and_messages_are_not_found_and_not_listed(
    house: House, elsewhere: House, enter: Enter
) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    alert, message = Alert.objects.first(), Notification.objects.first()
    assert alert is not None
    assert message is not None
    stranger, own = enter(elsewhere["crc"]), enter(house["crc"])
    hidden = [
        reverse("admin:tracker_alert_change", args=[alert.pk]),
        reverse("admin:tracker_alert_acknowledge", args=[alert.pk]),
        reverse("admin:tracker_notification_change", args=[message.pk]),
    ]
    for url in hidden:
        assert stranger.get(url).status_code == 404, url
        assert own.get(url).status_code == 200, url
    for name in ("participant", "alert", "notification"):
        url = reverse(f"admin:tracker_{name}_changelist")
        assert "RJ-001" not in stranger.get(url).content.decode()
        assert "RJ-001" in own.get(url).content.decode()
    assert "RJ-001" not in stranger.get(reverse("admin:index")).content.decode()


def test_an_assignment_that_is_over_shows_nobody(house: House, enter: Enter) -> None:
    participant = a_participant(house)
    house["crc"].assignments.update(valid_until=at("2026-03-05 12:00").date())
    assert (
        enter(house["crc"]).get(reverse("admin:tracker_participant_change", args=[participant.pk])).status_code == 404
    )


def test_a_role_that_may_not_take_a_step_is_refused_with_403(house: House, enter: Enter) -> None:
    participant = screened_man(house)
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    nurse = enter(house["ward_nurse"])
    typed = {"happened_at_0": "2026-03-09", "happened_at_1": "10:00", "expected_stage": "screening"}
    assert nurse.get(url).status_code == 403
    assert nurse.post(url, typed).status_code == 403
    assert not StepRecord.objects.exists()


@pytest.mark.parametrize("role", [Role.MONITOR, Role.SPONSOR])
def test_who_only_reads_is_offered_nothing_and_refused_everything(house: House, enter: Enter, role: str) -> None:
    participant = screened_man(house)
    fact = record(participant, "systemic_infection", "2026-03-03 09:00", by=house["crc"])
    reader = enter(house[role])
    shown = reader.get(reverse("admin:tracker_participant_change", args=[participant.pk]))
    assert shown.status_code == 200
    linked = re.findall(rf'"(/admin/tracker/participant/{participant.pk}/[^"?#]*)', shown.content.decode())
    assert {resolve(url).url_name for url in linked} <= ONLY_READ
    for url in list(pages(participant, fact))[1:]:
        assert reader.get(url).status_code == 403, url
    assert reader.get(reverse("admin:tracker_participant_add")).status_code == 403


def test_a_get_changes_nothing(house: House, crc: Client) -> None:
    participant = screened_man(house)
    fact = record(participant, "systemic_infection", "2026-03-03 09:00", by=house["crc"])
    before = (RecordedFact.objects.count(), StepRecord.objects.count(), Participant.objects.values().get())
    for url in pages(participant, fact):
        crc.get(url)
    sample = reverse("admin:tracker_sample", args=[participant.pk, "serum_hcg"])
    assert crc.get(sample).status_code == 405
    step = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    crc.get(step, {"happened_at_0": "2026-03-09", "happened_at_1": "10:00", "expected_stage": "screening"})
    assert before == (RecordedFact.objects.count(), StepRecord.objects.count(), Participant.objects.values().get())


def test_a_post_without_its_token_is_refused(house: House, crc: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = crc.cookies
    url = reverse("admin:tracker_sample", args=[a_participant(house).pk, "serum_hcg"])
    assert strict.post(url).status_code == 403
    assert not RecordedFact.objects.exists()


def test_nobody_who_is_not_signed_in_sees_a_page(house: House) -> None:
    participant = a_participant(house)
    response = Client().get(reverse("admin:tracker_participant_change", args=[participant.pk]))
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_setting_up_is_for_superusers_only(house: House, crc: Client, root: Client) -> None:
    for name in ("site", "study", "assignment", "user"):
        url = reverse(f"admin:tracker_{name}_changelist")
        assert crc.get(url).status_code == 403, name
        assert root.get(url).status_code == 200, name


def test_words_that_name_nothing_are_not_found(house: House, crc: Client) -> None:
    here = a_participant(house).pk
    for url in (
        reverse("admin:tracker_fact_add", args=[here, "shoe_size"]),
        reverse("admin:tracker_fact_add", args=[here, "crcl"]),
        reverse("admin:tracker_fact_add", args=[here, "infusion_started"]),
        reverse("admin:tracker_step", args=[here, "fly"]),
        reverse("admin:tracker_plan", args=[here, "withdraw"]),
        reverse("admin:tracker_participant_change", args=[999_999]),
    ):
        assert crc.get(url).status_code == 404, url

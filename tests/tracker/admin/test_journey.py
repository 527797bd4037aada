"""The coordinator's work through the pages: facts, results, plans, steps, alerts."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import (
    CONDITIONED,
    House,
    a_participant,
    at,
    collected_woman,
    fresh,
    plan,
    record,
    screened_man,
)
from tests.tracker.admin.conftest import PASSWORD, shown_in
from tracker.models import (
    Alert,
    AlertStatus,
    Heartbeat,
    Notification,
    Participant,
    RecordedFact,
    StepRecord,
    User,
)
from workflow.stages import Stage, Step

SIGNED = {"reason": "", "password": PASSWORD}


def show(client: Client, participant: Participant) -> str:
    return client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()


def on(name: str, day: str, clock: str) -> dict[str, str]:
    return {f"{name}_0": day, f"{name}_1": clock}


def test_a_participant_is_registered_and_opened(crc: Client, house: House) -> None:
    typed = {
        "place": f"{house.study.pk}-{house.site.pk}", "subject_number": "RJ-007", "sex": "female",
        "birth_date": "1990-01-15", "dose_level": "1",
    }  # fmt: skip
    response = crc.post(reverse("admin:tracker_participant_add"), typed)
    made = Participant.objects.get(subject_number="RJ-007")
    assert response.headers["Location"] == reverse("admin:tracker_participant_change", args=[made.pk])
    assert "Female, 36 y" in show(crc, made)


def test_a_sample_is_recorded_in_one_click_and_its_result_completes_it(crc: Client, house: House) -> None:
    participant = a_participant(house)
    record(participant, "consent", "2026-03-02 09:00", by=house["crc"])
    record(participant, "wocbp", "2026-03-02 09:00", "yes", by=house["crc"])
    assert "Sample drawn now" in show(crc, participant)
    crc.post(reverse("admin:tracker_sample", args=[participant.pk, "serum_hcg"]))
    sample = RecordedFact.objects.get(concept="serum_hcg")
    assert (sample.value, sample.at) == ("", at("2026-03-09 10:00"))
    assert "sample collected Mon 9 Mar 10:00, the result is not recorded yet" in show(crc, participant)
    url = reverse("admin:tracker_fact_result", args=[participant.pk, sample.pk])
    assert crc.post(url, {"value": "negative", **on("resulted_at", "2026-03-09", "10:00")}).status_code == 302
    assert RecordedFact.objects.filter(key=sample.key).latest("version").value == "negative"
    assert "Negative, collected Mon 9 Mar 10:00" in show(crc, participant)


def test_a_panel_saves_its_filled_rows_and_remembers_units_and_upper_limits(crc: Client, house: House) -> None:
    participant = a_participant(house)
    url = reverse("admin:tracker_panel", args=[participant.pk])
    typed = {
        **on("at", "2026-03-09", "08:00"), **on("resulted_at", "2026-03-09", "09:20"),
        "hb.value": "12.8", "hb.unit": "g/dL", "alt.value": "22", "alt.unit": "U/L", "alt.upper_limit": "45",
        "crp.value": "no such row", "plt.value": "",
    }  # fmt: skip
    assert crc.post(url, typed).status_code == 302
    assert set(RecordedFact.objects.values_list("concept", "value", "unit", "upper_limit")) == {
        ("hb", "12.8", "g/dL", ""),
        ("alt", "22", "U/L", "45"),
    }
    again = crc.get(url).content.decode()
    assert '<option value="g/dL" selected>' in again
    assert 'value="45"' in again


def test_an_infection_is_recorded_with_its_end_later_and_corrected_with_both_versions_shown(
    crc: Client, house: House
) -> None:
    participant = a_participant(house)
    add = reverse("admin:tracker_fact_add", args=[participant.pk, "systemic_infection"])
    crc.post(add, {**on("at", "2026-03-03", ""), "detail": "pneumonia"})
    fact = RecordedFact.objects.get()
    assert fact.at_is_date
    crc.post(reverse("admin:tracker_fact_end", args=[participant.pk, fact.pk]), on("until", "2026-03-08", "12:00"))
    correct = reverse("admin:tracker_fact_correct", args=[participant.pk, fact.pk])
    typed = {**on("at", "2026-03-04", ""), **on("until", "2026-03-08", "12:00"), "reason": "wrong day"}
    assert crc.post(correct, typed).status_code == 302
    html = show(crc, participant)
    assert "Wed 4 Mar to Sun 8 Mar 12:00" in html
    assert "since Tue 3 Mar, no end recorded" in html
    assert "wrong day" in html


def test_an_entry_made_in_error_stays_readable_and_counts_no_more(crc: Client, house: House) -> None:
    participant = screened_man(house)
    fact = record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"])
    assert "Blood transfusion, Sun 8 Mar 09:00" in show(crc, participant)
    url = reverse("admin:tracker_fact_withdraw", args=[participant.pk, fact.pk])
    crc.post(url, {"reason": "another participant"})
    html = show(crc, participant)
    assert "Enrol?" in html
    assert "entered in error" in html
    assert "another participant" in html


def test_a_step_is_taken_when_the_gate_lets_it_pass(crc: Client, house: House) -> None:
    participant = screened_man(house)
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    assert "Record it and move RJ-001 to “Enrolled”" in crc.get(url).content.decode()
    typed = {**on("happened_at", "2026-03-09", "10:00"), "expected_stage": "screening", **SIGNED}
    assert crc.post(url, typed).status_code == 302
    assert fresh(participant).stage == Stage.ENROLLED
    assert "Screening → Enrolled" in show(crc, participant)


def test_a_blocked_step_says_why_and_offers_to_report_what_has_happened(crc: Client, house: House) -> None:
    participant = screened_man(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"])
    html = show(crc, participant)
    assert "1 of 22 conditions are open" in html
    assert "Can clear from Mon 16 Mar 00:00: start then or later." in html
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    typed = {**on("happened_at", "2026-03-09", "10:00"), "expected_stage": "screening", **SIGNED}
    response = crc.post(url, typed)
    assert response.status_code == 422
    assert "The gate stops a start at this time" in response.content.decode()
    assert fresh(participant).stage == Stage.SCREENING
    assert "This field is required" in crc.post(f"{url}?report=1", typed).content.decode()
    assert crc.post(f"{url}?report=1", {**typed, "reason": "signed before the call"}).status_code == 302
    assert StepRecord.objects.get().reported_afterwards
    deviations = crc.get(reverse("admin:tracker_deviation_changelist")).content.decode()
    assert "No transfusion within 7 days" in deviations


def test_the_gate_can_be_asked_for_another_time_before_confirming(crc: Client, house: House) -> None:
    participant = screened_man(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"])
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    earlier = crc.get(url, on("happened_at", "2026-03-07", "10:00")).content.decode()
    assert "a start on Sat 7 Mar 10:00" in earlier
    assert 'value="2026-03-07"' in earlier


def test_somebody_elses_step_meanwhile_is_told_and_nothing_is_written_twice(crc: Client, house: House) -> None:
    participant = screened_man(house)
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    typed = {**on("happened_at", "2026-03-09", "10:00"), "expected_stage": "screening", **SIGNED}
    crc.post(url, typed)
    response = crc.post(url, typed)
    assert response.status_code == 422
    assert "moved by another person meanwhile: from “Screening” to “Enrolled”" in response.content.decode()
    assert StepRecord.objects.count() == 1


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose is planned in 47 hours and whose sample is not drawn."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    clock.move_to(at("2026-04-07 10:00"))
    return participant


def test_an_alert_is_acknowledged_and_the_obligation_stays(house: House, waiting: Participant, crc: Client) -> None:
    crc.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
    alert = Alert.objects.get(status=AlertStatus.RAISED)
    today = crc.get(reverse("admin:index")).content.decode()
    assert alert.say in today
    assert "RJ-001" in today
    response = crc.post(reverse("admin:tracker_alert_acknowledge", args=[alert.pk]), {"note": "nurse is on her way"})
    assert response.status_code == 302
    alert.refresh_from_db()
    assert alert.status == AlertStatus.ACKNOWLEDGED
    html = show(crc, waiting)
    assert "nurse is on her way" in html
    assert "Start lymphodepletion?" in html
    assert "Not yet" in html


def test_a_plan_is_moved_with_its_reason_and_the_old_time_stays_visible(
    house: House, waiting: Participant, crc: Client
) -> None:
    crc.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:tracker_plan", args=[waiting.pk, "lymphodepletion"])
    moved = {**on("at", "2026-04-11", "10:00"), "reason": "bed not free"}
    assert crc.post(url, {**moved, "shown": shown_in(crc.post(url, {**moved, "show": "1"}))}).status_code == 302
    html = show(crc, waiting)
    assert "judged for the planned start, Sat 11 Apr 10:00" in html
    assert "<del>Thu 9 Apr 09:00</del>, bed not free" in html
    cancel = reverse("admin:tracker_plan_cancel", args=[waiting.pk, "lymphodepletion"])
    assert crc.post(cancel, {"reason": "product delayed"}).status_code == 302
    assert "judged for a start now" in show(crc, waiting)


def test_a_message_is_shown_word_for_word_in_a_frame_that_can_run_nothing(
    house: House, waiting: Participant, crc: Client
) -> None:
    crc.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
    message = Notification.objects.filter(recipient=house["crc"]).first()
    assert message is not None
    html = crc.get(reverse("admin:tracker_notification_change", args=[message.pk])).content.decode()
    assert message.text_body.splitlines()[0] in html
    assert 'sandbox=""' in html


def test_every_page_says_when_the_last_check_was_and_turns_red_after_two_minutes(crc: Client, house: House) -> None:
    participant = a_participant(house)
    assert "Not checked since never" in show(crc, participant)
    beat = Heartbeat.objects.create(name="sweep", at=at("2026-03-09 09:58"))
    html = show(crc, participant)
    assert "Last check 09:58:00 (UTC+8)" in html
    assert "reminders may be late" not in html
    beat.at = at("2026-03-09 09:57:59")
    beat.save()
    assert "Not checked since 09:57:59 (UTC+8): reminders may be late." in show(crc, participant)


def test_the_page_reads_chinese_for_who_reads_chinese(crc: Client, house: House) -> None:
    participant = screened_man(house)
    User.objects.update(language="zh-hans")
    html = show(crc, participant)
    assert "译文" in html
    assert "中性粒细胞绝对值≥1000/µL" in html
    assert "3月9日 周一 10:00" in html


def test_the_list_finds_by_subject_number_and_filters_by_stage(crc: Client, house: House) -> None:
    screened_man(house, "RJ-001")
    a_participant(house, "RJ-002")
    url = reverse("admin:tracker_participant_changelist")
    found = crc.get(url, {"q": "002"}).content.decode()
    assert "RJ-002" in found
    assert "RJ-001" not in found
    assert "RJ-002" not in crc.get(url, {"stage__exact": "enrolled"}).content.decode()


def test_the_list_asks_the_database_as_often_for_many_as_for_few(crc: Client, house: House) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            crc.get(reverse("admin:tracker_participant_changelist"))
        return len(queries)

    a_participant(house, "RJ-001")
    a_participant(house, "RJ-002")
    few = asked()
    for number in range(3, 9):
        a_participant(house, f"RJ-{number:03}")
    assert asked() == few


def test_the_end_of_the_study_is_recorded_once_for_everybody(crc: Client, house: House) -> None:
    participant = screened_man(house)
    assert "End of the study" in crc.get(reverse("admin:tracker_fact_menu", args=[participant.pk])).content.decode()
    url = reverse("admin:tracker_study_fact", args=[participant.pk, "study_end"])
    assert crc.post(url, {"at_0": "2028-04-30"}).status_code == 302
    assert RecordedFact.objects.get(concept="study_end").study == house.study


def test_where_it_is_unknown_whether_a_test_is_owed_the_gate_offers_to_record_that_first(
    crc: Client, house: House
) -> None:
    participant = a_participant(house)
    record(participant, "consent", "2026-03-02 09:00", by=house["crc"])
    page = show(crc, participant)
    assert "Whether this applies is not known yet: Woman of childbearing potential" in page
    form = reverse("admin:tracker_answers", args=[participant.pk])
    assert page.index(form) < page.index(reverse("admin:tracker_sample", args=[participant.pk, "serum_hcg"]))
    record(participant, "wocbp", "2026-03-02 09:00", "yes", by=house["crc"])
    assert "Whether this applies is not known yet" not in show(crc, participant)

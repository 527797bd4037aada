"""Messages: to whom, in which words, and nothing in them that is nobody's business."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.builders import House, a_house, at, collected_woman, employ, fresh, plan, record, screened_woman
from tracker import emails
from tracker.models import Alert, Assignment, Notification, Participant
from tracker.services import deadlines
from workflow.stages import Step

NOW = "2026-03-09 11:00"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def conflict(house: House) -> Participant:
    """A woman whose enrolment is planned too soon after a transfusion: one urgent alert."""
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known=NOW, detail="red cells 2 U, Mrs Li")
    return participant


def to(role: str) -> Notification:
    return Notification.objects.get(role=role)


def test_a_message_says_who_what_when_and_where(house: House) -> None:
    participant = conflict(house)
    message = to("crc")
    assert message.subject == (
        "RJ-001: The planned enrolment lies inside a look-back window."
        " Open the participant for the earliest permitted date (by Tue 10 Mar 10:00)"
    )
    for expected in (
        "By when: Tue 10 Mar 2026 10:00, Asia/Shanghai (UTC+8)",
        "Clause: no_transfusion_7d",
        f"http://127.0.0.1:8000/admin/tracker/participant/{participant.pk}/change/",
        "If nothing changes: on Mon 9 Mar 15:00 these are told: Principal investigator.",
        "Also told now: Apheresis nurse.",
        "You receive it as Study coordinator (CRC) of Hospital RJ.",
    ):
        assert expected in message.text_body


@pytest.mark.parametrize(("language", "by"), [("en", "(by Sun 12 Apr)"), ("zh-hans", "（不晚于4月12日 周日）")])
def test_what_is_due_by_the_end_of_a_day_names_the_day_and_no_last_second(language: str, by: str) -> None:
    end_of_the_day = at("2026-04-12 23:59:59.999999")
    visit = emails.Occasion(
        1, "RJ-001", "visit_d28", "Visit.", urgent=False, due_at=end_of_the_day, zone=SHANGHAI, site="RJ", role="CRC"
    )
    said = emails.reminder(visit, language)
    assert said.subject.endswith(by)
    assert "23:59" not in said.text + said.html


def test_the_message_in_html_says_the_same_with_every_style_inline(house: House) -> None:
    conflict(house)
    html = to("crc").html_body
    assert "Tue 10 Mar 2026 10:00" in html
    assert "<style" not in html
    assert 'style="' in html
    assert "http://127.0.0.1:8000/admin/tracker/participant/" in html


def test_a_reader_of_chinese_reads_chinese(house: House) -> None:
    house["crc"].language = "zh-hans"
    house["crc"].save()
    conflict(house)
    message = to("crc")
    assert message.language == "zh-hans"
    assert message.subject.startswith("RJ-001")
    assert "计划的入组日期处于回顾期内" in message.subject
    assert "2026年3月10日 周二 10:00" in message.text_body
    assert "单采护士" in message.text_body
    assert "RJ医院" in message.text_body
    assert 'lang="zh-Hans"' in message.html_body


def test_where_nobody_at_all_can_be_told_the_alert_says_so(house: House) -> None:
    Assignment.objects.filter(role__in=("pi", "apheresis_nurse")).update(valid_until=date(2026, 3, 8))
    conflict(house)
    assert Alert.objects.get().fault == "Nobody could be told: no active apheresis_nurse and no active PI."
    assert [row.role for row in Notification.objects.all()] == ["crc"]


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({"valid_from": date(2026, 3, 9)}, True),
        ({"valid_from": date(2026, 3, 10)}, False),
        ({"valid_until": date(2026, 3, 9)}, True),
        ({"valid_until": date(2026, 3, 8)}, False),
    ],
)
def test_only_who_holds_the_role_today_is_told(house: House, changes: dict[str, date], reached: bool) -> None:
    guest = employ(house, "crc", "guest", **changes)
    conflict(house)
    assert Notification.objects.filter(recipient=guest).exists() == reached


def test_nobody_of_another_site_is_told(house: House) -> None:
    elsewhere = a_house("ZS", study=house.study)
    conflict(house)
    assert not Notification.objects.filter(recipient__in=elsewhere.staff.values()).exists()


def test_a_person_in_two_of_the_roles_gets_one_message(house: House) -> None:
    house["crc"].assignments.create(
        study=house.study, site=house.site, role="apheresis_nurse", valid_from=date(2026, 1, 1)
    )
    conflict(house)
    assert Notification.objects.filter(recipient=house["crc"]).count() == 1


def test_who_has_no_address_is_shown_as_a_fault(house: House) -> None:
    house["crc"].email = ""
    house["crc"].save()
    conflict(house)
    assert to("crc").fault == "This person has no e-mail address."


def test_message_ids_are_unique_and_stay(house: House) -> None:
    participant = conflict(house)
    before = list(Notification.objects.order_by("pk").values_list("message_id", flat=True))
    deadlines.reconcile(fresh(participant), at(NOW))
    assert list(Notification.objects.order_by("pk").values_list("message_id", flat=True)) == before
    assert len(set(before)) == 2
    assert all(each.endswith("@127.0.0.1>") for each in before)


def test_an_invalidated_gate_names_no_time_that_has_passed(house: House) -> None:
    participant = collected_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-04-01 09:00")
    message = to("pi")
    assert "By when" not in message.text_body
    assert message.subject.endswith("Review it today")

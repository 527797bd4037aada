"""The ledger: what was sent to whom, when, why and with what outcome; and another attempt at what did not arrive."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from tests.builders import House, a_house, at, plan, record, screened_woman
from tests.tracker.admin.conftest import Enter
from tests.tracker.mailbox import open_mailbox
from tracker.errors import NotAllowed
from tracker.models import Alert, Notification, Participant
from tracker.services import addresses, notifications
from tracker.services.resending import send_again
from workflow.stages import Step

NOW = at("2026-03-09 10:00")
LIST = "/admin/tracker/notification/"
EXPORT = f"{LIST}export/"


def conflict(house: House, number: str = "RJ-001") -> Participant:
    """An urgent alert told to a coordinator and an apheresis nurse."""
    participant = screened_woman(house, number)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 09:30")
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 10:00")
    return participant


@pytest.fixture
def message(house: House) -> Notification:
    """To the coordinator, whose address was refused."""
    conflict(house)
    addresses.refuse(house["crc"], "550 5.1.1", NOW)
    house["crc"].refresh_from_db()
    Notification.objects.filter(role="crc").update(
        status="address_refused", attempts=1, last_error="SMTPRecipientsRefused 550"
    )
    return Notification.objects.get(role="crc")


def page(client: Client, url: str) -> str:
    response: Any = client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


def table(client: Client, asked: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(EXPORT + asked).getvalue().decode("utf-8-sig"))))


def again(message: Notification) -> str:
    return f"{LIST}{message.pk}/send-again/"


def test_the_list_says_to_whom_why_how_often_and_with_what_outcome(message: Notification, crc: Client) -> None:
    shown = page(crc, LIST)
    for expected in ("rj-crc", "reminder", "Refused: address", "SMTPRecipientsRefused 550", "Mon 9 Mar 10:00"):
        assert expected in shown


def test_a_suppressed_message_says_why(house: House, message: Notification, crc: Client) -> None:
    Notification.objects.filter(pk=message.pk).update(status="suppressed")
    assert "Suppressed: this address was refused before" in page(crc, LIST)
    shown = page(crc, f"{LIST}{message.pk}/change/")
    assert "Address refused since" in shown
    assert "Attempts" in shown


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("?status__exact=address_refused", ["rj-crc"]),
        ("?status__exact=pending", ["rj-apheresis_nurse"]),
        ("?kind__exact=escalated", []),
        ("?alert__urgent__exact=1", ["rj-apheresis_nurse", "rj-crc"]),
        ("?alert__urgent__exact=0", []),
        ("?recipient__id__exact={crc}", ["rj-crc"]),
    ],
)
def test_it_is_filtered_by_person_kind_status_and_urgency(
    house: House, message: Notification, crc: Client, asked: str, found: list[str]
) -> None:
    asked = asked.format(crc=house["crc"].pk)
    assert sorted(row["To"] for row in table(crc, asked)) == found


def test_it_is_filtered_by_site_and_study(house: House, message: Notification, root: Client) -> None:
    conflict(a_house("ZS", study=house.study), "ZS-001")
    place = "?alert__deadline__participant"
    assert {row["Site"] for row in table(root)} == {"RJ", "ZS"}
    assert {row["Site"] for row in table(root, f"{place}__site__id__exact={house.site.pk}")} == {"RJ"}
    assert len(table(root, f"{place}__study__id__exact={house.study.pk}")) == len(table(root))


def test_the_filters_offer_nobody_of_another_site(house: House, message: Notification, crc: Client) -> None:
    conflict(a_house("ZS", study=house.study), "ZS-001")
    shown = page(crc, LIST)
    assert "zs-crc" not in shown
    assert "Hospital ZS" not in shown


def test_the_table_holds_no_word_of_what_a_message_said(message: Notification, crc: Client) -> None:
    (row,) = table(crc, "?status__exact=address_refused")
    assert (row["Participant"], row["Clause"], row["Kind"]) == ("RJ-001", "no_transfusion_7d", "reminder")
    assert (row["Attempts"], row["Last error"]) == ("1", "SMTPRecipientsRefused 550")
    assert (row["Queued"], row["Status"]) == ("2026-03-09T10:00:00+08:00", "refused: address")
    text = crc.get(EXPORT).getvalue().decode()
    assert message.subject not in text
    assert "look-back" not in text


def test_the_table_holds_nothing_of_another_site_and_no_such_filter_is_not_found(
    house: House, message: Notification, enter: Enter
) -> None:
    elsewhere = enter(a_house("ZS", study=house.study)["crc"])
    assert table(elsewhere) == []
    assert elsewhere.get(f"{EXPORT}?nothing__of__the__kind=1").status_code in (400, 404)


def test_a_coordinator_sends_again_what_was_refused_under_the_same_number(
    house: House, message: Notification, crc: Client, settings: Any
) -> None:
    addresses.confirm(house["crc"])
    assert "Send again" in page(crc, f"{LIST}{message.pk}/change/")
    assert crc.get(again(message)).status_code == 200
    assert Notification.objects.get(pk=message.pk).status == "address_refused"
    assert crc.post(again(message)).status_code == 302
    with open_mailbox(settings) as box:
        notifications.deliver_due(NOW)
        numbers = [each["Message-ID"] for each in box.taken if each["To"] == "rj-crc@site.example"]
    assert numbers == [message.message_id]
    event = Alert.objects.get().events.get(kind="sent_again")
    assert (event.by, event.at) == (house["crc"], NOW)


def test_what_failed_is_tried_at_once_when_somebody_asks(house: House, message: Notification, crc: Client) -> None:
    addresses.confirm(house["crc"])
    later = at("2026-03-09 11:00")
    Notification.objects.filter(pk=message.pk).update(status="failed", next_try_at=later, refusals=9)
    crc.post(again(message))
    row = Notification.objects.get(pk=message.pk)
    assert (row.status, row.next_try_at, row.refusals) == ("pending", None, 0)


def test_an_address_that_is_still_refused_is_not_tried(message: Notification, crc: Client) -> None:
    response = crc.post(again(message))
    assert response.status_code == 422
    assert "it has to be corrected or confirmed first" in response.content.decode()
    assert Notification.objects.get(pk=message.pk).status == "address_refused"


@pytest.mark.parametrize("status", ["pending", "sending", "sent", "withdrawn", "not_sent_no_mail_server"])
def test_what_arrived_or_waits_already_is_not_sent_again(
    house: House, message: Notification, crc: Client, status: str
) -> None:
    addresses.confirm(house["crc"])
    Notification.objects.filter(pk=message.pk).update(status=status, sent_at=NOW)
    assert "Send again" not in page(crc, f"{LIST}{message.pk}/change/")
    assert crc.post(again(message)).status_code == 422
    assert Notification.objects.get(pk=message.pk).status == status


def test_what_needs_nobody_any_more_is_not_sent_again(house: House, message: Notification, crc: Client) -> None:
    addresses.confirm(house["crc"])
    Alert.objects.update(status="resolved", resolution="done", resolved_at=NOW)
    assert crc.post(again(message)).status_code == 422


def test_who_left_the_site_is_not_written_to_again(house: House, message: Notification, enter: Enter) -> None:
    pi = enter(house["pi"])
    addresses.confirm(house["crc"])
    house["crc"].assignments.update(valid_until=at("2026-03-08 10:00").date())
    response = pi.post(again(message))
    assert response.status_code == 422
    assert "does not work at this site any more" in response.content.decode()


def test_who_only_reads_does_not_send_and_another_site_finds_nothing(
    house: House, message: Notification, enter: Enter
) -> None:
    addresses.confirm(house["crc"])
    monitor, elsewhere = enter(house["monitor"]), enter(a_house("ZS", study=house.study)["pi"])
    assert "Send again" not in page(monitor, f"{LIST}{message.pk}/change/")
    assert monitor.get(again(message)).status_code == 403
    assert monitor.post(again(message)).status_code == 403
    assert elsewhere.post(again(message)).status_code == 404
    assert Notification.objects.get(pk=message.pk).status == "address_refused"


def test_whoever_may_acknowledge_may_ask_also_without_recording(
    house: House, message: Notification, enter: Enter
) -> None:
    addresses.confirm(house["crc"])
    assert enter(house["pharmacist"]).post(again(message)).status_code == 302
    assert Notification.objects.get(pk=message.pk).status == "pending"


def test_the_service_refuses_who_only_reads_whatever_page_asks(house: House, message: Notification) -> None:
    addresses.confirm(house["crc"])
    with pytest.raises(NotAllowed):
        send_again(message=message, by=house["monitor"], now=NOW)
    assert Notification.objects.get(pk=message.pk).status == "address_refused"

"""An address that a mail server refuses for good: nothing more goes there, and somebody else is told at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import House, at, collected_woman, employ, fresh, plan, record, screened_woman
from tests.flushing import unaudited
from tests.tracker.mailbox import Mailbox, open_mailbox
from tests.tracker.test_ladder import DOSE, live_until
from tracker.models import Alert, Assignment, Notification, Participant
from tracker.services import addresses, alerts, deadlines, notifications
from workflow.stages import Step

NOW = at("2026-03-09 11:00")
SOON = NOW + timedelta(seconds=20)
CRC, NURSE = "rj-crc@site.example", "rj-apheresis_nurse@site.example"
UNKNOWN = "550 5.1.1 no such user: transfusion of RJ-001"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server to which the coordinator is unknown."""
    with open_mailbox(settings) as box:
        box.refuse_recipient = {CRC: UNKNOWN}
        yield box


@pytest.fixture
def conflict(house: House) -> Participant:
    """An urgent alert told to a coordinator and an apheresis nurse; the PI is next."""
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    return participant


def states(alert: Alert | None = None) -> dict[tuple[str, str], str]:
    rows = Notification.objects.exclude(kind="digest").order_by("pk")
    return {(row.recipient.username[3:], row.kind): row.status for row in rows}


def told_as_well(house: House) -> None:
    """A second coordinator was told in the same words."""
    message = Notification.objects.get(role="crc")
    message.pk, message.recipient, message.message_id = None, employ(house, "crc", "rj-second"), "<second>"
    message.save()


def refused(house: House, role: str = "crc") -> None:
    assert addresses.refuse(house[role], "550 5.1.1", NOW)
    house[role].refresh_from_db()


def test_the_message_says_so_the_person_is_marked_and_nobody_tries_again(
    house: House, conflict: Participant, mailbox: Mailbox
) -> None:
    assert notifications.deliver_due(NOW) == 1
    message = Notification.objects.get(role="crc")
    assert (message.status, message.last_error) == ("address_refused", "SMTPRecipientsRefused 550")
    crc = house["crc"]
    crc.refresh_from_db()
    assert (crc.is_unreachable, crc.address_refused_at, crc.address_refused_code) == (True, NOW, "550 5.1.1")
    mailbox.refuse_recipient = {}
    assert notifications.deliver_due(NOW + timedelta(days=1)) == 0
    assert mailbox.readers() == [NURSE]


def test_the_ladder_goes_on_to_the_next_role_with_the_next_sweep(
    house: House, conflict: Participant, mailbox: Mailbox
) -> None:
    notifications.deliver_due(NOW)
    assert deadlines.sweep(SOON) == 1
    alert = Alert.objects.get()
    assert (alert.escalated_at, alert.status) == (SOON, "raised")
    assert alert.fault == "No message reaches crc: the address was refused. Others are told instead."
    assert notifications.deliver_due(SOON) == 1
    assert mailbox.readers() == [NURSE, "rj-pi@site.example"]
    assert list(alert.events.values_list("kind", flat=True)) == ["raised", "escalated"]


def test_looking_again_tells_nobody_again(house: House, conflict: Participant, mailbox: Mailbox) -> None:
    notifications.deliver_due(NOW)
    deadlines.sweep(SOON)
    before = states()
    deadlines.reconcile(fresh(conflict), SOON + timedelta(minutes=1))
    assert states() == before
    assert Alert.objects.get().events.count() == 2


@pytest.mark.parametrize("gone", [{CRC}, {"rj-second@site.example"}])
def test_a_colleague_in_the_same_role_is_enough(
    house: House, conflict: Participant, mailbox: Mailbox, gone: set[str]
) -> None:
    told_as_well(house)
    mailbox.refuse_recipient = dict.fromkeys(gone, UNKNOWN)
    notifications.deliver_due(NOW)
    deadlines.sweep(SOON)
    assert (Alert.objects.get().escalated_at, Alert.objects.get().fault) == (None, "")


def test_when_the_last_of_the_role_is_refused_too_the_ladder_goes_on(
    house: House, conflict: Participant, mailbox: Mailbox
) -> None:
    told_as_well(house)
    notifications.deliver_due(NOW)
    deadlines.sweep(SOON)
    assert addresses.refuse(house["rj-second"], "550", SOON)
    Notification.objects.filter(recipient=house["rj-second"]).update(status="address_refused")
    deadlines.reconcile(fresh(conflict), SOON + timedelta(minutes=1))
    assert Alert.objects.get().escalated_at == SOON + timedelta(minutes=1)


def test_who_has_acknowledged_needs_nobody_else(house: House, conflict: Participant, mailbox: Mailbox) -> None:
    alerts.acknowledge(alert=Alert.objects.get(), by=house["apheresis_nurse"], now=NOW)
    notifications.deliver_due(NOW)
    deadlines.sweep(SOON)
    assert Alert.objects.get().escalated_at is None


def test_where_no_role_comes_next_the_pi_is_told_as_for_an_empty_role(house: House, mailbox: Mailbox) -> None:
    refused(house)
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-17 09:00")
    alert = Alert.objects.get()
    Alert.objects.update(escalates_to=[], escalated_at=None)
    with unaudited():
        alert.notifications.exclude(role="crc").delete()
    deadlines.reconcile(fresh(participant), at("2026-04-17 09:01"))
    assert states() == {("crc", "first"): "suppressed", ("pi", "first"): "pending"}
    instead = Notification.objects.get(recipient=house["pi"])
    assert instead.fault == "crc: the address was refused; the PI is told instead."


def test_where_the_next_role_is_refused_too_the_pi_is_told(house: House, mailbox: Mailbox) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-17 09:00")
    Alert.objects.update(escalates_to=["sub_i"])
    refused(house, "sub_i")
    refused(house, "crc")
    deadlines.sweep(at("2026-04-17 09:01"))
    assert states() == {
        ("crc", "first"): "suppressed", ("sub_i", "escalated"): "suppressed", ("pi", "first"): "pending"
    }  # fmt: skip


def test_where_nobody_else_can_be_told_the_alert_says_so(house: House, mailbox: Mailbox) -> None:
    refused(house, "pi")
    refused(house, "crc")
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    with unaudited():
        Assignment.objects.filter(role="sub_i").delete()
    live_until(participant, "2026-04-17 09:00")
    assert "Nobody else can be told." in Alert.objects.get().fault
    assert "pending" not in states().values()


def test_a_new_alert_goes_on_in_the_transaction_that_raises_it(house: House, request: pytest.FixtureRequest) -> None:
    refused(house)
    request.getfixturevalue("conflict")
    assert states() == {
        ("crc", "first"): "suppressed", ("apheresis_nurse", "first"): "pending", ("pi", "escalated"): "pending"
    }  # fmt: skip
    assert Alert.objects.get().escalated_at == NOW


def test_everything_that_waits_for_the_person_is_suppressed_and_looked_at(house: House, conflict: Participant) -> None:
    message = Notification.objects.get(role="crc")
    Notification.objects.filter(pk=message.pk).update(status="held", held_until=NOW + timedelta(hours=5))
    refused(house)
    assert states()["crc", "first"] == "suppressed"
    assert fresh(conflict).reassess_after == NOW


def test_what_was_written_while_the_address_was_being_refused_is_not_sent(
    house: House, conflict: Participant, mailbox: Mailbox
) -> None:
    refused(house)
    Notification.objects.filter(role="crc").update(status="pending")
    mailbox.refuse_recipient = {}
    assert notifications.deliver_due(NOW) == 1
    assert states()["crc", "first"] == "suppressed"
    assert mailbox.readers() == [NURSE]


def test_the_digest_is_suppressed_and_listed_as_such(house: House, mailbox: Mailbox) -> None:
    refused(house)
    notifications.write_due(at("2026-03-09 07:30"))
    assert Notification.objects.get(kind="digest", recipient=house["crc"]).status == "suppressed"
    notifications.deliver_due(at("2026-03-09 07:30"))
    assert CRC not in mailbox.readers()


def test_a_refused_digest_marks_the_address_as_well(house: House, mailbox: Mailbox) -> None:
    notifications.write_due(at("2026-03-09 07:30"))
    notifications.deliver_due(at("2026-03-09 07:30"))
    assert Notification.objects.get(kind="digest", recipient=house["crc"]).status == "address_refused"
    house["crc"].refresh_from_db()
    assert house["crc"].is_unreachable


def test_another_address_is_trusted_at_once(house: House, mailbox: Mailbox, request: pytest.FixtureRequest) -> None:
    refused(house)
    house["crc"].email = "crc@elsewhere.example"
    house["crc"].save()
    request.getfixturevalue("conflict")
    assert notifications.deliver_due(NOW) == 2
    assert "crc@elsewhere.example" in mailbox.readers()


def test_an_address_that_was_confirmed_is_written_to_again(
    house: House, mailbox: Mailbox, request: pytest.FixtureRequest
) -> None:
    refused(house)
    addresses.confirm(house["crc"])
    mailbox.refuse_recipient = {}
    request.getfixturevalue("conflict")
    assert notifications.deliver_due(NOW) == 2


def test_the_refusal_of_an_address_she_no_longer_has_marks_nobody(house: House) -> None:
    sent_to = house["crc"]
    type(sent_to).objects.filter(pk=sent_to.pk).update(email="crc@elsewhere.example")
    assert not addresses.refuse(sent_to, "550", NOW)
    sent_to.refresh_from_db()
    assert (sent_to.is_unreachable, sent_to.address_refused_at) == (False, None)

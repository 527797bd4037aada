"""Delivery to a real mail server: once, urgent first, through refusals and outages, and never what is obsolete."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import House, at, collected_woman, fresh, plan, record, screened_woman
from tests.tracker.mailbox import Mailbox, free_port, open_mailbox
from tracker.models import Heartbeat, Notification, Participant
from tracker.services import deadlines, notifications
from tracker.services.backoff import wait_after
from tracker.services.claims import CLAIM, LEASE, claim, go_on
from workflow.stages import Step

NOW = at("2026-03-09 11:00")


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that runs, and settings that name it."""
    with open_mailbox(settings) as box:
        yield box


@pytest.fixture
def conflict(house: House) -> Participant:
    """An urgent alert told to a coordinator and an apheresis nurse."""
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    return participant


def row(role: str) -> Notification:
    return Notification.objects.get(role=role, kind="first")


def moved(participant: Participant, house: House, now: str = "2026-03-09 12:00") -> None:
    plan(participant, Step.ENROL, "2026-03-20 10:00", by=house["crc"], now=now, reason="Transfused")


def test_what_waits_is_sent_once(conflict: Participant, mailbox: Mailbox) -> None:
    assert notifications.deliver_due(NOW) == 2
    assert notifications.deliver_due(NOW + timedelta(seconds=5)) == 0
    assert sorted(mailbox.readers()) == ["rj-apheresis_nurse@site.example", "rj-crc@site.example"]
    assert (row("crc").status, row("crc").sent_at, row("crc").attempts) == ("sent", NOW, 1)
    assert Heartbeat.objects.get(name="deliver").at == NOW + timedelta(seconds=5)


def test_the_message_goes_out_exactly_as_it_was_queued(conflict: Participant, mailbox: Mailbox) -> None:
    notifications.deliver_due(NOW)
    message = next(each for each in mailbox.taken if each["To"] == "rj-crc@site.example")
    queued = row("crc")
    assert (message["Subject"], message["Message-ID"]) == (queued.subject, queued.message_id)
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = (part.get_content() for part in message.iter_parts())  # type: ignore[attr-defined]
    assert (text.replace("\r\n", "\n"), html.replace("\r\n", "\n").strip()) == (
        queued.text_body, queued.html_body.strip()
    )  # fmt: skip


def test_urgent_messages_go_first(house: House, mailbox: Mailbox, request: pytest.FixtureRequest) -> None:
    calm = collected_woman(house, "RJ-002")
    plan(calm, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-17 10:00")
    request.getfixturevalue("conflict")
    notifications.deliver_due(NOW)
    assert [message["Subject"][:6] for message in mailbox.taken] == ["RJ-001", "RJ-001", "RJ-002"]


def test_without_a_mail_server_the_outbox_says_so_and_keeps_what_still_holds(
    conflict: Participant, house: House, settings: Any
) -> None:
    settings.MAIL_CONFIGURED = False
    assert notifications.deliver_due(NOW) == 0
    assert {each.status for each in Notification.objects.all()} == {"not_sent_no_mail_server"}
    moved(conflict, house)
    notifications.deliver_due(NOW)
    assert {each.status for each in Notification.objects.all()} == {"withdrawn"}


def test_when_a_mail_server_appears_what_still_holds_is_sent(
    conflict: Participant, settings: Any, request: pytest.FixtureRequest
) -> None:
    settings.MAIL_CONFIGURED = False
    notifications.deliver_due(NOW)
    mailbox = request.getfixturevalue("mailbox")
    assert notifications.deliver_due(NOW + timedelta(hours=1)) == 2
    assert len(mailbox.taken) == 2


def test_what_is_no_longer_owed_is_withdrawn_just_before_it_would_be_sent(
    conflict: Participant, mailbox: Mailbox
) -> None:
    conflict.deadlines.get(clause="no_transfusion_7d").alerts.update(
        status="resolved", resolution="done", resolved_at=NOW
    )
    assert notifications.deliver_due(NOW) == 0
    assert mailbox.taken == []
    assert row("crc").status == "withdrawn"


def test_who_read_an_obsolete_message_is_told_that_it_no_longer_holds(
    conflict: Participant, house: House, mailbox: Mailbox
) -> None:
    notifications.deliver_due(NOW)
    moved(conflict, house)
    assert notifications.deliver_due(at("2026-03-09 12:01")) == 2
    assert mailbox.taken[-1]["Subject"] == "RJ-001: an earlier reminder no longer holds"
    assert len({message["Message-ID"] for message in mailbox.taken}) == 4


def test_one_refused_reader_keeps_nobody_else_waiting(conflict: Participant, mailbox: Mailbox) -> None:
    mailbox.refuse_recipient = {"rj-crc@site.example": "450 mailbox busy: transfusion of RJ-001"}
    assert notifications.deliver_due(NOW) == 1
    assert mailbox.readers() == ["rj-apheresis_nurse@site.example"]
    failed = row("crc")
    assert (failed.status, failed.attempts, failed.last_error) == ("failed", 1, "SMTPRecipientsRefused 450")
    assert failed.next_try_at == NOW + wait_after(1, failed.message_id)


def test_a_busy_server_is_tried_again_later_and_later_and_never_given_up(
    conflict: Participant, mailbox: Mailbox
) -> None:
    mailbox.refuse_data = "451 try again later"
    now, waits = NOW, []
    for _ in range(12):
        notifications.deliver_due(now)
        failed = row("crc")
        assert failed.next_try_at is not None
        waits.append((failed.next_try_at - now).total_seconds())
        now = failed.next_try_at
    wholes = [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    assert all(whole / 2 <= wait < whole for wait, whole in zip(waits, wholes, strict=True))
    assert (failed.status, failed.last_error) == ("failed", "SMTPDataError 451")
    mailbox.refuse_data = ""
    notifications.deliver_due(now)
    assert row("crc").status == "sent"


def test_a_message_is_not_tried_before_its_time(conflict: Participant, mailbox: Mailbox) -> None:
    mailbox.refuse_data = "451 try again later"
    notifications.deliver_due(NOW)
    mailbox.refuse_data = ""
    first, last = sorted(NOW + wait_after(1, each.message_id) for each in Notification.objects.all())
    assert notifications.deliver_due(first - timedelta(microseconds=1)) == 0
    assert notifications.deliver_due(first) == 1
    assert notifications.deliver_due(last) == 1


def test_what_an_outage_cost_is_not_counted_against_the_message(
    conflict: Participant, mailbox: Mailbox, settings: Any
) -> None:
    running, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    now = NOW
    for _ in range(30):
        notifications.deliver_due(now)
        now += timedelta(minutes=1)
    assert row("crc").attempts > 10
    settings.EMAIL_PORT, mailbox.refuse_data = running, "451 try again later"
    notifications.deliver_due(now)
    assert (row("crc").refusals, row("crc").last_error) == (1, "SMTPDataError 451")
    assert now < row("crc").next_try_at <= now + timedelta(seconds=15)  # type: ignore[operator]


def test_a_server_that_is_down_loses_nothing(conflict: Participant, mailbox: Mailbox, settings: Any) -> None:
    running, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    assert notifications.deliver_due(NOW) == 0
    assert sorted(Notification.objects.values_list("status", flat=True)) == ["failed", "pending"]
    assert Notification.objects.get(status="failed").last_error == "ConnectionRefusedError"
    settings.EMAIL_PORT = running
    assert notifications.deliver_due(NOW + timedelta(minutes=1)) == 2


def test_a_process_killed_between_claim_and_sending_loses_nothing(conflict: Participant, mailbox: Mailbox) -> None:
    waiting = sorted(each.message_id for each in claim(NOW))
    assert len(waiting) == 2
    assert notifications.deliver_due(NOW + CLAIM - timedelta(microseconds=1)) == 0
    assert notifications.deliver_due(NOW + CLAIM) == 2
    assert sorted(message["Message-ID"] for message in mailbox.taken) == waiting
    assert {each.attempts for each in Notification.objects.all()} == {1}


def test_a_process_killed_while_sending_leaves_that_message_alone_for_the_whole_lease(
    conflict: Participant, mailbox: Mailbox
) -> None:
    killed, _other = claim(NOW)
    assert go_on(None, killed, NOW, NOW)
    assert notifications.deliver_due(NOW + CLAIM) == 1
    assert killed.message_id not in [message["Message-ID"] for message in mailbox.taken]
    assert notifications.deliver_due(NOW + LEASE - timedelta(microseconds=1)) == 0
    assert notifications.deliver_due(NOW + LEASE) == 1
    assert mailbox.taken[-1]["Message-ID"] == killed.message_id
    assert Notification.objects.get(pk=killed.pk).attempts == 2


def test_who_waited_longer_for_its_turn_than_the_claim_lasts_leaves_the_message_to_whoever_has_it(
    conflict: Participant,
) -> None:
    late, _other = claim(NOW)
    newer = next(each for each in claim(NOW + CLAIM) if each.pk == late.pk)
    assert not go_on(None, late, NOW, NOW + CLAIM)
    assert go_on(None, newer, NOW, NOW + CLAIM)


def test_a_completed_test_stops_what_was_claimed_already(conflict: Participant) -> None:
    claimed, _other = claim(NOW)
    conflict.deadlines.get(clause="no_transfusion_7d").alerts.update(
        status="resolved", resolution="done", resolved_at=NOW
    )
    assert not go_on(None, claimed, NOW, NOW)


def test_two_senders_never_claim_the_same_message(conflict: Participant) -> None:
    assert len(claim(NOW)) == 2
    assert claim(NOW) == []


def test_who_has_no_address_keeps_nobody_else_waiting(conflict: Participant, house: House, mailbox: Mailbox) -> None:
    house["crc"].email = ""
    house["crc"].save()
    assert notifications.deliver_due(NOW) == 1
    assert (row("crc").status, row("crc").last_error) == ("failed", "no e-mail address")


def test_an_outage_between_fact_and_mail_still_sends_it_once(conflict: Participant, mailbox: Mailbox) -> None:
    later: datetime = NOW + timedelta(hours=2)
    deadlines.sweep(later)
    deadlines.reconcile(fresh(conflict), later)
    assert notifications.deliver_due(later) == 2
    assert len(mailbox.taken) == 2

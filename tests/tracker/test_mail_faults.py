"""Everything that a mail server can do to us: nothing is lost, nothing is sent twice, nobody waits for another."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import House, at
from tests.tracker.mailbox import free_port, name_the_server
from tests.tracker.rude_server import HANGS, HANGS_UP, RudeServer, rude_server
from tracker.models import Notification
from tracker.services import notifications
from tracker.services.backoff import LONGEST_OUTAGE_WAIT
from tracker.services.claims import LEASE, begin, claim, give_back

NOW = at("2026-03-09 07:30")
READERS = 8
CRC = "rj-crc@site.example"


@pytest.fixture
def server(settings: Any) -> Iterator[RudeServer]:
    """A mail server that can be told to be rude, and settings that name it; it is waited for a fifth of a second."""
    with rude_server() as running:
        name_the_server(settings, running.port)
        settings.EMAIL_TIMEOUT = 0.2
        yield running


@pytest.fixture
def batch(house: House) -> list[str]:
    """The digests of eight people, by their Message-IDs."""
    assert notifications.write_due(NOW) == READERS
    return sorted(Notification.objects.values_list("message_id", flat=True))


def live(since: datetime, minutes: int) -> datetime:
    """Deliver once a minute; the instant after the last time."""
    for number in range(minutes):
        notifications.deliver_due(since + timedelta(minutes=number))
    return since + timedelta(minutes=minutes)


def mine() -> Notification:
    return Notification.objects.get(recipient__email=CRC)


FAULTS = [
    ("421 at the greeting", {"greeting": "421 too busy"}, "SMTPConnectError 421"),
    ("554 at the greeting", {"greeting": "554 no service here"}, "SMTPConnectError 554"),
    ("silence instead of a greeting", {"greeting": HANGS}, "SMTPServerDisconnected"),
    ("hanging up instead of a greeting", {"greeting": HANGS_UP}, "SMTPServerDisconnected"),
    ("450 at the recipient", {"at_recipient": {"*": "450 4.2.0 try later"}}, "SMTPRecipientsRefused 450"),
    ("421 at the recipient", {"at_recipient": {"*": "421 closing"}}, "SMTPRecipientsRefused 421"),
    ("530 at the recipient", {"at_recipient": {"*": "530 5.7.0 sign in first"}}, "SMTPRecipientsRefused 530"),
    ("hanging up at the recipient", {"at_recipient": {"*": HANGS_UP}}, "SMTPServerDisconnected"),
    ("451 after the text", {"after_text": "451 try later"}, "SMTPDataError 451"),
    ("554 after the text", {"after_text": "554 5.6.0 I do not like it"}, "SMTPDataError 554"),
    ("421 after the text", {"after_text": "421 closing"}, "SMTPDataError 421"),
    ("hanging up after the text", {"after_text": HANGS_UP}, "SMTPServerDisconnected"),
    ("silence after the text", {"after_text": HANGS}, "SMTPServerDisconnected"),
]


@pytest.mark.parametrize(("manners", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_every_message_is_taken_once_when_the_fault_has_ended(
    server: RudeServer, batch: list[str], manners: dict[str, Any], said: str
) -> None:
    for name, answer in manners.items():
        setattr(server, name, answer)
    after = live(NOW, minutes=3)
    assert set(Notification.objects.exclude(last_error="").values_list("last_error", flat=True)) == {said}
    assert not Notification.objects.filter(status__in=("sent", "address_refused", "suppressed")).exists()
    assert server.accepted == []
    server.behave()
    live(after, minutes=4)
    assert sorted(server.accepted) == batch
    assert set(Notification.objects.values_list("status", "last_error")) == {("sent", "")}


def test_a_server_that_refuses_connections_and_one_that_is_there_again(
    server: RudeServer, batch: list[str], settings: Any
) -> None:
    running, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    after = live(NOW, minutes=60)
    assert mine().last_error == "ConnectionRefusedError"
    settings.EMAIL_PORT = running
    notifications.deliver_due(after + LONGEST_OUTAGE_WAIT)
    assert sorted(server.accepted) == batch


def test_what_a_hanging_up_leaves_unknown_is_tried_again_under_the_same_number(
    server: RudeServer, batch: list[str]
) -> None:
    server.after_text = HANGS_UP
    notifications.deliver_due(NOW)
    (unknown,) = server.read_to_the_end
    assert Notification.objects.get(message_id=unknown).status == "failed"
    server.behave()
    live(NOW + timedelta(minutes=1), minutes=1)
    assert server.read_to_the_end.count(unknown) == 2
    assert sorted(server.accepted) == batch


def test_one_bad_recipient_in_a_batch_keeps_nobody_else_waiting(server: RudeServer, batch: list[str]) -> None:
    server.at_recipient = {CRC: "550 5.1.1 no such user"}
    assert notifications.deliver_due(NOW) == READERS - 1
    assert (mine().status, mine().attempts) == ("address_refused", 1)
    server.behave()
    live(NOW, minutes=90)
    assert sorted([*server.accepted, mine().message_id]) == batch


def test_one_greylisted_recipient_in_a_batch_is_taken_later_and_once(server: RudeServer, batch: list[str]) -> None:
    server.at_recipient = {CRC: "450 4.2.0 greylisted"}
    assert notifications.deliver_due(NOW) == READERS - 1
    after = live(NOW, minutes=10)
    server.behave()
    live(after, minutes=20)
    assert sorted(server.accepted) == batch


def test_one_conversation_serves_a_whole_batch_and_goes_on_after_a_refusal(
    server: RudeServer, batch: list[str]
) -> None:
    server.after_text = "554 5.6.0 I do not like it"
    notifications.deliver_due(NOW)
    assert sorted(server.read_to_the_end) == batch


def test_a_server_that_hangs_costs_one_wait_and_not_one_for_each_message(server: RudeServer, batch: list[str]) -> None:
    server.greeting = HANGS
    notifications.deliver_due(NOW)
    assert sorted(Notification.objects.values_list("status", flat=True)) == ["failed", *["pending"] * (READERS - 1)]


def test_only_a_crash_between_the_servers_yes_and_our_own_commit_sends_twice(
    server: RudeServer, batch: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.services.delivery._mark_sent", _killed)
    with pytest.raises(SystemExit):
        notifications.deliver_due(NOW)
    monkeypatch.undo()
    notifications.deliver_due(NOW + timedelta(minutes=1))
    assert len(server.accepted) == READERS
    notifications.deliver_due(NOW + LEASE + timedelta(seconds=5))
    assert sorted(set(server.accepted)) == batch
    assert len(server.accepted) == READERS + 1


def test_a_crash_before_the_servers_yes_sends_once(server: RudeServer, batch: list[str]) -> None:
    claimed = claim(NOW)
    begun = next(each for each in claimed if each.pk == mine().pk)
    assert begin(begun, NOW)
    give_back([each for each in claimed if each is not begun])
    notifications.deliver_due(NOW + timedelta(minutes=1))
    notifications.deliver_due(NOW + LEASE)
    assert sorted(server.accepted) == batch


def _killed(*_row: object) -> None:
    raise SystemExit

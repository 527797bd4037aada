"""Ending one's digests: with one click in a mail program or on one's preferences; reminders cannot be ended."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.signing import Signer
from django.test import Client

from tests.builders import House, at, collected_woman, plan
from tests.tracker.mailbox import Mailbox, open_mailbox
from tests.tracker.test_ladder import live_until
from tests.tracker.test_quiet import LATE_DOSE, quiet
from tracker.models import Notification, Participant, User
from tracker.services import notifications
from tracker.services.preferences import Preferences, choose
from tracker.services.unsubscribing import end_digests, headers_for
from workflow.stages import Step

MORNING = at("2026-04-18 07:30")
NIGHT = at("2026-04-17 23:30")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with open_mailbox(settings) as box:
        yield box


@pytest.fixture
def held(house: House) -> Participant:
    """A woman of whom the coordinator's quiet hours, from ten until six, hold a reminder for her digest."""
    quiet(house["crc"])
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, LATE_DOSE, by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-17 23:00")
    return participant


def link(user: User) -> str:
    """The address in the headers, without the host."""
    return headers_for(user)["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")


def wants(user: User) -> bool:
    user.refresh_from_db()
    return user.wants_digest


def digests_on(morning: str) -> set[str]:
    notifications.write_due(at(morning))
    rows = Notification.objects.filter(kind="digest", digest_for=date.fromisoformat(morning[:10]))
    return set(rows.values_list("recipient__username", flat=True))


def test_a_digest_bears_the_headers_that_a_mail_programs_button_needs(house: House, mailbox: Mailbox) -> None:
    notifications.write_due(MORNING)
    notifications.deliver_due(MORNING)
    (mail,) = [each for each in mailbox.taken if each["To"] == "rj-crc@site.example"]
    assert mail["List-Unsubscribe"].strip() == f"<http://127.0.0.1:8000{link(house['crc'])}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_reminder_bears_none(held: Participant, mailbox: Mailbox) -> None:
    notifications.deliver_due(at("2026-04-18 08:30"))
    assert mailbox.taken
    assert all(mail["List-Unsubscribe"] is None for mail in mailbox.taken)


def test_one_click_from_anywhere_without_signing_in_ends_that_persons_digests(house: House, db: None) -> None:
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(link(house["crc"]), ONE_CLICK).status_code == 200
    assert (wants(house["crc"]), wants(house["pi"])) == (False, True)
    assert "rj-crc" not in digests_on("2026-04-18 07:30")
    assert "rj-pi" in digests_on("2026-04-18 07:30")


def test_following_the_link_changes_nothing_and_offers_a_button(house: House, client: Client) -> None:
    response = client.get(link(house["crc"]))
    shown = response.content.decode()
    assert "End your daily digest?" in shown
    assert '<form method="post"><button>' in shown
    assert wants(house["crc"])
    assert "no-store" in response["Cache-Control"]


def test_the_page_and_the_address_name_nobody(house: House, client: Client) -> None:
    shown = client.get(link(house["crc"])).content.decode() + client.post(link(house["crc"])).content.decode()
    for secret in ("rj-crc", "site.example", "Hospital"):
        assert secret not in shown + link(house["crc"])
    assert client.get(link(house["crc"])).wsgi_request.path == "/unsubscribe/"


def test_a_reader_of_chinese_reads_chinese(house: House, client: Client) -> None:
    User.objects.update(language="zh-hans")
    assert "是否停收每日汇总？" in client.get(link(house["crc"])).content.decode()
    assert "已停收每日汇总" in client.post(link(house["crc"])).content.decode()


@pytest.mark.parametrize("forged", ["", "1", "1:abc", "{other}"])
def test_an_address_that_we_did_not_write_ends_nobodys(house: House, client: Client, forged: str) -> None:
    forged = forged.format(other=Signer(salt="something else").sign(str(house["crc"].pk)))
    for ask in (client.get, client.post):
        response = ask(f"/unsubscribe/?reader={forged}")
        assert response.status_code == 404
        assert "This link leads nowhere" in response.content.decode()
    assert not User.objects.filter(wants_digest=False).exists()


def test_somebody_elses_number_with_her_own_signature_ends_nobodys(house: House, client: Client) -> None:
    mine = link(house["crc"])
    key = str(house["crc"].pk)
    assert f"={key}%3A" in mine
    assert client.post(mine.replace(f"={key}%3A", f"={house['pi'].pk}%3A")).status_code == 404
    assert wants(house["pi"])


def test_a_digest_that_waits_is_not_sent_any_more(house: House, mailbox: Mailbox) -> None:
    notifications.write_due(MORNING)
    end_digests(house["crc"], MORNING)
    notifications.deliver_due(MORNING)
    assert "rj-crc@site.example" not in mailbox.readers()
    assert Notification.objects.get(kind="digest", recipient=house["crc"]).status == "withdrawn"


def test_nor_is_one_that_was_being_sent_just_then(house: House, mailbox: Mailbox) -> None:
    notifications.write_due(MORNING)
    User.objects.filter(pk=house["crc"].pk).update(wants_digest=False)
    notifications.deliver_due(MORNING)
    assert "rj-crc@site.example" not in mailbox.readers()


def test_reminders_still_come_and_what_is_held_comes_by_itself_when_quiet_ends(
    house: House, held: Participant, mailbox: Mailbox
) -> None:
    with time_machine.travel(NIGHT, tick=False):
        Client().post(link(house["crc"]), ONE_CLICK)
    assert notifications.deliver_due(at("2026-04-18 05:59")) == 0
    assert notifications.deliver_due(at("2026-04-18 06:00")) == 1
    assert mailbox.readers() == ["rj-crc@site.example"]
    assert mailbox.taken[0]["Subject"].startswith("RJ-001")


def test_who_wants_no_digest_waits_for_none(house: House, mailbox: Mailbox, request: pytest.FixtureRequest) -> None:
    house["crc"].wants_digest = False
    house["crc"].save()
    request.getfixturevalue("held")
    message = Notification.objects.get(recipient=house["crc"])
    assert (message.status, message.held_until) == ("held", at("2026-04-18 06:00"))


def test_the_preferences_end_them_and_bring_them_back(house: House, held: Participant) -> None:
    crc = house["crc"]
    asked = Preferences("en", crc.digest_at, crc.quiet_from, crc.quiet_until)
    choose(preferences=Preferences("en", crc.digest_at, crc.quiet_from, crc.quiet_until, False), by=crc, now=NIGHT)
    assert not wants(crc)
    assert Notification.objects.get(recipient=crc).held_until == at("2026-04-18 06:00")
    choose(preferences=asked, by=crc, now=NIGHT + timedelta(minutes=1))
    assert wants(crc)
    assert "rj-crc" in digests_on("2026-04-19 07:30")

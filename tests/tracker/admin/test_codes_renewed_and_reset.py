"""One-time codes are renewed, moved and switched off by a code; a lost device is reset by others, with a reason."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.builders import ENROLLED, House, at
from tests.codes import BACKUP, KEY, equip, shown
from tests.tracker.admin.code_door import BEGIN, CODE, MINE, TODAY, door_of, text
from tests.tracker.admin.conftest import Enter
from tracker.models import AccountEvent, AuditEvent, Notification, User

pytestmark = pytest.mark.usefixtures("codes_are_forced")


@pytest.fixture
def now(clock: time_machine.Traveller) -> datetime:
    return at(ENROLLED)


def test_others_switch_codes_on_renew_and_switch_them_off_themselves(
    house: House, enter: Enter, now: datetime, clock: time_machine.Traveller
) -> None:
    client = enter(house["monitor"])
    key, old = equip(house["monitor"], now)
    clock.shift(timedelta(seconds=30))
    assert client.post(CODE, {"code": shown(key, now + timedelta(seconds=30))}).status_code == 302
    assert "10 back-up codes are left" in text(client.get(MINE))
    assert client.post(MINE, {"renew": "1", "code": "123456"}).status_code == 422
    clock.shift(timedelta(seconds=60))
    new = BACKUP.findall(text(client.post(MINE, {"renew": "1", "code": old[0]})))
    assert len(set(new) - set(old)) == 10
    assert client.post(MINE, {"off": "1", "code": old[1]}).status_code == 422
    clock.shift(timedelta(seconds=60))
    assert client.post(MINE, {"off": "1", "code": new[0]}).status_code == 302
    assert not TOTPDevice.objects.exists()
    assert door_of(client) == ""


def test_who_needs_codes_cannot_switch_them_off(
    crc: Client, house: House, now: datetime, clock: time_machine.Traveller
) -> None:
    _key, backup = equip(house["crc"], now)
    crc.post(CODE, {"code": backup[0]})
    crc.post(MINE, {"off": "1", "code": backup[1]})
    assert TOTPDevice.objects.filter(confirmed=True).exists()


def test_an_unattended_desk_is_no_way_to_a_new_device(
    crc: Client, house: House, now: datetime, clock: time_machine.Traveller
) -> None:
    _key, backup = equip(house["crc"], now)
    crc.post(CODE, {"code": backup[0]})
    answer = crc.post(BEGIN, {"begin": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, MINE)
    assert not TOTPDevice.objects.filter(confirmed=False).exists()
    assert crc.post(MINE, {"move": "1", "code": backup[1]}).status_code == 302
    (key,) = KEY.findall(text(crc.post(BEGIN, {"begin": "1"})))
    assert len(BACKUP.findall(text(crc.post(BEGIN, {"code": shown(key, now)})))) == 10
    assert TOTPDevice.objects.count() == 1


def test_leave_for_a_new_device_ends_after_ten_minutes_and_once_codes_are_shown(
    crc: Client, house: House, now: datetime, clock: time_machine.Traveller
) -> None:
    key, backup = equip(house["crc"], now)
    clock.shift(timedelta(seconds=30))
    crc.post(CODE, {"code": shown(key, now + timedelta(seconds=30))})
    crc.post(MINE, {"move": "1", "code": backup[1]})
    clock.shift(timedelta(minutes=9, seconds=59))
    assert KEY.findall(text(crc.post(BEGIN, {"begin": "1"})))
    clock.shift(timedelta(seconds=1))
    assert crc.post(BEGIN, {"begin": "1"}).headers["Location"] == MINE
    crc.post(MINE, {"move": "1", "code": backup[2]})
    assert BACKUP.findall(text(crc.post(MINE, {"renew": "1", "code": backup[3]})))
    assert crc.post(BEGIN, {"begin": "1"}).headers["Location"] == MINE


def test_a_lost_device_is_reset_with_a_reason_that_is_kept_and_told(
    house: House, enter: Enter, now: datetime, post: Any
) -> None:
    admin = User.objects.create_superuser("root", "root@site.example", None)
    _key, backup = equip(admin, now)
    root, crc = enter(admin), enter(house["crc"])
    root.post(CODE, {"code": backup[0]})
    equip(house["crc"], now)
    url = reverse("admin:tracker_codes_reset", args=[house["crc"].pk])
    assert url in text(root.get(reverse("admin:tracker_user_change", args=[house["crc"].pk])))
    assert root.post(url, {"reason": " "}).status_code == 422
    assert TOTPDevice.objects.filter(user=house["crc"]).exists()
    why = "phone left in a taxi, she called from the ward"
    assert root.post(url, {"reason": why}).status_code == 302
    assert not TOTPDevice.objects.filter(user=house["crc"]).exists()
    event = AccountEvent.objects.get(kind="codes_reset")
    assert (event.user, event.by, event.reason) == (
        house["crc"],
        admin,
        "phone left in a taxi, she called from the ward",
    )
    assert AuditEvent.objects.filter(table="tracker_accountevent").latest("pk").reason == event.reason
    (mail,) = Notification.objects.filter(kind="account")
    assert (mail.recipient, "taxi" in mail.text_body) == (house["crc"], False)
    assert crc.get(TODAY).headers["Location"].startswith("/admin/login/")


def test_only_superusers_reset_codes(house: House, enter: Enter, now: datetime, settings: Any) -> None:
    settings.CODES_ARE_FORCED = False
    equip(house["crc"], now)
    for number in (house["crc"].pk, 987_654_321):
        url = reverse("admin:tracker_codes_reset", args=[number])
        assert enter(house["pi"]).post(url, {"reason": "mine"}).status_code == 403
    assert TOTPDevice.objects.exists()


def test_the_last_superuser_is_let_in_from_the_command_line(house: House, now: datetime) -> None:
    equip(house["pi"], now)
    with pytest.raises(CommandError, match="Nobody"):
        call_command("reset_codes", "nobody", reason="lost")
    with pytest.raises(CommandError, match="Say why"):
        call_command("reset_codes", "rj-pi", reason=" ")
    call_command("reset_codes", "rj-pi", reason="lost", stdout=StringIO())
    assert not TOTPDevice.objects.exists()
    assert AuditEvent.objects.filter(table="tracker_accountevent").latest("pk").reason == "lost"

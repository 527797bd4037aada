"""One-time codes: forced for whoever signs, asked before anything else, used once, and kept nowhere."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.builders import ENROLLED, House, at
from tests.codes import BACKUP, KEY, equip, shown
from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.code_door import BEGIN, CODE, MINE, TODAY, door_of, text
from tests.tracker.admin.conftest import PASSWORD, Enter
from tests.tracker.admin.two_sites import NOW, shanghai
from tracker.models import AuditEvent, Role, SignIn

pytestmark = pytest.mark.usefixtures("codes_are_forced")

SIGNERS = {Role.PI, Role.SUB_I, Role.CRC, Role.WARD_NURSE, Role.APHERESIS_NURSE}


@pytest.fixture
def now(clock: time_machine.Traveller) -> datetime:
    return at(ENROLLED)


@pytest.mark.parametrize("role", list(Role))
def test_who_signs_anything_makes_codes_first_and_nobody_else_has_to(house: House, enter: Enter, role: Role) -> None:
    assert door_of(enter(house[role])) == (BEGIN if role in SIGNERS else "")


def test_a_superuser_makes_codes_first(root: Client) -> None:
    assert door_of(root) == BEGIN


def test_a_demo_asks_nobody_and_says_so_at_the_door(root: Client, settings: Any) -> None:
    settings.CODES_ARE_FORCED, settings.DEMO = False, True
    assert door_of(root) == ""
    assert "asks for no one-time codes" in text(Client().get(reverse("admin:login")))


@pytest.mark.parametrize("equipped", [False, True], ids=["without a device", "with a device"])
def test_after_the_password_alone_nothing_is_reached(
    clock: time_machine.Traveller, enter: Enter, equipped: bool
) -> None:
    clock.move_to(NOW)
    story = shanghai()
    client, door = enter(story.house["pi"]), CODE if equipped else BEGIN
    if equipped:
        equip(story.house["pi"], NOW)
    for address in every_address(story):
        if address.url in {door, CODE} or address.name in {"logout", "jsi18n"}:
            continue
        for answer in (client.get(address.url), client.post(address.url, {})):
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith(door), address
            assert answer.content == b""
    assert client.get("/admin/nowhere/").headers["Location"].startswith(door)
    assert client.get(TODAY, headers={"X-Daymark-Poll": "1"}).status_code == 401


def test_a_device_is_scanned_proven_and_followed_by_ten_back_up_codes(
    crc: Client, house: House, now: datetime, settings: Any
) -> None:
    wanted = reverse("admin:tracker_participant_changelist")
    begin = crc.get(wanted).headers["Location"]
    assert crc.get(begin).status_code == 200
    page = text(crc.post(begin, {"begin": "1"}))
    assert "<svg" in page
    assert "http" not in page[page.index("<svg") : page.index("</svg>")].replace("http://www.w3.org/2000/svg", "")
    (key,) = KEY.findall(page)
    wrong = crc.post(begin, {"code": "000000"})
    assert wrong.status_code == 422
    assert KEY.findall(text(wrong)) == [key]
    assert door_of(crc) == BEGIN
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        proven = crc.post(begin, {"code": f" {shown(key, now + timedelta(seconds=60))} "})
        codes = BACKUP.findall(text(proven))
        assert (len(codes), len(set(codes))) == (10, 10)
        assert wanted in text(proven)
        assert crc.get(wanted).status_code == 200
        for url in (BEGIN, MINE):
            again = text(crc.get(url))
            assert KEY.findall(again) == BACKUP.findall(again) == []


def test_the_code_is_asked_and_leads_where_somebody_wanted_to_go(house: House, now: datetime) -> None:
    key, _backup = equip(house["crc"], now)
    house["crc"].is_staff = True
    house["crc"].set_password(PASSWORD)
    house["crc"].save()
    client, wanted = Client(), reverse("admin:tracker_alert_changelist")
    door = client.get(wanted).headers["Location"]
    answer = client.post(door, {"username": "rj-crc", "password": PASSWORD}, follow=True)
    assert answer.request["PATH_INFO"] == CODE
    assert "One-time code" in text(answer)
    url = answer.redirect_chain[-1][0]
    before = client.session.session_key
    with time_machine.travel(now + timedelta(seconds=30), tick=False):
        answer = client.post(url, {"code": shown(key, now + timedelta(seconds=30))})
        assert answer.headers["Location"] == wanted
        assert client.get(wanted).status_code == 200
    assert client.session.session_key != before


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_nowhere_else(crc: Client, house: House, now: datetime, elsewhere: str) -> None:
    key, _backup = equip(house["crc"], now)
    with time_machine.travel(now + timedelta(seconds=30), tick=False):
        typed = {"code": shown(key, now + timedelta(seconds=30))}
        assert crc.post(f"{CODE}?next={elsewhere}", typed).headers["Location"] == TODAY


def test_a_code_opens_the_door_once(house: House, enter: Enter, now: datetime) -> None:
    key, backup = equip(house["crc"], now)
    for code in (shown(key, now + timedelta(seconds=30)), backup[0], backup[1].upper().replace("-", " ")):
        with time_machine.travel(now + timedelta(seconds=30), tick=False):
            first, second = enter(house["crc"]), Client()
            second.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
            assert first.post(CODE, {"code": code}).status_code == 302
            assert second.post(CODE, {"code": code}).status_code == 422
            assert (door_of(first), door_of(second)) == ("", CODE)
        now += timedelta(minutes=2)


def test_the_code_that_proved_the_device_opens_nothing_more(crc: Client, house: House, now: datetime) -> None:
    key, _backup = equip(house["crc"], now)
    assert crc.post(CODE, {"code": shown(key, now)}).status_code == 422
    assert door_of(crc) == CODE


def test_wrong_codes_make_wait_longer_each_time(
    crc: Client, house: House, now: datetime, clock: time_machine.Traveller
) -> None:
    key, _backup = equip(house["crc"], now)
    for _attempt in range(3):
        clock.shift(timedelta(seconds=60))
        assert crc.post(CODE, {"code": "000000"}).status_code == 422
    right = shown(key, now + timedelta(minutes=3))
    answer = crc.post(CODE, {"code": right})
    assert "Wait 4 seconds" in text(answer)
    clock.shift(timedelta(seconds=5))
    assert crc.post(CODE, {"code": right}).status_code == 302


@pytest.mark.parametrize("wrong", ["000000", "aaaa-aaaa", "", "½", "\x00", "9" * 5000, "٠٠٠٠٠٠"])
def test_wrong_codes_are_counted_by_the_lock_out_although_the_password_was_right(
    house: House, enter: Enter, now: datetime, clock: time_machine.Traveller, wrong: str
) -> None:
    equip(house["crc"], now)
    enter(house["crc"])
    for attempt in range(5):
        client = Client()
        typed = {"username": "rj-crc", "password": PASSWORD}
        assert client.post(reverse("admin:login"), typed).status_code == 302, attempt
        clock.shift(timedelta(seconds=120))
        answer = client.post(CODE, {"code": wrong})
        assert answer.status_code == (422 if attempt < 4 else 429), attempt
    assert "Locked for a while" in text(answer)
    assert client.get(TODAY).headers["Location"].startswith("/admin/login/")
    assert Client().post(reverse("admin:login"), {"username": "rj-crc", "password": PASSWORD}).status_code == 429


def test_no_secret_is_written_down_anywhere_but_where_it_is_checked(
    crc: Client, house: House, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    key, backup = equip(house["crc"], now)
    crc.post(CODE, {"code": backup[0]})
    crc.post(CODE, {"code": backup[0]})
    bare = [code.replace("-", "") for code in backup]
    kept = str(list(StaticToken.objects.values_list("token", flat=True)))
    trail = str(list(AuditEvent.objects.values_list("old", "new", "reason")))
    attempts = str(list(AccessAttempt.objects.values()))
    stored = TOTPDevice.objects.get().key
    for secret in (key, key.replace(" ", ""), stored, *backup, *bare):
        for place in (trail, attempts, caplog.text, kept):
            assert secret not in place


def test_the_admin_has_no_pages_of_secrets(db: None) -> None:
    for name in ("otp_totp_totpdevice", "otp_static_staticdevice"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{name}_changelist")


def test_a_superuser_who_ends_all_sessions_ends_proven_ones_too(house: House, enter: Enter, now: datetime) -> None:
    _key, backup = equip(house["crc"], now)
    crc = enter(house["crc"])
    crc.post(CODE, {"code": backup[0]})
    assert door_of(crc) == ""
    SignIn.objects.filter(user=house["crc"]).update(ended_at=now, ended_why="by_superuser")
    assert door_of(crc) == "/admin/login/"

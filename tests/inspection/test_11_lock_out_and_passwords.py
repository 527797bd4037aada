"""Requirement 11: five bad passwords lock and tell; passwords are hard to guess, and a new one comes by e-mail."""

import re
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core.mail import EmailMessage
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.builders import ENROLLED, House, at
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.door.address import client_address, neighbourhood
from tracker.models import AccountEvent, AuditEvent, Notification, SignIn, User
from tracker.services import notifications
from tracker.views import new_password

LOGIN = reverse("admin:login")
ASK, CHOOSE = reverse("admin_password_reset"), reverse("password_reset_confirm")
LINK = re.compile(r"http://127\.0\.0\.1:8000(/password/new/\S+)")
NEW = "seven quiet lanterns"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody measures here how long an answer takes, but where it is measured."""
    monkeypatch.setattr(new_password, "ANSWERED_AFTER", 0.0)


@pytest.fixture
def nurse(house: House, enter: Enter) -> User:
    enter(house["ward_nurse"])
    return house["ward_nurse"]


def sign_in(name: str, password: str = "wrong", **told: Any) -> Any:
    return Client(**told).post(LOGIN, {"username": name, "password": password})


def text(answer: Any) -> str:
    return re.sub(r'value="\w{64}"|"X-CSRFToken": ?"\w+"', "", answer.content.decode())


def test_five_bad_passwords_lock_the_person_out_for_fifteen_minutes(nurse: User, clock: time_machine.Traveller) -> None:
    assert [sign_in("rj-ward_nurse").status_code for _attempt in range(5)] == [200, 200, 200, 200, 429]
    locked = sign_in("rj-ward_nurse", PASSWORD)
    assert locked.status_code == 429
    assert "Locked for a while" in text(locked)
    clock.shift(timedelta(minutes=15, seconds=1))
    assert sign_in("rj-ward_nurse", PASSWORD).status_code == 302


def test_the_person_and_every_superuser_are_told_once_and_nobody_is_named(
    nurse: User, post: list[EmailMessage], clock: time_machine.Traveller
) -> None:
    boss = User.objects.create_superuser("root", "root@site.example", None)
    User.objects.create_superuser("gone", "gone@site.example", None, is_active=False)
    for _attempt in range(12):
        sign_in("rj-ward_nurse")
    notifications.deliver_due(at(ENROLLED))
    assert sorted(mail.to[0] for mail in post) == sorted([nurse.email, boss.email])
    for mail in post:
        assert "rj-ward_nurse" not in str(mail.message()).replace(f"To: {nurse.email}", "")
    assert f"/admin/tracker/user/{nurse.pk}/change/" in next(str(mail.body) for mail in post if mail.to == [boss.email])
    assert AccountEvent.objects.get(kind="locked_out").user == nurse
    clock.shift(timedelta(minutes=20))
    for _attempt in range(6):
        sign_in("rj-ward_nurse")
    assert Notification.objects.filter(kind="account").count() == 2


def test_a_name_that_is_nobodys_is_locked_in_the_same_words(nurse: User) -> None:
    known = [sign_in("rj-ward_nurse") for _attempt in range(7)]
    unknown = [sign_in("nobody-of-ours") for _attempt in range(7)]
    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    for one, other in zip(known, unknown, strict=True):
        assert text(one).replace("rj-ward_nurse", "") == text(other).replace("nobody-of-ours", "")
    assert Notification.objects.filter(kind="account").values("recipient").distinct().count() == 1


def test_a_stranger_elsewhere_locks_nobody_out_of_the_ward(nurse: User, settings: Any) -> None:
    settings.BEHIND_PROXY = True
    for _attempt in range(6):
        sign_in("rj-ward_nurse", headers={"X-Forwarded-For": "203.0.113.9"})
    assert sign_in("rj-ward_nurse", PASSWORD, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 429
    assert sign_in("rj-ward_nurse", PASSWORD, headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 302


@pytest.mark.parametrize(
    ("behind", "forwarded", "address"),
    [
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (True, "203.0.113.9, nonsense", "192.0.2.1"),
        (True, "", "192.0.2.1"),
        (True, "2001:db8:0:0::1%eth0", "2001:db8::1"),
        (True, "::ffff:203.0.113.9", "203.0.113.9"),
        (False, "203.0.113.9", "192.0.2.1"),
    ],
)
def test_only_what_our_own_proxy_added_is_believed(settings: Any, behind: bool, forwarded: str, address: str) -> None:
    settings.BEHIND_PROXY = behind
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == address


def test_a_claimed_address_locks_nobody_else_out(nurse: User, settings: Any) -> None:
    settings.BEHIND_PROXY = True
    for number in range(6):
        sign_in("rj-ward_nurse", headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"})
    assert AccessAttempt.objects.get().ip_address == "203.0.113.9"


def test_one_client_of_ipv6_counts_as_one(settings: Any) -> None:
    settings.BEHIND_PROXY = True
    asked = [
        RequestFactory().get("/", headers={"X-Forwarded-For": f"2001:db8:1:2:{number}::5"}) for number in (1, 9, 300)
    ]
    assert {neighbourhood(request) for request in asked} == {"2001:db8:1:2::/64"}


@pytest.mark.parametrize("password", ["short-1", "rj-ward_nurse1", "password1234", "123456789012"])
def test_a_password_that_is_easy_to_guess_is_refused(house: House, nurse: User, password: str) -> None:
    client = Client()
    client.force_login(nurse, backend="django.contrib.auth.backends.ModelBackend")
    typed = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    answer = client.post(reverse("admin:password_change"), typed)
    assert answer.status_code == 200
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)


def test_the_old_password_is_guessed_five_times_and_then_the_session_is_over(nurse: User) -> None:
    client, elsewhere = Client(), Client()
    for each in (client, elsewhere):
        each.force_login(nurse, backend="django.contrib.auth.backends.ModelBackend")
    page, typed = reverse("admin:password_change"), {"new_password1": NEW, "new_password2": NEW}
    answers = [client.post(page, {**typed, "old_password": f"guess {n}"}).status_code for n in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert client.get(page).headers["Location"].startswith(LOGIN)
    assert AccountEvent.objects.filter(user=nurse).exists()
    assert elsewhere.post(page, {**typed, "old_password": PASSWORD}).status_code == 429
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)


def test_a_new_password_that_is_not_taken_is_no_guess_at_the_old_one(nurse: User) -> None:
    client = Client()
    client.force_login(nurse, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:password_change")
    for new in ("12345678", "password", "", "short", "1", "2"):
        typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        assert client.post(page, typed).status_code == 200
    assert not AccessAttempt.objects.exists()


# --- a new password by e-mail -------------------------------------------------------------------------------------


def link_of(post: list[EmailMessage]) -> str:
    (mail,) = post
    (link,) = LINK.findall(str(mail.body))
    return str(link)


@pytest.fixture
def link(nurse: User, post: list[EmailMessage]) -> str:
    """The address in the mail that she got."""
    assert Client().post(ASK, {"email": nurse.email}).status_code == 200
    notifications.deliver_due(at(ENROLLED))
    return link_of(post)


def test_the_door_leads_to_a_new_password_and_the_link_keeps_its_promise(
    link: str, nurse: User, post: list[EmailMessage]
) -> None:
    assert ASK in text(Client().get(LOGIN))
    client = Client()
    assert client.get(link).headers["Location"] == CHOOSE
    assert "New password" in text(client.get(CHOOSE))
    answer = client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert answer.request["PATH_INFO"] == LOGIN
    assert "Your new password holds" in text(answer)
    assert sign_in("rj-ward_nurse", NEW).status_code == 302
    assert AuditEvent.objects.filter(table="tracker_user", reason="new password by e-mail").get().actor == nurse.pk
    assert SignIn.objects.filter(user=nurse, ended_why="password").count() == 1


def test_the_link_works_once(link: str) -> None:
    client = Client()
    client.get(link)
    client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW})
    for again in (client, Client()):
        again.get(link)
        assert again.get(CHOOSE).status_code == 404
        assert again.post(CHOOSE, {"new_password1": "x" * 20, "new_password2": "x" * 20}).status_code == 404
    assert sign_in("rj-ward_nurse", NEW).status_code == 302


def test_a_password_chosen_with_a_link_is_an_own_one(link: str, nurse: User) -> None:
    User.objects.filter(pk=nurse.pk).update(must_choose_password=True)
    client = Client()
    client.get(link)
    client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW})
    assert not User.objects.get(pk=nurse.pk).must_choose_password


def test_looking_at_the_link_uses_nothing_up(link: str) -> None:
    for _scanner in range(3):
        Client().get(link, follow=True)
    client = Client()
    client.get(link)
    assert client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW}).status_code == 302


def test_the_link_lives_for_an_hour(link: str, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(hours=1, seconds=1))
    assert Client().get(link, follow=True).status_code == 404


def test_a_link_that_waited_for_an_hour_is_not_sent_any_more(
    nurse: User, post: list[EmailMessage], clock: time_machine.Traveller
) -> None:
    Client().post(ASK, {"email": nurse.email})
    clock.shift(timedelta(hours=1))
    notifications.deliver_due(at(ENROLLED) + timedelta(hours=1))
    assert post == []
    assert Notification.objects.get().status == "withdrawn"


def test_a_weak_password_is_refused_and_the_link_stays(link: str) -> None:
    client = Client()
    client.get(link)
    assert client.post(CHOOSE, {"new_password1": "short", "new_password2": "short"}).status_code == 422
    assert client.post(CHOOSE, {"new_password1": NEW, "new_password2": NEW}).status_code == 302


def test_the_secret_link_stands_in_the_mail_alone(link: str, nurse: User, caplog: pytest.LogCaptureFixture) -> None:
    token = link.partition("token=")[2]
    row = Notification.objects.get(kind="password_reset")
    assert token not in row.text_body + row.html_body
    assert token not in str(list(AuditEvent.objects.values_list("old", "new")))
    with caplog.at_level("INFO"):
        Client().get(link, follow=True)
    assert token not in caplog.text


def test_nobody_learns_whether_an_address_belongs_to_somebody(
    nurse: User, house: House, post: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_password, "ANSWERED_AFTER", 0.3)
    User.objects.filter(pk=house["pi"].pk).update(is_active=False)
    answers, times = [], []
    for address in (nurse.email, "nobody@elsewhere.example", house["pi"].email):
        began = monotonic()
        answers.append(Client().post(ASK, {"email": address}))
        times.append(monotonic() - began)
    assert len({(answer.status_code, text(answer)) for answer in answers}) == 1
    assert min(times) >= 0.3
    assert Notification.objects.filter(kind="password_reset").count() == 1


def test_one_mailbox_is_not_filled(nurse: User) -> None:
    answers = {Client().post(ASK, {"email": nurse.email}).status_code for _time in range(10)}
    assert answers == {200}
    assert Notification.objects.filter(kind="password_reset").count() == 3


@pytest.mark.parametrize("query", ["", "?token=x", "?who=MQ&token=x", "?who=LTE&token=", "?who=" + "9" * 5000])
def test_a_link_that_is_none_leads_nowhere(house: House, query: str) -> None:
    answer = Client().get(CHOOSE + query, follow=True)
    assert answer.status_code == 404
    assert "This link leads nowhere" in text(answer)


def test_a_link_with_a_nul_in_it_is_no_question(house: House) -> None:
    assert Client().get(f"{CHOOSE}?who=%00&token=%00").status_code == 400


def test_both_languages_are_spoken_at_the_door(house: House) -> None:
    chinese = {"Accept-Language": "zh-hans"}
    assert "发送链接" in text(Client(headers=chinese).get(ASK))
    assert "此链接无效" in text(Client(headers=chinese).get(CHOOSE))
    assert "忘记" in text(Client(headers=chinese).get(LOGIN))


def test_a_mail_is_in_the_language_of_its_reader(nurse: User, post: list[EmailMessage]) -> None:
    User.objects.filter(pk=nurse.pk).update(language="zh-hans")
    Client().post(ASK, {"email": nurse.email})
    notifications.deliver_due(at(ENROLLED))
    assert "设置新密码" in post[0].subject

"""A password that somebody else gave opens nothing but the page on which its owner chooses her own."""

from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import House
from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.conftest import PASSWORD, Enter
from tests.tracker.admin.two_sites import NOW, shanghai
from tracker.models import AuditEvent, User

TODAY, OWN = reverse("admin:index"), reverse("admin:password_change")
CHOSEN = "the river rises in spring"


@pytest.fixture
def new(house: House, enter: Enter) -> Client:
    """The browser of a coordinator who has the password that she was given."""
    client = enter(house["crc"])
    User.objects.filter(pk=house["crc"].pk).update(must_choose_password=True)
    return client


def own(old: str = PASSWORD, chosen: str = CHOSEN) -> dict[str, str]:
    return {"old_password": old, "new_password1": chosen, "new_password2": chosen}


def must_choose(user: User) -> bool:
    return User.objects.get(pk=user.pk).must_choose_password


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_with_a_given_password_no_address_opens_but_one(clock: time_machine.Traveller, enter: Enter) -> None:
    clock.move_to(NOW)
    story = shanghai()
    client = enter(story.house["cell_lab"])
    User.objects.filter(pk=story.house["cell_lab"].pk).update(must_choose_password=True)
    for address in every_address(story):
        if address.url == OWN or address.name in {"logout", "jsi18n", "tracker_presence"}:
            continue
        for answer in (client.get(address.url), client.post(address.url, {})):
            assert (answer.status_code, answer.content) == (302, b""), address
            assert answer.headers["Location"].startswith(OWN), address


def test_with_a_given_password_every_page_leads_to_the_choice_of_an_own_one(new: Client) -> None:
    asked = new.get("/admin/tracker/participant/?q=RJ")
    assert asked.headers["Location"] == f"{OWN}?next={quote('/admin/tracker/participant/?q=RJ', safe='')}"
    assert new.post("/admin/tracker/participant/add/", {}).headers["Location"] == f"{OWN}?next={quote(TODAY, safe='')}"
    assert new.get(TODAY, headers={"X-Daymark-Poll": "1"}).status_code == 401
    assert "Whoever gave you this password knows it." in page(new.get(OWN))


def test_whoever_has_chosen_goes_on_to_where_she_wanted(new: Client, house: House) -> None:
    answer = new.post(f"{OWN}?next=/admin/tracker/participant/", own())
    assert answer.headers["Location"] == "/admin/tracker/participant/"
    assert "From now on only you know your password." in page(new.get(TODAY))
    assert not must_choose(house["crc"])
    assert {"must_choose_password": False} in [each.new for each in AuditEvent.objects.filter(table="tracker_user")]
    assert "Whoever gave" not in page(new.get(OWN))


def test_a_link_to_elsewhere_leads_to_today(new: Client) -> None:
    assert new.post(f"{OWN}?next=https://elsewhere.example/", own()).headers["Location"] == TODAY


def test_the_given_password_itself_is_no_own_one(new: Client, house: House) -> None:
    answer = new.post(OWN, own(chosen=PASSWORD))
    assert "This is the password that you were given. Choose another one." in page(answer)
    assert must_choose(house["crc"])


def test_what_is_wrong_with_a_password_is_said_in_the_readers_language(new: Client, house: House) -> None:
    User.objects.filter(pk=house["crc"].pk).update(language="zh-hans")
    said = page(new.post(OWN, own(chosen="1234")))
    assert "密码长度太短" in said
    assert "This password" not in said


def test_who_is_added_or_given_another_password_chooses_her_own(root: Client, house: House) -> None:
    names = {"username": "new", "first_name": "New", "last_name": "Nurse", "email": "n@site.example", "language": "en"}
    typed = {"usable_password": "true", "password1": CHOSEN, "password2": CHOSEN, "is_staff": "on"}
    assert root.post(reverse("admin:tracker_user_add"), names | typed).status_code == 302
    assert must_choose(User.objects.get(username="new"))
    url = reverse("admin:auth_user_password_change", args=[house["pi"].pk])
    assert root.post(url, typed).status_code == 302
    assert must_choose(house["pi"])


@pytest.mark.parametrize(("given", "said"), [(True, "somebody else: only a new one"), (False, "its owner")])
def test_people_says_who_chose_a_password(root: Client, house: House, given: bool, said: str) -> None:
    User.objects.filter(pk=house["pi"].pk).update(must_choose_password=given)
    assert said in page(root.get(reverse("admin:tracker_user_change", args=[house["pi"].pk])))


def test_an_account_without_a_password_has_none_to_replace(root: Client) -> None:
    names = {"username": "sso", "first_name": "S", "last_name": "O", "email": "s@site.example", "language": "en"}
    assert root.post(reverse("admin:tracker_user_add"), names | {"usable_password": "false"}).status_code == 302
    assert not must_choose(User.objects.get(username="sso"))


def test_nobody_gives_herself_a_password(root: Client) -> None:
    myself = User.objects.get(username="root")
    url = reverse("admin:auth_user_password_change", args=[myself.pk])
    assert root.get(url).headers["Location"] == OWN
    assert not must_choose(myself)

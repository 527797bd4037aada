"""Everybody reads her own language, wherever she signs in; the switch stands on every page, also before the door."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.builders import House
from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.conftest import PASSWORD, Enter
from tests.tracker.admin.record_of import everything
from tests.tracker.admin.two_sites import NOW, Story, shanghai
from tracker.models import User

SWITCH = "/i18n/setlang/"


def switch(client: Client, language: str) -> Any:
    return client.post(SWITCH, {"language": language, "next": "/admin/"})


def speaks(client: Client, url: str = "/admin/", **headers: str) -> str:
    """The language that a page says it is in."""
    found = re.search(r'<html[^>]* lang="([^"]+)"', client.get(url, headers=headers).content.decode())
    assert found
    return found[1]


def test_the_choice_is_kept_with_the_person_and_holds_for_pages_and_mails(house: House, enter: Enter) -> None:
    client = enter(house["crc"])
    assert speaks(client) == "en"
    assert switch(client, "zh-hans").status_code == 302
    assert speaks(client) == "zh-hans"
    house["crc"].refresh_from_db()
    assert house["crc"].language == "zh-hans"
    house["pi"].refresh_from_db()
    assert house["pi"].language == "en"


def test_her_choice_wins_over_what_the_browser_and_the_last_person_there_asked_for(house: House, enter: Enter) -> None:
    client = enter(house["crc"])
    client.cookies["django_language"] = "zh-hans"
    assert speaks(client, **{"accept-language": "zh-hans"}) == "en"


def test_what_she_chooses_among_her_preferences_is_what_she_reads_next(house: House, enter: Enter) -> None:
    client = enter(house["crc"])
    chosen = {"language": "zh-hans", "wants_digest": "True", "digest_at": "07:30"}
    assert client.post("/admin/tracker/notification/preferences/", chosen).status_code == 302
    assert speaks(client) == "zh-hans"


def test_whoever_has_not_signed_in_chooses_for_this_browser_alone(house: House, enter: Enter) -> None:
    before = everything()
    client = Client()
    page = client.get("/admin/login/").content.decode()
    assert page.count(f'action="{SWITCH}"') == 2
    switch(client, "zh-hans")
    assert speaks(client, "/admin/login/") == "zh-hans"
    assert everything() == before


def test_signing_in_brings_her_own_language_back(house: House, enter: Enter) -> None:
    enter(house["crc"])
    User.objects.filter(pk=house["crc"].pk).update(language="zh-hans")
    client = Client()
    client.post("/admin/login/", {"username": "rj-crc", "password": PASSWORD})
    assert speaks(client) == "zh-hans"


@pytest.mark.parametrize("asked", [{"language": "tlh"}, {}, {"language": "zh-hans", "_method": "get"}])
def test_a_language_that_there_is_not_and_a_mere_look_change_nothing(
    house: House, enter: Enter, asked: dict[str, str]
) -> None:
    client, before = enter(house["crc"]), everything()
    answered = client.get(SWITCH, asked) if "_method" in asked else client.post(SWITCH, asked)
    assert answered.status_code == (405 if "_method" in asked else 302)
    assert everything() == before


def test_the_switch_leads_to_no_other_host(house: House, enter: Enter) -> None:
    response = enter(house["crc"]).post(SWITCH, {"language": "zh-hans", "next": "https://example.org/"})
    assert "example.org" not in response.headers["Location"]


def test_the_switch_stands_on_every_page(house: House, enter: Enter, root: Client) -> None:
    for url in ("/admin/", "/admin/tracker/participant/", "/admin/tracker/notification/preferences/"):
        assert enter(house["crc"]).get(url).content.decode().count(f'action="{SWITCH}"') >= 2, url


# --- no English is left over ------------------------------------------------------------------------------------------

TYPED = (
    "begun before the result was read", "the board meets", "telephoned about SHA-7731", "nobody knows SHA-7731",
    "test\tvalue\tunit",
)  # fmt: skip
"""What the story's people wrote themselves."""

LEFT_ALONE = {
    # names, codes, units and formats, which are the same in Chinese
    "ACR", "CRC", "CSV", "Ctrl", "DLCO", "FVC", "HTTP", "Accept", "GET", "ICF", "ID", "IP", "LDAP", "PDF", "PI", "POST",
    "UTC", "mRSS", "hCG", "Gilbert", "Rodnan", "Axes", "Daymark", "English", "RELMA", "Relma", "SHA", "Hospital",
    "Asia", "Shanghai", "cel", "crc", "en", "esc", "hans", "relma", "ssc", "zh", "dL", "mg", "kat", "mol", "kg", "hcg",
    "ld", "reported", "root",
}  # fmt: skip


class Reader(HTMLParser):
    """What a person reads on a page: what stands between its tags, and what is said beside a control."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Icons are drawn from the letters of their names; long lists of codes are no prose."""
        named = dict(attrs)
        self.said += [text for name in ("placeholder", "aria-label", "title", "alt") if (text := named.get(name))]
        if tag not in VOID:
            unread = tag in {"script", "style", "code", "select"} or "material-symbols" in (named.get("class") or "")
            self._inside.append(unread or any(self._inside))

    def handle_endtag(self, tag: str) -> None:
        """Leave the innermost one."""
        if tag not in VOID and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Text."""
        if not any(self._inside[-1:]):
            self.said.append(data)


VOID = {"input", "br", "img", "meta", "link", "hr", "area", "base", "col", "embed", "source", "track", "wbr"}


@pytest.fixture
def story(clock: Any) -> Story:
    """Everybody reads Chinese before the first message is written."""
    clock.move_to(NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(User._meta.get_field("language"), "default", "zh-hans")
        # What is drafted for somebody is written in her language, and stays as it was written.
        with translation.override("zh-hans"):
            return shanghai()


def left_over(page: str, story: Story) -> set[str]:
    """The English words that a person reads on a page."""
    reader = Reader()
    reader.feed(page)
    text = re.sub(r"https?://\S+|\S+@\S+", " ", " ".join(reader.said))
    for known in (*TYPED, *(user.username for user in story.house.staff.values())):
        text = text.replace(known, " ").replace(known.capitalize(), " ")
    # Letters beside digits are hashes and codes.
    return set(re.findall(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])", text)) - LEFT_ALONE


def test_a_reader_of_chinese_meets_no_english_on_any_page(story: Story, root: Client) -> None:
    User.objects.update(language="zh-hans")
    leftovers = {
        each.name: words
        for each in every_address(story)
        # The trail shows what was written, as it was written: values, codes and whole mails.
        if each.name != "logout" and "audit" not in each.name
        if (response := root.get(each.url)).headers.get("Content-Type", "").startswith("text/html")
        if (words := left_over(response.content.decode(), story))
    }
    assert leftovers == {}


def test_nor_before_the_door(story: Story) -> None:
    page = Client().get("/admin/login/", headers={"accept-language": "zh-hans"}).content.decode()
    assert left_over(page, story) == set()

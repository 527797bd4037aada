"""Every list has a button that saves it: the same rows for the same reader, which no spreadsheet calculates."""

import csv
import re
from html import unescape
from io import StringIO

import pytest
from django.test import Client

from tests.builders import House, a_participant
from tests.tracker.admin.addresses import pages
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.two_sites import NOW, Story, berlin, shanghai
from tracker.models import Participant, Site, User

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t")
BY_HAND = ["/admin/", "/admin/tracker/participant/screening-log/"]


@pytest.fixture
def story(clock: object) -> Story:
    clock.move_to(NOW)  # type: ignore[attr-defined]
    return shanghai()


def lists(story: Story) -> list[str]:
    """Every list of the admin, and the pages that are lists without being one of Django's."""
    return [*BY_HAND, *(each.url for each in pages(story) if each.name.endswith("_changelist"))]


def saved(client: Client, page: str) -> list[list[str]]:
    """The rows of the file to which a list's own button leads, its header first."""
    found = re.findall(r'href="([^"]*export/[^"]*)"', client.get(page).content.decode())
    assert found, f"{page} has no button that saves it"
    response = client.get(unescape(found[0]))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8", page
    assert 'attachment; filename="' in response.headers["Content-Disposition"]
    text = response.getvalue()
    assert text.startswith(b"\xef\xbb\xbf"), page
    return list(csv.reader(StringIO(text.decode("utf-8-sig"))))


def test_every_list_is_saved_from_its_own_page(story: Story, root: Client) -> None:
    User.objects.filter(username="root").update(first_name="=HYPERLINK(1)", last_name="+1")
    Site.objects.update(name="@SUM(1)")
    for page in lists(story):
        header, *rows = saved(root, page)
        assert [len(row) for row in rows] == [len(header)] * len(rows), page
        assert rows or "axes" in page, page
        calculated = [cell for row in [header, *rows] for cell in row if cell.startswith(STARTS_A_FORMULA)]
        assert calculated == [], page


def test_a_list_is_named_after_what_it_lists(enter: Enter, house: House) -> None:
    html = enter(house["crc"]).get("/admin/tracker/notification/").content.decode()
    assert re.findall(r"<title>\s*(.*?)\s*</title>", html) == ["Messages | Daymark"]


def test_the_header_is_in_the_readers_language(story: Story, enter: Enter) -> None:
    User.objects.filter(pk=story.house["crc"].pk).update(language="zh-hans")
    story.house["crc"].refresh_from_db()
    client = enter(story.house["crc"])
    for page in lists(story):
        if client.get(page).status_code == 200:
            english = [name for name in saved(client, page)[0] if not re.search(r"[\u4e00-\u9fff]", name)]
            assert english == [], page


def test_what_is_saved_is_what_the_list_found(house: House, enter: Enter) -> None:
    a_participant(house, "RJ-001")
    a_participant(house, "RJ-002")
    client = enter(house["crc"])
    _header, *rows = saved(client, "/admin/tracker/participant/?q=002")
    assert [row[2] for row in rows] == ["RJ-002"]
    assert len(saved(client, "/admin/tracker/participant/")) == 3


def test_nobody_saves_another_sites_rows_or_a_list_of_the_set_up(story: Story, enter: Enter) -> None:
    here = berlin(story)
    client = enter(here.house["crc"])
    exports = [each for each in pages(story) if each.name.endswith("_export")]
    assert len(exports) >= 10
    for each in exports:
        response = client.get(each.url)
        # Some tables are for those alone who oversee a site.
        assert response.status_code in ({403} if each.set_up else {200, 403}), each.url
        assert [mark for mark in story.marks() if mark in response.getvalue().decode()] == [], each.url


def test_whoever_is_blinded_saves_no_dose_level(house: House, enter: Enter) -> None:
    house.study.blinded_dose = True
    house.study.save()
    a_participant(house)
    Participant.objects.update(dose_level="2")
    assert saved(enter(house["crc"]), "/admin/tracker/participant/")[1][-1] == "blinded"
    assert saved(enter(house["pi"]), "/admin/tracker/participant/")[1][-1] == "2"

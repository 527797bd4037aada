"""Nobody sees another site: every address of the admin, walked by every role of the one site with rows of the other."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.builders import a_house
from tests.tracker.admin.addresses import Address, every_address, pages, rows
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.record_of import everything
from tests.tracker.admin.two_sites import NOW, Story, berlin, shanghai, tell
from tracker.models import Role, User

Response = Any
"""What Django's test client answers: it gives its responses attributes of its own."""

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+"')


@pytest.fixture
def there(clock: time_machine.Traveller) -> Story:
    """Shanghai, whose rows nobody of Berlin may find."""
    clock.move_to(NOW)
    return shanghai()


@pytest.fixture
def here(there: Story) -> Story:
    """Berlin, whose people walk."""
    return berlin(there)


def text(response: Response) -> str:
    """What a person reads, without the token that is another in every answer."""
    content: bytes = response.getvalue()
    return _TOKEN.sub("", content.decode())


def leaks(response: Response, story: Story, asked: str = "") -> list[str]:
    """What an answer shows of a story, apart from what was asked for and is repeated."""
    shown = text(response) + response.headers.get("Location", "")
    return [mark for mark in story.marks() if mark in (shown.replace(asked, "") if asked else shown)]


def walkers(story: Story, enter: Enter, roles: Iterable[str] = Role.values) -> list[tuple[str, Client]]:
    """Everybody is signed in before the first of them walks: signing in is written down."""
    return [(role, enter(story.house[role])) for role in roles]


def answers(client: Client, url: str) -> list[Response]:
    """What reading and writing there are answered, redirects within the admin followed."""
    return [client.get(url, follow=True), client.post(url, {"reason": "because"}, follow=True)]


def fault(address: Address, response: Response, story: Story) -> str:
    """What is wrong with an answer about another site's row; "" where it is not found, or refused with all others."""
    refused = 403 if address.set_up else 404
    if response.status_code != refused:
        return f"{response.status_code} instead of {refused}"
    return ", ".join(leaks(response, story))


def test_another_sites_rows_are_not_found_by_any_role(there: Story, here: Story, enter: Enter) -> None:
    walking, before = walkers(here, enter), everything()
    faults = [
        f"{role} {response.wsgi_request.method} {address.url}: {wrong}"
        for role, client in walking
        for address in rows(there)
        if role == Role.PI or not address.set_up
        for response in answers(client, address.url)
        if (wrong := fault(address, response, there))
    ]
    assert faults == []
    assert everything() == before


def test_another_sites_rows_are_answered_like_rows_that_are_nobodys(there: Story, here: Story, enter: Enter) -> None:
    client = enter(here.house["pi"])
    told_apart = [
        address.url
        for address in rows(there)
        for asked, nobodys in zip(answers(client, address.url), answers(client, address.absent), strict=True)
        if (asked.status_code, text(asked)) != (nobodys.status_code, text(nobodys))
    ]
    assert told_apart == []


def test_the_walk_meets_pages_that_are_there_for_their_own_people(there: Story, enter: Enter) -> None:
    """Without this, a walk along addresses that lead nowhere would find nothing wrong."""
    client = enter(there.house["pi"])
    lost = [
        address.url
        for address in rows(there)
        if not address.name.endswith("_on_site") and client.get(address.url).status_code == 404
    ]
    assert lost == []


def test_another_sites_life_changes_no_page_here(there: Story, here: Story, enter: Enter) -> None:
    """Lists, counts, filters, searches, today: what is shown here is the same without the other site's people."""
    walking = walkers(here, enter, (Role.PI, Role.WARD_NURSE, Role.MONITOR))
    alone = {role: _everything_shown(client, here) for role, client in walking}
    tell(a_house("SHB", study=there.house.study), "SHB-5520")
    cache.clear()
    for role, client in walking:
        beside = _everything_shown(client, here)
        assert [url for url in beside if beside[url] != alone[role][url]] == [], role
        assert [(url, mark) for url, shown in beside.items() for mark in there.marks() if mark in shown] == [], role


def _everything_shown(client: Client, story: Story) -> dict[str, str]:
    asked = [address.url for address in pages(story) if address.name not in {"logout", "password_change"}]
    asked += [f"{url}?_facets=True" for url in lists(story)]
    asked += ["/admin/search/?s=part", "/admin/search/?s=ber&extended=1"]
    return {url: text(client.get(url)) for url in asked}


def lists(story: Story) -> list[str]:
    """The lists that people other than superusers have."""
    return [each.url for each in pages(story) if each.name.endswith("_changelist") and not each.set_up]


QUERIES = (
    "id={participant}", "id__exact={participant}", "pk={participant}", "participant={participant}",
    "participant__id={participant}", "participant__id__exact={participant}", "deadline__participant={participant}",
    "deadline__participant__id__exact={participant}", "alert__deadline__participant__id={participant}",
    "site__id__exact={site}", "participant__site__id__exact={site}", "deadline__participant__site__id__exact={site}",
    "site__code=SHA", "subject_number__startswith=S", "site__assignments__user__username__startswith=sha",
    "e=1", "_facets=True", "o=1.2.3",
)  # fmt: skip


@pytest.mark.parametrize("role", [Role.PI, Role.MONITOR])
def test_no_question_to_a_list_a_search_or_a_suggestion_finds_another_site(
    there: Story, here: Story, enter: Enter, role: str
) -> None:
    client, number = enter(here.house[role]), there.participant.subject_number
    named = {"participant": there.participant.pk, "site": there.house.site.pk}
    asked = [f"{url}?{query.format(**named)}" for url in lists(there) for query in (*QUERIES, f"q={number}")]
    asked += ["/admin/search/?" + urlencode({"s": text, "extended": 1}) for text in (number, "SHA", "hospital")]
    for model, field in (("assignment", "user"), ("participant", "site"), ("deviation", "participant")):
        about = {"app_label": "tracker", "model_name": model, "field_name": field, "term": "sha"}
        asked.append("/admin/autocomplete/?" + urlencode(about))
    for url in asked:
        response = client.get(url)
        assert response.status_code in {200, 302, 400, 403, 404}, url
        assert leaks(response, there, asked=number) == [], url


@pytest.mark.parametrize("role", [Role.PI, Role.CRC, Role.MONITOR])
def test_nothing_is_done_to_another_site_from_a_list_or_a_form(
    there: Story, here: Story, enter: Enter, role: str
) -> None:
    client, before = enter(here.house[role]), everything()
    keys = [there.row_of(model) for model in ("participant", "alert", "notification", "deviation")]
    place = f"{there.house.study.pk}-{there.house.site.pk}"
    person = {"subject_number": "SHA-9", "sex": "female", "birth_date": "1990-01-01", "place": place}
    bodies: list[dict[str, object]] = [
        {"action": "delete_selected", "_selected_action": keys},
        {**person, "participant": there.participant.pk, "site": there.house.site.pk},
    ]
    for address in pages(there):
        for body in bodies if address.name not in {"logout", "login"} else []:
            response = client.post(address.url, body)
            assert response.status_code < 500, address.url
            assert leaks(response, there) == [], address.url
    assert everything() == before


@pytest.mark.parametrize("who", ["nobody", "not staff", "no longer active"])
def test_whoever_is_not_signed_in_as_staff_is_sent_to_the_door(there: Story, enter: Enter, who: str) -> None:
    user = there.house["pi"]
    client = Client() if who == "nobody" else enter(user)
    User.objects.filter(pk=user.pk).update(is_staff=who != "not staff", is_active=who != "no longer active")
    for address in every_address(there):
        if address.name not in {"login", "logout"}:
            for response in (client.get(address.url), client.post(address.url, {})):
                assert response.status_code == 302, address
                assert response.headers["Location"].startswith("/admin/login/"), address
                assert response.content == b""


def test_staff_without_any_assignment_find_nothing(there: Story, enter: Enter) -> None:
    client = enter(User.objects.create_user("stranger", "stranger@site.example", None))
    for address in rows(there):
        assert client.get(address.url, follow=True).status_code == (403 if address.set_up else 404), address
    for address in pages(there):
        if address.name != "logout":
            assert leaks(client.get(address.url), there) == [], address

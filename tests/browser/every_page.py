"""Every page that somebody can open: the router is asked, and each address is opened by whoever may see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.two_sites import Story
from tracker.models import User
from tracker.services.unsubscribing import headers_for

BACKEND = "django.contrib.auth.backends.ModelBackend"

NO_PAGE = {
    "metrics": "for a machine with a token",
    "calendar": "for calendars with a key",
    "autocomplete": "answers a script",
    "anything": "what is not there: its page is looked at with the other errors",
    **dict.fromkeys(
        ("participant_on_site", "alert_on_site", "notification_on_site", "deviation_on_site"),
        "nothing stands elsewhere",
    ),
}
"""Addresses that show nobody a page, and why. What everybody is refused, and what takes POST only, says so itself."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: the name of its address, where it is, and who opens it; None for nobody who signed in."""

    name: str
    url: str
    reader: User | None


def walk(story: Story) -> tuple[list[Shown], list[str]]:
    """The pages, each once, and the addresses that opened for nobody although they are not named above."""
    root = User.objects.create_superuser("root", "root@site.example", None)
    readers: list[User | None] = [story.house["pi"], root, *story.house.staff.values()]
    clients = [(reader, client_of(reader)) for reader in readers]
    found: dict[str, Shown] = {}
    closed: list[str] = []
    for name, url, outside in _addresses(story):
        answers = _asked(url, [(None, Client())] if outside else clients)
        reader, last = answers[-1]
        if last.status_code == 200 and is_page(last):
            found.setdefault(_end(url, last), Shown(name, url, reader))
        elif name not in NO_PAGE and not {answer.status_code for _reader, answer in answers} & {200, 403, 405}:
            closed.append(f"{name} {url}")
    return list(found.values()), closed


def _asked(url: str, clients: list[tuple[User | None, Client]]) -> list[tuple[User | None, Any]]:
    """What each of them was shown there at the end of all redirects, up to the first for whom it opened."""
    answers: list[tuple[User | None, Any]] = []
    for reader, client in clients:
        answers.append((reader, client.get(url, follow=True)))
        if answers[-1][1].status_code == 200:
            break
    return answers


def client_of(reader: User | None) -> Client:
    """The browser of somebody who signed in, or of nobody."""
    client = Client()
    if reader:
        client.force_login(reader, backend=BACKEND)
    return client


def is_page(answer: Any) -> bool:
    """Whether an answer is a whole page: no file, no data, no piece that a script puts into one."""
    return answer.headers.get("Content-Type", "").startswith("text/html") and b"<html" in answer.content


def signed_links(story: Story) -> dict[str, str]:
    """Addresses of which every reader has her own, as a mail brings them."""
    reader = story.house["pi"]
    link = headers_for(reader)["List-Unsubscribe"].strip("<>")
    who, token = urlsafe_base64_encode(force_bytes(reader.pk)), default_token_generator.make_token(reader)
    return {
        "unsubscribe": "/unsubscribe/?" + link.partition("?")[2],
        "password_reset_confirm": "/password/new/?" + urlencode({"who": who, "token": token}),
    }


def _addresses(story: Story) -> Iterator[tuple[str, str, bool]]:
    """Each address of the program: name, where, and whether nobody needs to sign in for it."""
    signed = signed_links(story)
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            name = pattern.name or "root"
            yield name, signed.get(name, f"/{pattern.pattern}"), True
    for address in every_address(story):
        if address.name != "logout":
            yield address.name, address.url, address.name == "login"


def _end(asked: str, answer: Any) -> str:
    return str(answer.redirect_chain[-1][0]) if answer.redirect_chain else asked

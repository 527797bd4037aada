"""The door that one-time codes open: its pages, and whether somebody still stands before it."""

from typing import Any

from django.test import Client
from django.urls import reverse

TODAY = reverse("admin:index")
CODE, BEGIN, MINE = (reverse(f"admin:tracker_{name}") for name in ("code", "codes_begin", "codes"))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def door_of(client: Client) -> str:
    answer = client.get(TODAY)
    return str(answer.headers["Location"]).partition("?")[0] if answer.status_code == 302 else ""

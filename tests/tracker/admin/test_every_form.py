"""Whatever somebody sends to any form, the answer is an answer, and nothing is ever half saved."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import time_machine
from django.apps import apps
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.two_sites import NOW, Story, shanghai
from tracker.models import User

NASTY = [
    b"", b" ", b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", "\u202edrawrof\u202c".encode(),
    "e\u0301\u0301".encode(), "😀".encode(),
    b"-1", b"0", b"1e400", b"NaN", b"Infinity", b"9" * 400, b"-" * 20, "٣٤".encode(), b"99999999999999999999",
    b"2999-12-31", b"0001-01-01", b"9999-12-31", b"2026-02-30", b"23:59:59", b"25:00", b"x" * 70_000,
    b"<script>alert(1)</script>", b"' OR 1=1 --", b"=1+1", b"../../etc/passwd", b"%00", b"on", b"True",
]  # fmt: skip
"""Bytes that are no text, NUL, half a surrogate pair, text from right to left, huge, negative, future, never."""

# A form with every value takes minutes: `make soak` takes them.
SHARE, MIXED = (1, 20) if os.environ.get("DAYMARK_TEST_PROFILE") == "soak" else (8, 1)

LEAVES_A_TRACE_ANYHOW = {"tracker.LastSeen"}
"""Somebody was seen, whatever became of what she sent."""


@dataclass
class Form:
    """One form of a page: where it is sent, and the names and values of its fields."""

    url: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found, self.inside = page, list[Form](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = told.get("method", "").lower() == "post"
            if self.inside:
                self.found.append(Form(_target(told.get("action", ""), self.page)))
        elif self.inside and tag in {"input", "select", "textarea", "button"} and told.get("name"):
            self.found[-1].fields[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


def _target(action: str, page: str) -> str:
    if action.startswith("?"):
        return page.partition("?")[0] + action
    return action or page


def forms_of(client: Client, urls: Iterator[str]) -> list[Form]:
    """Every form of these pages, each place once."""
    found: dict[tuple[str, tuple[str, ...]], Form] = {}
    for url in urls:
        answer: Any = client.get(url)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            parser = Forms(url)
            parser.feed(answer.content.decode())
            found |= {(each.url, tuple(sorted(each.fields))): each for each in parser.found}
    return [form for form in found.values() if form.fields and not form.url.endswith(("/logout/", "/setlang/"))]


def rows() -> list[tuple[str, int]]:
    """How many rows there are of everything of ours, the audit trail included; asked at once."""
    models = apps.get_app_config("tracker").get_models(include_auto_created=True)
    tables = [each._meta.db_table for each in models if each._meta.label not in LEAVES_A_TRACE_ANYHOW]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return sorted(cursor.fetchall())


def body(typed: dict[str, bytes]) -> bytes:
    """As a browser, or somebody who is none, would send it."""
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in typed.items()).encode()


def send(client: Client, form: Form, typed: dict[str, bytes]) -> None:
    """Send it, see that it was answered, and that what was refused left nothing; then forget it."""
    caches["common"].clear()
    with transaction.atomic():
        before = rows()
        answer = client.post(form.url, body(typed), content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, (form.url, typed)
        if answer.status_code >= 400:
            assert rows() == before, (form.url, typed)
        transaction.set_rollback(True)


@pytest.fixture
def story(clock: time_machine.Traveller) -> Story:
    """Somebody about whom there is everything that a form can be about."""
    clock.move_to(NOW)
    return shanghai()


def try_everything(client: Client, forms: list[Form]) -> None:
    """Each form with some of the nasty values in all its fields at once, so that each meets many; then mixtures."""
    for number, form in enumerate(forms):
        for value in NASTY[number % SHARE :: SHARE]:
            send(client, form, dict.fromkeys(form.fields, value))

    anything = st.sampled_from(NASTY) | st.binary(max_size=40) | st.text(
        st.characters(exclude_categories=["Cs"]), max_size=40
    ).map(str.encode)  # fmt: skip

    @hypothesis_settings(max_examples=MIXED * len(forms), suppress_health_check=list(HealthCheck))
    @given(st.data())
    def mixed(data: st.DataObject) -> None:
        form = data.draw(st.sampled_from(forms))
        changed = data.draw(st.lists(st.sampled_from(sorted(form.fields)), unique=True, min_size=1))
        typed = {name: value.encode() for name, value in form.fields.items()}
        send(client, form, typed | {name: data.draw(anything) for name in changed})

    mixed()


def test_no_form_of_the_staff_ends_in_an_error_or_half_saved(story: Story, enter: Enter) -> None:
    client = enter(story.house["pi"])
    forms = forms_of(client, (address.url for address in every_address(story) if not address.set_up))
    names = {form.url.rstrip("/").rpartition("/")[2] for form in forms}
    assert len(forms) > 20
    assert {"panel", "preferences", "complete", "add"} <= names
    try_everything(client, forms)


def test_no_form_of_the_house_ends_in_an_error_or_half_saved(story: Story, enter: Enter) -> None:
    client = enter(User.objects.create_superuser("root", "root@site.example", None))
    forms = forms_of(client, (address.url for address in every_address(story) if address.set_up))
    assert len(forms) > 6
    try_everything(client, forms)


def test_no_form_at_the_door_ends_in_an_error_or_half_saved(
    story: Story, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.views.new_password.ANSWERED_AFTER", 0.0)
    door = (reverse(name) for name in ("admin:login", "admin_password_reset", "password_reset_confirm"))
    try_everything(Client(), forms_of(Client(), door))


def test_no_form_takes_a_file(story: Story, enter: Enter) -> None:
    client = enter(User.objects.create_superuser("root", "root@site.example", None))
    for address in every_address(story):
        answer: Any = client.get(address.url) if address.name != "logout" else None
        if answer is not None and answer.headers.get("Content-Type", "").startswith("text/html"):
            assert 'type="file"' not in answer.content.decode(), address

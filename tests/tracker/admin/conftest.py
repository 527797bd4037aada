"""Signed-in staff, and a clock that stands still."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.builders import ENROLLED, House, at
from tests.tracker.admin.today_page import NOW as TODAY_AT
from tests.tracker.admin.today_page import waiting_woman
from tracker.models import Participant, User

Enter = Callable[[User], Client]
Later = Callable[[str], None]

PASSWORD = "a long walk to the ward"


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    """Monday 9 March 2026, 10:00 in Shanghai, until a test moves it."""
    with time_machine.travel(at(ENROLLED), tick=False) as traveller:
        yield traveller


@pytest.fixture
def enter(clock: time_machine.Traveller) -> Enter:
    """Sign somebody in."""

    def signed_in(user: User) -> Client:
        user.is_staff = True
        user.set_password(PASSWORD)
        user.save()
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def crc(house: House, enter: Enter) -> Client:
    """The coordinator's browser."""
    return enter(house["crc"])


@pytest.fixture
def root(enter: Enter) -> Client:
    """The browser of whoever sets the house up."""
    return enter(User.objects.create_superuser("root", "root@site.example", None))


@pytest.fixture
def later(house: House, crc: Client, clock: time_machine.Traveller) -> Later:
    """Let the time pass until an instant; the coordinator signs in again then."""

    def moved(when: str) -> None:
        clock.move_to(at(when))
        crc.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")

    return moved


@pytest.fixture
def codes_are_forced(settings: Any) -> None:
    """As on a real site."""
    settings.CODES_ARE_FORCED = True


@pytest.fixture
def waiting(house: House, clock: time_machine.Traveller) -> Participant:
    """A woman whose first dose is planned in 47 hours and whose sample is not drawn."""
    participant = waiting_woman(house)
    clock.move_to(at(TODAY_AT))
    return participant


def shown_in(response: Any) -> str:
    """What a page of plans says that it has shown; only that is saved."""
    found = re.search(r'name="shown" value="([^"]*)"', response.content.decode())
    assert found, response.content.decode()[:2000]
    return found[1]

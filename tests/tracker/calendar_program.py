"""A calendar program: it asks at its address, and reads what it is given."""

from typing import Any

from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from tests.builders import CONDITIONED, House, at, collected_woman, fresh, plan
from tracker.models import Participant, User
from tracker.services.calendar_keys import renew
from tracker.services.calendars import publish
from workflow.stages import Step

NOW = "2026-04-07 12:00"
MOVED = "2026-04-11 09:00"


def waiting_woman(house: House) -> Participant:
    """A woman whose first dose is planned, and whose test is owed before it."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 10:00")
    return fresh(participant)


def ask(key: str, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).get(reverse("calendar"), {"key": key}, headers=headers)


def key_of(user: User, when: str = NOW) -> str:
    """A new address, and what is published by then."""
    key = renew(by=user, now=at(when))
    publish(at(when))
    return key


def events(key: str) -> list[dict[str, Any]]:
    """What a program reads, in order of time."""
    response = ask(key)
    assert response.status_code == 200
    calendar = Calendar.from_ical(response.content)
    found = [{str(name).lower(): value for name, value in event.items()} for event in calendar.walk("VEVENT")]
    return sorted(found, key=lambda event: str(event["dtstart"].dt))

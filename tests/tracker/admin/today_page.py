"""The page of today: what a reader sees of it, the rows of its list, their buttons; and somebody who stands on it."""

import re
from html import unescape

from django.test import Client
from django.urls import reverse

from tests.builders import CONDITIONED, House, collected_woman, plan
from tracker.models import Participant
from workflow.stages import Step

NOW = "2026-04-07 10:00"


def waiting_woman(house: House) -> Participant:
    """A woman whose first dose is planned in 47 hours and whose sample is not drawn."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now=NOW)
    return participant


def shown(client: Client, **chosen: str) -> str:
    """Today as a reader sees it, below the frame's own head."""
    body = client.get(reverse("admin:index"), chosen).content.decode()
    return unescape(body.split('class="dm-today"')[1])


def rows(body: str) -> list[tuple[str, str]]:
    """Each thing to do, in order: for whom, and what."""
    found = re.findall(
        r'class="dm-who"><a [^>]*><b>(.*?)</b>.*?class="dm-what"><b class="dm-title">(.*?)</b>', body, re.DOTALL
    )
    return [(subject, what) for subject, what in found]


def buttons(body: str) -> list[tuple[str, str]]:
    """Each button of the list: where it leads, and what it says."""
    return re.findall(r'<a class="dm-btn[^"]*" id="work-[^"]*" href="([^"]*)">(.*?)</a>', body)

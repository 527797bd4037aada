"""What the walks in the browser share: one house whose staff may sign in, and an ear on the browser's console."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.staff import may_sign_in
from tests.browser.tongues import CHINESE, ENGLISH, Tongue
from tests.browser.turns import Turns
from tests.builders import CONSENTED, House, a_house, at
from tracker.models import User

IN_CHINA = pytest.mark.browser_context_args(locale="zh-CN")


@pytest.fixture
def house(transactional_db: None) -> House:
    """A site of the study with one person in each role, who may sign in."""
    house = a_house()
    for person in house.staff.values():
        may_sign_in(person)
    return house


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser wrote on its console: a refused script or style would stand here."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            heard.append(message.text)

    page.on("console", listen)
    return heard


@pytest.fixture(params=[pytest.param(ENGLISH, id="en"), pytest.param(CHINESE, id="zh-hans", marks=IN_CHINA)])
def say(request: pytest.FixtureRequest, house: House) -> Tongue:
    """Whoever asks for it is walked twice: everybody at the house reads English, then everybody reads Chinese."""
    tongue: Tongue = request.param
    User.objects.update(language=tongue.code)
    return tongue


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of test and server alike, which a walk moves on; not the browser's own. It begins at the consent."""
    with time_machine.travel(at(CONSENTED)) as traveller:
        yield traveller


@pytest.fixture
def walk(page: Page, live_server: LiveServer, house: House, clock: time_machine.Traveller, say: Tongue) -> Turns:
    """A walk through one participant's pages."""
    return Turns(page, live_server, house, clock, say)

"""What the walks in the browser share: one house whose staff may sign in, and an ear on the browser's console."""

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.staff import may_sign_in
from tests.builders import House, a_house


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

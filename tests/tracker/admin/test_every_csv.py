"""Every table that can be saved: no cell of any is calculated by a spreadsheet."""

import csv
from typing import Any

import time_machine
from django.test import Client

from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.two_sites import NOW, shanghai
from tracker.models import Deviation, Notification, Site, User

FORMULA = "=HYPERLINK(1)"


def tables(client: Client, urls: list[str]) -> dict[str, list[list[str]]]:
    """The cells of each CSV file among these addresses."""
    found: dict[str, list[list[str]]] = {}
    for url in urls:
        answer: Any = client.get(url)
        if answer.headers.get("Content-Type", "").startswith("text/csv"):
            text = (b"".join(answer) if answer.streaming else answer.content).decode("utf-8-sig")
            found[url] = list(csv.reader(text.splitlines()))
    return found


def test_no_table_holds_a_cell_that_a_spreadsheet_would_calculate(clock: time_machine.Traveller, enter: Enter) -> None:
    clock.move_to(NOW)
    story = shanghai()
    User.objects.update(first_name=FORMULA, last_name="@SUM(1)")
    Site.objects.update(name="+1", name_zh="-1")
    Deviation.objects.update(cause=FORMULA, impact=f"  {FORMULA}", action="\t=1")
    Notification.objects.update(last_error=FORMULA)
    urls = [address.url for address in every_address(story) if address.name not in {"login", "logout"}]
    found = tables(enter(story.house["pi"]), urls)
    assert len(found) >= 3
    cells = [cell for rows in found.values() for row in rows for cell in row]
    assert any(FORMULA in cell for cell in cells)
    assert [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))] == []

"""Every table that can be saved: no cell of any is calculated by a spreadsheet."""

import csv
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.translation import gettext as _
from django.utils.translation import override

from tests.tracker.admin.addresses import every_address
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.two_sites import NOW, shanghai
from tracker.admin.csv_export import TOGETHER, csv_response
from tracker.models import Deviation, Notification, Site, User

FORMULA = "=HYPERLINK(1)"


def tables(client: Client, urls: list[str]) -> dict[str, list[list[str]]]:
    """The cells of each CSV file among these addresses."""
    found: dict[str, list[list[str]]] = {}
    for url in urls:
        answer: Any = client.get(url)
        if answer.headers.get("Content-Type", "").startswith("text/csv"):
            text = answer.getvalue().decode("utf-8-sig")
            found[url] = list(csv.reader(text.splitlines()))
    return found


def test_a_table_is_read_while_it_is_saved_and_never_stands_in_memory_as_a_whole() -> None:
    read: list[int] = []

    def rows() -> Iterator[list[int]]:
        for number in range(3 * TOGETHER):
            read.append(number)
            yield [number]

    pieces = iter(csv_response("long.csv", ["n"], rows()))
    first = next(pieces)
    assert first.startswith("\ufeffn\r\n0\r\n".encode())
    assert len(read) < TOGETHER
    assert len((first + b"".join(pieces)).splitlines()) == 3 * TOGETHER + 1


def test_a_table_speaks_the_language_of_its_page_to_its_last_line() -> None:
    with override("zh-hans"):
        answer = csv_response("two.csv", [_("Participant")], ([_("Participant")] for _number in range(TOGETHER + 1)))
    with override("en"):
        assert set(answer.getvalue().decode("utf-8-sig").split()) == {"受试者"}


def test_what_cannot_be_read_from_the_start_is_no_file() -> None:
    with pytest.raises(ZeroDivisionError):
        csv_response("none.csv", ["n"], ([1 // number] for number in range(1)))


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

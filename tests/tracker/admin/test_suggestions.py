"""The earliest plan is suggested with what is to be done for it, and saved only as it was shown."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, at, hcg, screened_woman
from tests.machine.prepared import infused_woman
from tests.machine.rows import rows_of
from tests.tracker.admin.conftest import Later, shown_in
from tests.tracker.admin.planning_stories import NOW, page, planned_woman, plans
from tracker.models import Participant


@pytest.fixture
def tested(house: House, later: Later) -> Participant:
    """A woman whose test of the day before serves the first dose that is planned for today; the infusion follows."""
    later(NOW)
    return planned_woman(house)


def suggested(crc: Client, participant: Participant, **typed: str) -> Any:
    here = reverse("admin:tracker_suggest", args=[participant.pk])
    return crc.post(here, {"clock": "10:00", "reason": "", **typed}) if typed else crc.get(here)


def test_the_earliest_plan_is_suggested_with_what_is_to_be_done(crc: Client, house: House, later: Later) -> None:
    later("2026-03-05 09:00")
    participant = screened_woman(house)
    before = rows_of(participant)
    html = page(suggested(crc, participant))

    assert rows_of(participant) == before
    for words in (
        "How soon can the infusion of RJ-001 be?", "Thu 5 Mar 10:00", "Fri 6 Mar 10:00", "Sat 7 Mar 10:00",
        "Sun 8 Mar 10:00", "No systemic active infection within 2 weeks before leukapheresis",
        "Product released before lymphodepletion",
    ):  # fmt: skip
        assert words in html


def test_an_accepted_suggestion_saves_every_step_with_the_reason(crc: Client, tested: Participant) -> None:
    typed = {"not_before_lymphodepletion": "2026-04-10", "not_before_infusion": "2026-04-15", "reason": "No bed"}
    response = suggested(crc, tested, show="1", **typed)
    assert "Wed 15 Apr 10:00" in page(response)
    assert "74 h 00 min old at the start" in page(response)
    assert suggested(crc, tested, **typed, shown=shown_in(response)).status_code == 302

    assert plans(tested)[-1] == (at("2026-04-10 10:00"), "No bed")
    assert plans(tested, "infusion_started")[-1] == (at("2026-04-15 10:00"), "No bed")


def test_a_suggestion_that_was_not_shown_is_not_saved(crc: Client, tested: Participant) -> None:
    response = suggested(crc, tested, not_before_lymphodepletion="2026-04-10", reason="No bed")

    assert response.status_code == 422
    assert "Look at what this brings about" in page(response)
    assert len(plans(tested)) == 1


def test_where_nothing_can_be_suggested_it_says_what_stands_against_it(
    crc: Client, house: House, tested: Participant
) -> None:
    hcg(tested, house, "2026-04-08 06:00", "2026-04-08 07:30", value="positive")
    html = page(suggested(crc, tested))

    assert "There is no such plan as things stand." in html
    assert "Positive, collected Wed 8 Apr 06:00" in html
    assert 'aria-disabled="true"' in html


def test_after_the_infusion_there_is_nothing_left_to_suggest(crc: Client, house: House, later: Later) -> None:
    later("2026-04-14 12:00")
    html = page(suggested(crc, infused_woman(house)))

    assert "Nothing is left to be planned up to the infusion." in html


@pytest.mark.parametrize(
    "typed", [{"clock": "noon"}, {"not_before_infusion": "soon"}, {"not_before_infusion": "9999-12-31"}]
)
def test_what_is_no_day_or_time_of_day_is_said_and_stays(
    crc: Client, tested: Participant, typed: dict[str, str]
) -> None:
    response = suggested(crc, tested, show="1", **typed)

    assert response.status_code == 422
    assert f'value="{next(iter(typed.values()))}"' in page(response)
    assert any(words in page(response) for words in ("Write the", "look at the year"))


def test_a_day_that_is_over_keeps_nothing_from_being_suggested(crc: Client, tested: Participant) -> None:
    html = page(suggested(crc, tested, show="1", not_before_lymphodepletion="0001-01-01"))

    assert "Thu 9 Apr 10:00" in html

"""Plans are made on pages that show beforehand what they bring about, and save nothing else than what was shown."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import House, at, enrolled_woman, fresh, record
from tests.machine.rows import rows_of
from tests.tracker.admin.conftest import Enter, Later, shown_in
from tests.tracker.admin.planning_stories import NOW, on, page, planned_woman, plans, url
from tracker.admin.plan_drawing import LEFT, RIGHT
from tracker.models import Notification, Participant


@pytest.fixture
def tested(house: House, later: Later) -> Participant:
    """A woman whose test of the day before serves the first dose that is planned for today; the infusion follows."""
    later(NOW)
    return planned_woman(house)


def test_the_preview_shows_the_test_gone_stale_when_to_draw_and_who_is_told_and_writes_nothing(
    crc: Client, tested: Participant
) -> None:
    before = rows_of(tested)
    response = crc.post(url(tested), on("2026-04-10", show="1"))
    html = page(response)

    assert response.status_code == 200
    assert rows_of(tested) == before
    for words in (
        "What is different afterwards", "26 h 00 min old at the start", "74 h 00 min old at the start",
        "draw then or later, by Fri 10 Apr 10:00", "Still fits", "the last time without a new sample",
        "No acceptable result yet", "rj-pharmacist (Pharmacist)", "Save and tell 1 person",
        'aria-label="Negative, collected Tue 7 Apr 08:00 serves starts until Thu 9 Apr 08:00; Now: Wed 8 Apr 10:00;',
    ):  # fmt: skip
        assert words in html


def drawn(html: str, shape: str) -> list[tuple[float, float]]:
    """Where the boxes of a shape begin and end."""
    found = re.findall(rf'class="dm-drawn-{shape}" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', html)
    return [(float(x), round(float(x) + float(width), 3)) for x, width in found]


def test_the_picture_shows_by_how_much_the_dose_comes_too_late_and_when_to_draw(
    crc: Client, tested: Participant
) -> None:
    html = page(crc.post(url(tested), on("2026-04-10", show="1")))
    day = (RIGHT - LEFT) / 4  # from the day of the sample to that of the dose
    opened, ended, dose = LEFT + day / 3, LEFT + day * 7 / 3, LEFT + day * (3 + 10 / 24)

    assert drawn(html, "valid") == [pytest.approx((opened, ended), abs=0.01)] * 2
    assert drawn(html, "over") == [pytest.approx((ended, dose), abs=0.01)]
    assert drawn(html, "window") == [pytest.approx((dose - 2 * day, dose), abs=0.01)]
    far = page(crc.post(url(tested), on("2026-06-10", show="1")))
    assert "74 h" not in far
    assert "dm-drawn" not in far


def test_the_address_asks_about_a_time_and_writes_nothing(crc: Client, tested: Participant) -> None:
    before = rows_of(tested)
    response = crc.get(url(tested), {"at_0": "2026-04-10", "at_1": "10:00"})

    assert (response.status_code, rows_of(tested)) == (200, before)
    assert "74 h 00 min old at the start" in page(response)
    assert 'value="2026-04-10"' in page(response)
    assert crc.get(url(tested), {"at_0": "yesterday"}).status_code == 200


def test_nothing_is_saved_that_was_not_shown(crc: Client, tested: Participant) -> None:
    shown = shown_in(crc.post(url(tested), on("2026-04-10", show="1")))
    for typed in (on("2026-04-10", reason="No bed"), on("2026-04-11", reason="No bed", shown=shown)):
        response = crc.post(url(tested), typed)
        assert response.status_code == 422
        assert "Look at what this brings about, then save it." in page(response)
        assert f'value="{typed["at_0"]}"' in page(response)
        assert "No bed</textarea>" in page(response)
    assert len(plans(tested)) == 1


def test_what_was_shown_is_saved_and_as_many_are_told_as_the_button_said(crc: Client, tested: Participant) -> None:
    typed = on("2026-04-09", "07:30", reason="No bed")
    crc.post(url(tested), {**typed, "show": "1"})
    typed = on("2026-04-10", reason="No bed")
    response = crc.post(url(tested), {**typed, "show": "1"})
    assert "Save and tell 1 person" in page(response)
    there = set(Notification.objects.values_list("pk", flat=True))
    assert crc.post(url(tested), {**typed, "shown": shown_in(response)}).status_code == 302

    assert plans(tested) == [(at("2026-04-08 10:00"), ""), (at("2026-04-10 10:00"), "No bed")]
    assert [row.role for row in Notification.objects.exclude(pk__in=there)] == ["crc"]


def test_a_moved_plan_demands_its_reason(crc: Client, tested: Participant) -> None:
    typed = on("2026-04-10")
    response = crc.post(url(tested), {**typed, "shown": shown_in(crc.post(url(tested), {**typed, "show": "1"}))})

    assert response.status_code == 422
    assert "This field is required" in page(response)
    assert len(plans(tested)) == 1


@pytest.fixture
def recovered(house: House, later: Later) -> Participant:
    """A woman enrolled who has just got over an infection."""
    later("2026-03-13 09:00")
    participant = enrolled_woman(house)
    record(
        participant, "systemic_infection", "2026-03-10 08:00", by=house["crc"], known="2026-03-12 08:00",
        until="2026-03-11 20:00",
    )  # fmt: skip
    return fresh(participant)


def test_a_forbidden_time_offers_the_nearest_that_are_allowed_and_cannot_be_saved(
    crc: Client, recovered: Participant
) -> None:
    before = rows_of(recovered)
    here = url(recovered, "leukapheresis")
    html = page(crc.post(here, on("2026-03-20", show="1")))
    assert "No systemic active infection within 2 weeks before leukapheresis" in html
    assert "Can clear from Thu 26 Mar 00:00" in html
    assert "Thu 26 Mar 10:00" in html
    assert "the first allowed from then on" in html
    assert 'aria-disabled="true"' in html
    assert shown_in(crc.post(here, on("2026-03-20", show="1"))) == ""

    response = crc.post(here, on("2026-03-20", shown="leukapheresis=2026-03-20T02:00:00+00:00"))
    assert response.status_code == 422
    assert "This time is not allowed: choose one that is." in page(response)
    assert rows_of(recovered) == before


def test_a_time_that_is_offered_is_picked_in_place_of_the_one_typed(crc: Client, recovered: Participant) -> None:
    here = url(recovered, "leukapheresis")
    picked = crc.post(here, on("2026-03-20", show="1", pick="2026-03-26T02:00:00+00:00"))

    assert 'value="2026-03-26"' in page(picked)
    assert "What this brings about" in page(picked)
    assert crc.post(here, on("2026-03-26", shown=shown_in(picked))).status_code == 302
    assert plans(recovered, "leukapheresis_started") == [(at("2026-03-26 10:00"), "")]


def test_a_pick_that_is_no_time_is_as_if_nothing_were_picked(crc: Client, recovered: Participant) -> None:
    for pick in ("soon", "2026-03-26T02:00:00"):
        html = page(crc.post(url(recovered, "leukapheresis"), on("2026-03-20", show="1", pick=pick)))
        assert 'value="2026-03-20"' in html


def test_another_plan_that_no_longer_fits_needs_a_new_time_and_is_saved_with_the_first(
    crc: Client, tested: Participant
) -> None:
    typed = on("2026-04-14", reason="No bed")
    response = crc.post(url(tested), {**typed, "show": "1"})
    html = page(response)
    for words in (
        "No longer fits", "“Start lymphodepletion” is planned for Tue 14 Apr 10:00, not before it",
        "as long after it as before", "Sun 19 Apr 10:00", "Wed 15 Apr 10:00",
        "Choose a new time, since the planned one no longer fits: Start infusion.",
    ):  # fmt: skip
        assert words in html
    assert shown_in(response) == ""

    typed["also_infusion"] = "2026-04-19T02:00:00+00:00"
    response = crc.post(url(tested), {**typed, "show": "1"})
    assert "Choose a new time" not in page(response)
    assert crc.post(url(tested), {**typed, "shown": shown_in(response)}).status_code == 302
    assert plans(tested)[-1] == (at("2026-04-14 10:00"), "No bed")
    assert plans(tested, "infusion_started")[-1] == (at("2026-04-19 10:00"), "No bed")


@pytest.mark.parametrize(("also", "said"), [("2026-04-12T02:00:00+00:00", "Choose a new time"), ("soon", "valid")])
def test_another_time_that_does_not_fit_either_settles_nothing(
    crc: Client, tested: Participant, also: str, said: str
) -> None:
    response = crc.post(url(tested), on("2026-04-14", reason="No bed", show="1", also_infusion=also))

    assert said in page(response)
    assert shown_in(response) == ""


def test_a_new_time_for_a_plan_that_still_fits_is_not_taken(crc: Client, tested: Participant) -> None:
    typed = on("2026-04-10", reason="No bed", also_infusion="2026-04-20T02:00:00+00:00")
    response = crc.post(url(tested), {**typed, "show": "1"})

    assert crc.post(url(tested), {**typed, "shown": shown_in(response)}).status_code == 302
    assert len(plans(tested, "infusion_started")) == 1


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        ("2026-04-08", "07:59", "This time has passed: a plan lies in the future."),
        ("9999-12-31", "10:00", "This lies years ahead: look at the year."),
        ("tomorrow", "10:00", "Write the date as 2025-04-10."),
        ("2026-04-10", "", "Give the time of day."),
        ("", "", "Give the date and the time."),
        ("0001-01-01", "00:00", "This time does not exist"),
    ],
)
def test_what_is_no_time_is_said_and_what_was_typed_stays(
    crc: Client, tested: Participant, day: str, hour: str, said: str
) -> None:
    for button in ("show", "save"):
        response = crc.post(url(tested), on(day, hour, reason="No bed", **{button: "1"}))
        assert response.status_code == 422
        assert said in page(response)
        assert "No bed</textarea>" in page(response)
        if day:
            assert f'value="{day}"' in page(response)
    assert len(plans(tested)) == 1


def test_the_present_plan_by_itself_is_nothing_to_save(crc: Client, tested: Participant) -> None:
    html = page(crc.get(url(tested)))

    assert "There is nothing to save: choose another time." in html
    assert "as planned now" in html
    assert 'aria-disabled="true"' in html


def test_who_may_not_plan_is_refused_and_who_works_elsewhere_finds_nothing(
    house: House, tested: Participant, enter: Enter
) -> None:
    suggest = reverse("admin:tracker_suggest", args=[tested.pk])
    pharmacist, nurse = enter(house["pharmacist"]), enter(house["ward_nurse"])
    for here in (url(tested), suggest):
        assert pharmacist.get(here).status_code == 403
        assert pharmacist.post(here, on("2026-04-10", show="1")).status_code == 403
        assert nurse.get(here).status_code == 200

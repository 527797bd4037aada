"""What stands on a timeline: the ends that the gate shows, windows still owed, plans that moved, and the present."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.tracker.charts.drawn import chart, drawings, voice_of
from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    fact,
    infused,
    plan,
)
from tracker.charts import DESK, Chart, draw, rows_of
from tracker.charts.items import Item, Shape
from workflow.stages import Step

NOW = at("2026-04-08 09:50")
DOSE = plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-01 10:00")


def waiting() -> Person:
    """A woman whose first dose is planned for tomorrow, and whose only test is that of screening."""
    return collected(an_eligible_woman()).having(DOSE)


def of(made: Chart, shape: Shape) -> list[Item]:
    return [item for item in made.items if item.shape is shape]


def test_evidence_serves_to_the_very_instant_that_the_gate_shows() -> None:
    person = waiting().having(fact("serum_hcg", "2026-04-06 08:00", "negative", resulted="2026-04-06 12:00"))
    gate = person.evaluation(NOW).planned_gate(Step.LYMPHODEPLETION)
    shown = next(finding for finding in gate.findings if finding.clause == "hcg_48h_ld") if gate else None
    (bar,) = [item for item in of(chart(person, NOW), Shape.VALID) if item.clause == "hcg_48h_ld"]
    assert shown
    assert bar.expires == shown.valid_until == at("2026-04-08 08:00")
    assert bar.end == at(CONDITIONED)
    assert (bar.outcome, bar.label) == ("stale", "valid until Wed 8 Apr 08:00, too old at the start")


def test_what_is_no_longer_valid_is_drawn_apart_from_what_is() -> None:
    person = waiting().having(fact("serum_hcg", "2026-04-06 08:00", "negative", resulted="2026-04-06 12:00"))
    made = chart(person, NOW)
    number = next(number for number, item in enumerate(made.items) if item.clause == "hcg_48h_ld")
    focus = draw(made, DESK, "en", "now").focus
    valid, over = [box for box in focus.sheet.boxes if box.item == number]
    assert (valid.is_over, over.is_over) == (False, True)
    assert valid.right == pytest.approx(over.x, abs=0.11)


def test_a_window_that_is_owed_stands_from_its_opening_to_the_planned_start() -> None:
    (window,) = of(chart(waiting(), NOW), Shape.WANTED)
    assert (window.start, window.end) == (at("2026-04-07 09:00"), at(CONDITIONED))
    assert (window.status, window.label) == ("open", "wanted now, until Thu 9 Apr 09:00")


def test_a_window_in_which_nothing_was_recorded_says_so() -> None:
    person = waiting().without("serum_hcg")
    (window,) = of(chart(person, NOW), Shape.ABSENT)
    assert (window.outcome, window.status) == ("missing", "open, nothing recorded")


def test_a_plan_that_moved_away_points_to_where_it_stands_now() -> None:
    moved = plan(Step.LYMPHODEPLETION, "2026-04-10 10:00", recorded="2026-04-07 08:00", version=2)
    made = chart(waiting().having(moved), NOW)
    (ghost,) = of(made, Shape.MOVED)
    assert (ghost.start, ghost.to) == (at(CONDITIONED), at("2026-04-10 10:00"))
    assert (ghost.label, ghost.status) == ("was Thu 9 Apr 09:00", "moved to Fri 10 Apr 10:00")
    (arrow,) = draw(made, DESK, "en", "now").focus.sheet.arrows
    assert arrow.x < arrow.to


def test_a_plan_that_was_cancelled_leads_nowhere() -> None:
    cancelled = plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-07 08:00", version=2, cancelled=True)
    (ghost,) = of(chart(waiting().having(cancelled), NOW), Shape.MOVED)
    assert (ghost.to, ghost.status) == (None, "plan cancelled")


def test_a_transfusion_that_stops_the_enrolment_says_from_when_it_no_longer_does() -> None:
    person = an_eligible_man().having(fact("transfusion", "2026-03-08 14:00"))
    (mark,) = of(chart(person, at("2026-03-09 10:00")), Shape.FAILED)
    assert mark.status == "Not met; earliest start Mon 16 Mar 00:00"


def test_an_infection_without_an_end_goes_on_beyond_the_present() -> None:
    person = collected(an_eligible_man()).having(fact("systemic_infection", "2026-04-07"))
    bars = [item for item in chart(person, NOW).items if item.lane == "about-systemic_infection" and item.is_open]
    assert [(bar.end, bar.when) for bar in bars] == [(NOW, "since Tue 7 Apr, no end recorded")]


def test_what_was_recorded_for_one_instant_is_one_mark_that_names_it_all() -> None:
    marks = [item for item in chart(an_eligible_man(), NOW).items if item.lane == "facts"]
    laboratory = next(item for item in marks if "ANC" in item.what)
    assert "Platelet count: 210 ×10⁹/L" in laboratory.what
    assert "entries" in laboratory.label


def test_the_focus_is_the_ten_days_around_now_and_around_the_end_once_there_was_one() -> None:
    assert chart(waiting(), NOW).focus == date(2026, 4, 5)
    person = waiting().having(fact("death", "2026-04-20 12:00"))
    assert chart(person, at("2026-06-01 09:00")).focus == date(2026, 4, 17)


def test_the_days_are_counted_from_the_infusion_with_a_proper_minus_sign() -> None:
    rows = rows_of(voice_of(waiting(), NOW), chart(infused(an_eligible_man()), at("2026-04-20 09:00")))
    days = {row.what: row.day for row in rows}
    assert days["Leukapheresis started"] == "−29"
    assert days["Infusion started"] == "0"
    assert days["Leukapheresis"] == "−29 to −5"


def test_before_an_infusion_is_planned_no_day_is_counted() -> None:
    made = chart(waiting(), NOW)
    assert made.days.zero is None
    assert {row.day for row in rows_of(voice_of(waiting(), NOW), made)} == {""}


def test_the_present_stands_among_the_rows_at_its_own_time() -> None:
    rows = rows_of(voice_of(waiting(), NOW), chart(waiting(), NOW))
    (place,) = [number for number, row in enumerate(rows) if row.number is None]
    assert all(row.at <= NOW for row in rows[:place])
    assert [row.what for row in rows[place + 1 :]] == ["Lymphodepletion", "First dose of lymphodepletion"]


def test_every_stage_ends_where_the_next_one_begins() -> None:
    stages = of(chart(infused(an_eligible_man()), at("2026-04-20 09:00")), Shape.STAGE)
    assert [stage.label for stage in stages] == [
        "Screening", "Enrolled", "Leukapheresis", "Lymphodepletion", "Infusion",
    ]  # fmt: skip
    assert all(one.end == other.start for one, other in pairwise(stages))
    assert stages[2].start == at(COLLECTED)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_journey_of_years_still_has_dates_above_it(language: str) -> None:
    now: datetime = at("2026-04-20 09:00") + timedelta(days=900)
    desk, phone = drawings(infused(an_eligible_man()), now, language)
    assert len(desk.overview.grid.heads) > 3
    assert len(phone.overview.grid.heads) > 1

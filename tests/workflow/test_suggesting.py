"""The earliest plan, and the nearest days that nothing forbids, where one can work them out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given

from tests.workflow.builders import (
    RELMA,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    enrolled,
    fact,
)
from tests.workflow.histories import instants, zones
from tests.workflow.searching import TEN, a_trial_with_gaps, searched, starts
from workflow.findings import Reason
from workflow.prospects import look_ahead
from workflow.site_calendar import TICK, SiteCalendar
from workflow.stages import Step
from workflow.suggesting import Search, Slots


def test_the_steps_follow_each_other_day_by_day_where_nothing_stands_against_it() -> None:
    found = starts(searched(collected(an_eligible_man()), "2026-04-06 10:00"), Step.LYMPHODEPLETION, Step.INFUSION)

    assert found == [at("2026-04-06 10:00"), at("2026-04-07 10:00")]


def test_the_search_begins_with_the_next_slot() -> None:
    found = starts(searched(collected(an_eligible_man()), "2026-04-06 10:01"), Step.LYMPHODEPLETION)

    assert found == [at("2026-04-07 10:00")]


def test_a_gap_that_the_protocol_asks_for_is_kept() -> None:
    search = searched(collected(an_eligible_man()), "2026-04-06 09:00", protocol=a_trial_with_gaps(3))

    assert starts(search, Step.LYMPHODEPLETION, Step.INFUSION) == [at("2026-04-06 10:00"), at("2026-04-10 10:00")]


def test_what_is_too_recent_is_waited_for() -> None:
    sick = enrolled(an_eligible_man()).having(
        fact("systemic_infection", "2026-03-10 08:00", until="2026-03-14", recorded="2026-03-15 08:00")
    )
    found = starts(searched(sick, "2026-03-16 09:00"), Step.LEUKAPHERESIS, Step.LYMPHODEPLETION)

    assert found == [at("2026-03-29 10:00"), at("2026-03-30 10:00")]


def test_nothing_is_suggested_where_a_known_result_stands_against_every_day() -> None:
    positive = collected(an_eligible_woman()).having(
        fact("serum_hcg", "2026-04-05 08:00", "positive", resulted="2026-04-05 12:00")
    )
    assert starts(searched(positive, "2026-04-06 09:00"), Step.LYMPHODEPLETION, Step.INFUSION) == []


def test_nothing_is_suggested_beyond_the_last_day_that_was_asked_about() -> None:
    person = collected(an_eligible_man())

    assert len(starts(searched(person, "2026-04-06 10:00", days=1), Step.LYMPHODEPLETION, Step.INFUSION)) == 2
    assert starts(searched(person, "2026-04-06 10:01", days=1), Step.LYMPHODEPLETION, Step.INFUSION) == []


def test_no_step_starts_before_whoever_asks_would_have_it_start() -> None:
    search = searched(
        collected(an_eligible_man()),
        "2026-04-06 09:00",
        lymphodepletion="2026-04-20 10:00",
        infusion="2026-04-20 10:01",
    )
    assert starts(search, Step.LYMPHODEPLETION, Step.INFUSION) == [at("2026-04-20 10:00"), at("2026-04-21 10:00")]


def test_of_plans_that_end_as_early_the_one_that_begins_first_is_suggested() -> None:
    search = searched(collected(an_eligible_man()), "2026-04-06 09:00", infusion="2026-04-20 10:00")

    assert starts(search, Step.LYMPHODEPLETION, Step.INFUSION) == [at("2026-04-06 10:00"), at("2026-04-20 10:00")]


def test_a_limit_that_is_over_already_changes_nothing() -> None:
    search = searched(collected(an_eligible_man()), "2026-04-06 09:00", lymphodepletion="2026-04-01 10:00")

    assert starts(search, Step.LYMPHODEPLETION) == [at("2026-04-06 10:00")]


def test_the_nearest_days_that_are_not_forbidden_lie_on_both_sides() -> None:
    sick = enrolled(an_eligible_man()).having(
        fact("systemic_infection", "2026-03-25 08:00", until="2026-03-25 20:00", recorded="2026-03-26 08:00")
    )
    search = searched(sick, "2026-03-20 09:00")
    wanted = at("2026-03-28 10:00")

    assert search.nearest_later(Step.LEUKAPHERESIS, wanted) == at("2026-04-09 10:00")
    assert search.nearest_earlier(Step.LEUKAPHERESIS, wanted) == at("2026-03-24 10:00")


def test_where_no_day_is_allowed_there_is_no_nearest_one() -> None:
    dead = collected(an_eligible_man()).having(fact("death", "2026-04-01 09:00"))
    search = searched(dead, "2026-04-06 09:00")

    assert search.nearest_later(Step.LYMPHODEPLETION, at("2026-04-10 10:00")) is None
    assert search.nearest_earlier(Step.LYMPHODEPLETION, at("2026-04-10 10:00")) is None


def test_what_stops_only_as_things_stand_forbids_no_day() -> None:
    held = collected(an_eligible_man()).having(fact("hold", "2026-04-01 09:00"))
    search = searched(held, "2026-04-06 10:00")
    wanted = at("2026-04-07 10:00")

    assert search.nearest_later(Step.LYMPHODEPLETION, wanted) == at("2026-04-08 10:00")
    assert search.nearest_earlier(Step.LYMPHODEPLETION, wanted) == at("2026-04-06 10:00")
    assert search.nearest_earlier(Step.LYMPHODEPLETION, at("2026-04-06 10:00")) is None


def test_the_nearest_later_day_is_looked_for_up_to_the_last_one_closed() -> None:
    search = searched(collected(an_eligible_man()), "2026-04-06 10:00", days=2)

    assert search.nearest_later(Step.LYMPHODEPLETION, at("2026-04-07 10:00")) == at("2026-04-08 10:00")
    assert search.nearest_later(Step.LYMPHODEPLETION, at("2026-04-08 10:00")) is None


def test_a_plan_before_it_counts_for_the_nearest_days() -> None:
    search = searched(collected(an_eligible_man()), "2026-04-06 09:00")
    planned = Search(
        search.protocol, search.timeline, search.slots, search.since, search.until,
        plans={Step.LYMPHODEPLETION: at("2026-04-12 15:00")},
    )  # fmt: skip

    assert planned.nearest_later(Step.INFUSION, at("2026-04-10 10:00")) == at("2026-04-13 10:00")
    assert planned.nearest_earlier(Step.INFUSION, at("2026-04-10 10:00")) is None
    assert look_ahead(RELMA, search.timeline, Step.INFUSION, at("2026-04-12 10:00"), planned.plans).forbids[
        0
    ].reason is (Reason.OUT_OF_ORDER)


@given(zones, instants)
def test_slots_are_the_days_at_one_time_of_the_clock(zone: ZoneInfo, instant: datetime) -> None:
    slots = Slots(SiteCalendar(zone), TEN)
    first, last = slots.first_from(instant), slots.last_until(instant)

    assert last <= instant <= first
    assert (first - last) <= timedelta(hours=25)
    assert {each.astimezone(zone).time() for each in (first, last)} == {TEN}
    assert (first.tzinfo, last.tzinfo) == (UTC, UTC)
    assert slots.first_from(first) == slots.last_until(first) == first
    assert slots.first_from(first + TICK) > first > slots.last_until(first - TICK)


def test_a_time_that_the_clock_skips_is_an_hour_later() -> None:
    berlin = Slots(SiteCalendar(ZoneInfo("Europe/Berlin")), time(2, 30))

    assert berlin.on(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

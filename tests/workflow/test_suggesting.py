"""The earliest plan is the one that trying every day would find, and no gate refuses it for a reason known before."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.workflow.builders import (
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    enrolled,
    fact,
)
from tests.workflow.histories import instants, people, zones
from workflow.evaluation import evaluate
from workflow.facts import Fact
from workflow.findings import Outcome, Reason
from workflow.prospects import look_ahead
from workflow.protocol import Protocol
from workflow.rules.absence import Absence
from workflow.site_calendar import TICK, SiteCalendar
from workflow.stages import Step
from workflow.suggesting import Search, Slots
from workflow.timeline import Timeline

TEN = time(10)
DAYS = 60
CHAIN = (Step.ENROL, Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION)


def searched(
    person: Person, since: str | datetime, *, days: int = DAYS, protocol: Protocol = RELMA, **more: str
) -> Search:
    """A search from an instant on, at ten o'clock; `more` is what is not to start before, by step."""
    begin = since if isinstance(since, datetime) else at(since, person.zone)
    slots = Slots(SiteCalendar(person.zone), TEN)
    not_before = {Step(name): at(when) for name, when in more.items()}
    return Search(protocol, person.timeline(), slots, begin, begin + timedelta(days=days), not_before)


def starts(search: Search, *steps: Step) -> list[datetime]:
    return [each.at for each in search.earliest(*steps)]


def a_trial_with_gaps(days: int) -> Protocol:
    """The same trial, where the infusion keeps so many days from the first dose, written as a look-back."""
    words = {
        "none": "lymphodepletion_started",
        "within": f"P{days}D before infusion",
        "looked_for_by": "infection_review",
    }
    changes = {"id": "gap", "gate": Step.INFUSION, "condition": Absence.model_validate(words), "owed": None}
    rule = RELMA.rule("no_transfusion_7d").model_copy(update=changes)
    # A copy would keep which rules guard which step, as it was once looked up.
    return Protocol.model_construct(
        **{name: getattr(RELMA, name) for name in Protocol.model_fields} | {"rules": (*RELMA.rules, rule)}
    )


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


def supposed(starts: dict[Step, datetime]) -> list[Fact]:
    """The starts and ends of steps, as they will be on record when all is kept."""
    return [
        Fact(f"kept {concept}", concept, instant, recorded_at=instant)
        for step, instant in starts.items()
        for concept in (RELMA.steps[step].starts, RELMA.steps[step].ends)
        if concept
    ]


def refused(protocol: Protocol, person: Person, kept: dict[Step, datetime], step: Step, when: datetime) -> bool:
    """Whether the gate itself, asked at that time after all before it took place, refuses for something known."""
    facts = (*person.facts, *supposed(kept))
    gate = evaluate(protocol, Timeline(person.timeline().subject, facts, person.zone), when).gates[step]
    return any(each.outcome is Outcome.FAIL and each.clause not in _owed_by(protocol, kept) for each in gate.findings)


def _owed_by(protocol: Protocol, kept: dict[Step, datetime]) -> set[str]:
    return {rule.id for step in kept for rule in protocol.rules_for(step)}


def by_trying(protocol: Protocol, person: Person, slots: list[datetime], steps: tuple[Step, ...]) -> list[datetime]:
    """The plan whose last step comes earliest, by trying every day for every step."""
    best: list[datetime] = []
    for days in product(slots, repeat=len(steps)):
        if any(later <= earlier for earlier, later in pairwise(days)):
            continue
        if best and (days[-1], *days[:-1]) >= (best[-1], *best[:-1]):
            continue
        kept: dict[Step, datetime] = {}
        for step, day in zip(steps, days, strict=True):
            if refused(protocol, person, kept, step, day):
                break
            kept[step] = day
        else:
            best = list(days)
    return best


@given(people(), instants, st.integers(1, 4), st.integers(0, 4))
def test_the_suggestion_is_what_trying_every_day_finds(person: Person, since: datetime, first: int, gap: int) -> None:
    protocol = a_trial_with_gaps(gap) if gap else RELMA
    steps = CHAIN[first - 1 :][:2] if first < 4 else CHAIN[3:]
    search = searched(person, since, days=8, protocol=protocol)
    slots = [slot for day in range(9) if (slot := search.slots.first_from(since + timedelta(days=day))) <= search.until]
    # Somebody whose journey waits for a step that is not looked for here is awaited, not refused.
    assume(not any(look_ahead(protocol, search.timeline, steps[0], slot, {}).awaited for slot in slots))

    assert starts(search, *steps) == by_trying(protocol, person, slots, steps)


@given(people(), instants)
def test_over_sixty_days_the_first_day_is_the_first_that_trying_finds(person: Person, since: datetime) -> None:
    search = searched(person, since)
    slots = [search.slots.first_from(since + timedelta(days=day)) for day in range(DAYS)]
    step = Step.LEUKAPHERESIS
    allowed = [slot for slot in slots if look_ahead(RELMA, search.timeline, step, slot, {}).allowed]

    assert starts(search, step)[:1] == allowed[:1] or starts(search, step)[0] > slots[-1]


@given(people(), instants)
def test_no_gate_refuses_what_was_suggested_for_a_reason_known_before(person: Person, since: datetime) -> None:
    search = searched(person, since, protocol=a_trial_with_gaps(2))
    first = next((step for step in CHAIN if not _begun(person, step)), Step.INFUSION)
    steps = CHAIN[CHAIN.index(first) :]
    suggested = search.earliest(*steps)
    assume(not any(found.awaited for found in suggested))

    kept: dict[Step, datetime] = {}
    for found in suggested:
        assert not refused(search.protocol, person, kept, found.step, found.at)
        kept[found.step] = found.at


def _begun(person: Person, step: Step) -> bool:
    return any(each.concept == RELMA.steps[step].starts for each in person.facts)


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

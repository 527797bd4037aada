"""The suggestion is what trying every day finds, and no gate refuses it for a reason known before."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from tests.workflow.builders import RELMA, Person
from tests.workflow.histories import instants, people
from tests.workflow.searching import CHAIN, DAYS, a_trial_with_gaps, searched, starts
from workflow.evaluation import evaluate
from workflow.facts import Fact
from workflow.findings import Outcome
from workflow.prospects import look_ahead
from workflow.protocol import Protocol
from workflow.stages import Step
from workflow.suggesting import Search
from workflow.timeline import Timeline


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
    """The plan whose last step comes earliest, by trying every day for every step; what ends later is not tried on."""
    best: list[datetime] = []

    def try_on(kept: dict[Step, datetime]) -> None:
        step = steps[len(kept)]
        for slot in slots:
            if best and slot >= best[-1]:
                return
            if any(slot <= earlier for earlier in kept.values()) or refused(protocol, person, kept, step, slot):
                continue
            if step is steps[-1]:
                best[:] = [*kept.values(), slot]
                return
            try_on({**kept, step: slot})

    try_on({})
    return best


def compare_with_trying(search: Search, person: Person, days: int, steps: tuple[Step, ...]) -> int:
    """The suggestion is what trying finds; how many steps that were. Somebody who waits for another step is left out.

    She is awaited by what is looked for here, not refused.
    """
    asked = [search.slots.first_from(search.since + timedelta(days=day)) for day in range(days + 1)]
    slots = [slot for slot in asked if slot <= search.until]
    assume(not any(look_ahead(search.protocol, search.timeline, steps[0], slot, {}).awaited for slot in slots))
    tried = by_trying(search.protocol, person, slots, steps)
    assert starts(search, *steps) == tried
    return len(tried)


chains = st.builds(lambda first, steps: CHAIN[first:][:steps], st.integers(0, 3), st.integers(1, 4))
pairs = st.integers(0, 2).map(lambda first: CHAIN[first:][:2])


@given(people(), instants, chains, st.integers(0, 4))
def test_the_suggestion_is_what_trying_every_day_finds(
    person: Person, since: datetime, steps: tuple[Step, ...], gap: int
) -> None:
    protocol = a_trial_with_gaps(gap) if gap else RELMA
    compare_with_trying(searched(person, since, days=8, protocol=protocol), person, 8, steps)


def test_over_sixty_days_the_suggestion_is_what_trying_finds() -> None:
    found: Counter[int] = Counter()

    # Somebody for whom there is no plan is asked about on every pair of sixty days: few examples, none made smaller.
    @settings(
        max_examples=max(10, settings.default.max_examples // 40),  # type: ignore[union-attr]
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )
    @given(people(), instants, pairs, st.integers(0, 20))
    def compared(person: Person, since: datetime, steps: tuple[Step, ...], gap: int) -> None:
        protocol = a_trial_with_gaps(gap) if gap else RELMA
        found[compare_with_trying(searched(person, since, protocol=protocol), person, DAYS, steps)] += 1

    compared()
    # A property over people for whom there is never a plan would hold of anything.
    assert found[2]


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

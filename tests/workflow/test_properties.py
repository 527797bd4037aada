"""What holds of every history: answers keep until they say so, and only what is known plays a part."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.builders import ENROLLED, RELMA, Person, an_eligible_man, at
from tests.workflow.histories import instants, people
from workflow.answers import Evaluation
from workflow.evaluation import evaluate
from workflow.site_calendar import TICK
from workflow.timeline import Timeline

shares = st.fractions(min_value=0, max_value=1)


def instants_before_the_change(evaluation: Evaluation, share: float) -> list[datetime]:
    """Three instants from which the same answer is promised: the last one, one between, one soon."""
    end = evaluation.changes_at or evaluation.as_of + timedelta(days=4000)
    length = end - evaluation.as_of
    return [end - TICK, evaluation.as_of + (length - TICK) * share, min(end - TICK, evaluation.as_of + TICK)]


@given(people(), instants, shares.map(float))
def test_the_answer_is_the_same_until_the_instant_at_which_it_says_it_changes(
    person: Person, as_of: datetime, share: float
) -> None:
    evaluation = person.evaluation(as_of)

    assert evaluation.changes_at is None or evaluation.changes_at > as_of
    for instant in instants_before_the_change(evaluation, share):
        assert person.evaluation(instant) == evaluation


@given(people())
def test_walking_from_change_to_change_ends_after_few_instants(person: Person) -> None:
    visited = 0
    evaluation = person.evaluation("2026-01-01 00:00")
    while evaluation.changes_at is not None:
        visited += 1
        # Each fact begins, is out, ends and leaves a few windows; each birthday and each rung is one more.
        assert visited <= 20 + 8 * len(person.facts)
        evaluation = person.evaluation(evaluation.changes_at)

    assert person.evaluation("2099-01-01 00:00") == evaluation


@given(people(), instants, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_plays_no_part(person: Person, as_of: datetime, chance: random.Random) -> None:
    shuffled = list(person.facts)
    chance.shuffle(shuffled)
    evaluation, other = (each.evaluation(as_of) for each in (person, replace(person, facts=tuple(shuffled))))

    assert other == evaluation
    assert other.changes_at == evaluation.changes_at


@given(people(), instants, instants)
def test_what_was_known_then_is_never_touched_by_what_is_recorded_later(
    person: Person, as_of: datetime, known: datetime
) -> None:
    strictly = replace(person, facts=tuple(entry for entry in person.facts if entry.recorded_at < known))
    inclusively = replace(person, facts=tuple(entry for entry in person.facts if entry.recorded_at <= known))

    assert evaluate(RELMA, person.timeline().known_before(known), as_of) == strictly.evaluation(as_of)
    assert evaluate(RELMA, person.timeline().known_at(known), as_of) == inclusively.evaluation(as_of)


@given(people(), instants, instants)
def test_cuts_of_knowledge_nest(person: Person, one: datetime, other: datetime) -> None:
    def known(timeline: Timeline) -> tuple[object, ...]:
        return timeline.every_version

    timeline = person.timeline()

    assert known(timeline.known_at(one).known_at(other)) == known(timeline.known_at(min(one, other)))
    assert set(known(timeline.known_before(one))) <= set(known(timeline.known_at(one)))
    assert known(timeline.known_before(one + TICK)) == known(timeline.known_at(one))


@given(people(), instants)
def test_each_obligation_is_told_once_per_occurrence(person: Person, as_of: datetime) -> None:
    deadlines = person.evaluation(as_of).deadlines
    named = [(deadline.clause, deadline.occurrence) for deadline in deadlines]

    assert len(set(named)) == len(named)


@given(people(), instants)
def test_a_rung_is_due_and_only_while_something_is_owed(person: Person, as_of: datetime) -> None:
    known = person.timeline().known_at(as_of)

    for deadline in evaluate(RELMA, known, as_of).deadlines:
        if deadline.rung:
            assert deadline.status.is_owed
            assert deadline.rung.fires_at <= as_of


@given(people(), instants)
def test_every_finding_that_stops_a_step_says_what_would_clear_it(person: Person, as_of: datetime) -> None:
    evaluation = person.evaluation(as_of)
    gates = [*evaluation.gates.values(), *evaluation.planned, *evaluation.passed]

    assert [finding for gate in gates for finding in gate.blocking if finding.clearing is None] == []


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = at(ENROLLED).replace(tzinfo=None)

    with pytest.raises(ValueError, match="aware"):
        an_eligible_man().evaluation(naive)

"""An episode begins with the first consent after a screen failure: what lies before it does not count any more."""

import pytest

from tests.workflow.asking import told
from tests.workflow.builders import (
    CONSENTED,
    ENROLLED,
    MEASURED,
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    enrolled,
    fact,
    plan,
)  # fmt: skip
from workflow.context import Context, Horizon
from workflow.findings import Outcome
from workflow.rules.happened import Happened
from workflow.stages import Step

MAN, WOMAN = an_eligible_man(), an_eligible_woman()
FAILED, AGAIN = fact("screen_failed", "2026-04-12 09:00"), fact("consent", "2026-05-04 09:00")
WHEN = "2026-05-05 09:00"
POSITIVE = fact("serum_hcg", MEASURED, "positive", key="positive")


def screened_again(person: Person) -> Person:
    return person.having(FAILED, AGAIN)


def test_steps_of_an_earlier_episode_were_taken_in_that_one_alone() -> None:
    before = collected(MAN).evaluation(WHEN)
    after = screened_again(collected(MAN)).evaluation(WHEN)

    assert [gate.step for gate in before.passed] == [Step.ENROL, Step.LEUKAPHERESIS]
    assert (before.gates[Step.ENROL].occurrence, after.gates[Step.ENROL].occurrence) == (2, 1)
    assert (after.passed, after.next_step) == ((), Step.ENROL)


def test_a_plan_of_an_earlier_episode_is_used_up_and_one_of_this_episode_is_its_first() -> None:
    earlier = screened_again(enrolled(MAN).having(plan(Step.LEUKAPHERESIS, "2026-06-01 09:00", recorded=ENROLLED)))
    now = screened_again(enrolled(MAN)).having(plan(Step.ENROL, "2026-06-01 09:00", recorded="2026-05-04 10:00"))

    assert earlier.evaluation(WHEN).planned == ()
    assert [(gate.step, gate.occurrence) for gate in now.evaluation(WHEN).planned] == [(Step.ENROL, 1)]


def test_an_alarm_of_an_earlier_episode_has_ended_with_it() -> None:
    alarmed = WOMAN.having(POSITIVE)

    assert alarmed.evaluation(WHEN).deadline("serum_hcg_review") is not None
    assert screened_again(alarmed).evaluation(WHEN).deadline("serum_hcg_review") is None


def test_the_product_of_an_earlier_episode_is_not_this_ones() -> None:
    assert collected(MAN).evaluation(WHEN).product is not None
    assert screened_again(collected(MAN)).evaluation(WHEN).product is None
    assert collected(MAN).evaluation(WHEN, RELMA.model_copy(update={"product": None})).product is None


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-05-04 09:00", True),
        ("2026-05-04 08:59:59.999999", False),
        ("2026-05-04", True),  # at some time of the day of the consent
        ("2026-05-03", False),
    ],
)
def test_what_is_of_the_instant_or_the_day_of_the_consent_counts_in_its_episode(when: str, counts: bool) -> None:
    entry = fact("serum_hcg", when, "negative")
    person = screened_again(MAN).having(entry)
    context = Context(RELMA, person.timeline(), Horizon(at(WHEN)))

    assert list(context.in_episode("serum_hcg")) == [entry] * counts
    assert context.latest("serum_hcg") == (entry if counts else None)
    assert context.facts("serum_hcg") == [entry]


def test_history_that_carries_over_counts_in_every_episode_latest_first() -> None:
    old, new = fact("transfusion", "2025-12-01"), fact("transfusion", MEASURED)
    context = Context(RELMA, screened_again(MAN).having(new, old).timeline(), Horizon(at(WHEN)))

    assert list(context.in_episode("transfusion")) == [new, old]
    assert context.latest("transfusion") == new


def test_a_consent_at_the_very_instant_of_the_failure_begins_the_next_episode() -> None:
    at_once = MAN.having(FAILED, fact("consent", "2026-04-12 09:00"))
    start = Context(RELMA, at_once.timeline(), Horizon(at(WHEN))).episode_start

    assert start == at("2026-04-12 09:00")
    assert Context(RELMA, MAN.having(FAILED).timeline(), Horizon(at(WHEN))).episode_start is None
    assert Context(RELMA, MAN.timeline(), Horizon(at(WHEN))).episode_start == at(CONSENTED)


def test_what_undid_an_event_before_it_could_count_undoes_nothing() -> None:
    rule = Happened.model_validate(
        {"event": "product_released", "since": "leukapheresis_started", "later_than_any": ["manufacturing_failed"]}
    )
    again = collected(MAN).having(fact("leukapheresis_started", "2026-05-01 09:00"))

    def outcome(failed: str) -> Outcome:
        return told(rule, again.having(fact("manufacturing_failed", failed)), WHEN).outcome

    assert outcome("2026-04-30 09:00") is Outcome.MISSING
    assert outcome("2026-05-01 09:00") is Outcome.FAIL

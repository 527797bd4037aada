"""The product: where it stands, which steps wait for it, and when it needs somebody's decision."""

import pytest

from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    INFUSED,
    RELEASED,
    RELMA,
    Person,
    an_eligible_man,
    collected,
    conditioned,
    enrolled,
    fact,
    later,
    withdrawn,
)
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.facts import Fact
from workflow.findings import Outcome
from workflow.product import PRODUCT
from workflow.stages import Step

MAN = collected(an_eligible_man())
UNRELEASED = MAN.without("product_released")
FAILED = fact("manufacturing_failed", "2026-03-30 12:00")
OUTSIDE = fact("product_out_of_specification", "2026-04-07 09:00")
ACCEPTED = fact("product_accepted", "2026-04-08 09:00")
COLLECTED_AGAIN = (
    fact("leukapheresis_started", "2026-04-10 09:00"), fact("leukapheresis_completed", "2026-04-10 13:00")
)  # fmt: skip
WAITS = {"product_for_ld": Outcome.MISSING}


def state(person: Person, when: str) -> str | None:
    product = person.evaluation(when).product
    return product.state if product else None


def decisions(person: Person, when: str) -> list[Deadline]:
    return [deadline for deadline in person.evaluation(when).deadlines if deadline.clause == PRODUCT]


def test_it_goes_through_its_states_each_from_the_event_that_begins_it() -> None:
    person = UNRELEASED.having(fact("manufacturing_started", "2026-03-18 09:00"), fact("product_released", RELEASED))

    assert state(enrolled(an_eligible_man()), COLLECTED) is None
    assert state(person, later(COLLECTED, hours=3)) is None
    assert state(person, later(COLLECTED, hours=4)) == "collected"
    assert state(person, "2026-03-18 09:00") == "in_process"
    assert state(person, RELEASED) == "released"
    assert state(person.having(OUTSIDE), "2026-04-07 09:00") == "out_of_specification"
    assert state(person.having(OUTSIDE, ACCEPTED), "2026-04-08 09:00") == "accepted"
    assert state(UNRELEASED.having(FAILED), "2026-03-30 12:00") == "failed"


def test_a_second_collection_begins_again() -> None:
    person = MAN.having(*COLLECTED_AGAIN)

    assert state(person, "2026-04-10 13:00") == "collected"
    assert person.blocked(Step.LYMPHODEPLETION, "2026-04-12 09:00") == WAITS
    assert person.having(fact("product_released", "2026-04-11 09:00")).gate(
        Step.LYMPHODEPLETION, "2026-04-12 09:00"
    ).allowed  # fmt: skip


def test_lymphodepletion_waits_for_the_release() -> None:
    assert UNRELEASED.blocked(Step.LYMPHODEPLETION, CONDITIONED) == WAITS
    assert MAN.blocked(Step.LYMPHODEPLETION, "2026-04-03 09:59:59") == WAITS
    assert MAN.gate(Step.LYMPHODEPLETION, RELEASED).allowed


def test_a_product_out_of_specification_stops_the_next_step_until_the_investigator_accepts_it() -> None:
    assert MAN.having(OUTSIDE).blocked(Step.LYMPHODEPLETION, CONDITIONED) == {"product_for_ld": Outcome.FAIL}
    assert MAN.having(OUTSIDE, ACCEPTED).gate(Step.LYMPHODEPLETION, CONDITIONED).allowed


def test_what_puts_it_out_of_specification_after_the_first_dose_stops_the_infusion() -> None:
    found = fact("product_out_of_specification", "2026-04-13 09:00")
    person = conditioned(an_eligible_man()).having(found)

    assert person.blocked(Step.INFUSION, INFUSED) == {"product_for_infusion": Outcome.FAIL}
    assert person.having(fact("product_accepted", "2026-04-13 15:00")).gate(Step.INFUSION, INFUSED).allowed


def test_an_acceptance_does_not_serve_what_is_found_after_it() -> None:
    again = fact("product_out_of_specification", "2026-04-08 15:00")

    assert MAN.having(OUTSIDE, ACCEPTED, again).blocked(Step.LYMPHODEPLETION, CONDITIONED) == {
        "product_for_ld": Outcome.FAIL
    }


def test_found_late_it_invalidates_the_lymphodepletion_that_was_started_with_it() -> None:
    late = fact("product_out_of_specification", "2026-04-07 09:00", recorded="2026-04-10 09:00")
    deadline = conditioned(an_eligible_man()).having(late).evaluation("2026-04-10 09:00").deadline("product_for_ld")

    assert deadline is not None
    assert deadline.status is DeadlineStatus.ELIGIBILITY_INVALIDATED


@pytest.mark.parametrize("trouble", [FAILED, OUTSIDE], ids=["failed", "out of specification"])
def test_a_product_that_fails_is_told_at_once_to_those_who_decide(trouble: Fact) -> None:
    (told,) = decisions(UNRELEASED.having(trouble), CONDITIONED)

    assert (told.status, told.occurrence, told.raised_at) == (DeadlineStatus.OPEN, 1, trouble.recorded_at)
    assert told.rung is not None
    assert (told.rung.urgent, told.rung.fires_at) == (True, trouble.recorded_at)
    assert set(told.rung.tell) == {"pi", "crc", "cell_lab", "sponsor"}
    assert RELMA.heading(PRODUCT).label_zh == "产品需要处理决定"
    assert RELMA.basis_of(PRODUCT) == "site practice"


def test_the_decision_is_open_until_the_product_is_in_another_state() -> None:
    accepted = decisions(MAN.having(OUTSIDE, ACCEPTED), CONDITIONED)
    collected_again = decisions(UNRELEASED.having(FAILED, *COLLECTED_AGAIN), "2026-04-10 13:00")

    assert [(each.status, each.rung) for each in accepted] == [(DeadlineStatus.MET, None)]
    assert [each.status for each in collected_again] == [DeadlineStatus.MET]
    assert decisions(MAN.having(OUTSIDE, withdrawn(OUTSIDE, "2026-04-07 10:00")), CONDITIONED) == []


def test_one_that_is_recorded_late_renumbers_none() -> None:
    first = MAN.having(OUTSIDE)
    earlier = fact("product_out_of_specification", "2026-04-05 09:00", recorded="2026-04-08 12:00")

    assert [(each.occurrence, each.status) for each in decisions(first.having(earlier), CONDITIONED)] == [
        (1, DeadlineStatus.OPEN),
        (2, DeadlineStatus.MET),
    ]

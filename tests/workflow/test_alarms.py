"""Alarms: test results that need a decision whenever they come, and plans whose time passes without an answer."""

import pytest

from tests.workflow.builders import (
    CONDITIONED,
    ENROLLED,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    fact,
    later,
    plan,
    withdrawn,
)
from workflow.deadlines import Deadline, DeadlineStatus, Rung
from workflow.stages import Step

WOMAN = an_eligible_woman()
REVIEW = "serum_hcg_review"


def alarms(person: Person, when: str, clause: str = REVIEW) -> list[Deadline]:
    return [deadline for deadline in person.evaluation(when).deadlines if deadline.clause == clause]


@pytest.mark.parametrize("value", ["positive", "indeterminate", "rejected"])
def test_a_result_that_needs_a_decision_is_told_at_once_from_screening_on(value: str) -> None:
    person = WOMAN.having(
        fact("serum_hcg", "2026-03-06 08:00", value, resulted="2026-03-06 11:00", recorded="2026-03-06 11:20")
    )
    (alarm,) = alarms(person, "2026-03-06 11:20")

    assert alarm.status is DeadlineStatus.OPEN
    assert alarm.raised_at == at("2026-03-06 11:20")
    assert alarm.rung == Rung(
        "review", at("2026-03-06 11:20"), ("pi", "sub_i", "crc", "pharmacist"), urgent=True,
        say="A laboratory entry needs your decision now. Open the participant.",
        say_zh="一项实验室记录需要立即处理。请打开受试者页面。",
    )  # fmt: skip


@pytest.mark.parametrize("value", ["negative", None])
def test_a_negative_result_and_a_sample_without_one_tell_nobody(value: str | None) -> None:
    assert alarms(WOMAN.having(fact("serum_hcg", "2026-03-06 08:00", value)), "2026-03-06 12:00") == []


def test_it_is_told_when_the_result_is_out_and_not_before() -> None:
    person = WOMAN.having(fact("serum_hcg", "2026-03-06 08:00", "positive", resulted="2026-03-06 11:00"))

    assert alarms(person, "2026-03-06 10:59:59") == []
    assert len(alarms(person, "2026-03-06 11:00")) == 1


def test_a_later_negative_result_settles_it_and_a_later_sample_alone_does_not() -> None:
    positive = WOMAN.having(fact("serum_hcg", "2026-03-06 08:00", "positive"))
    drawn = positive.having(fact("serum_hcg", "2026-03-08 08:00", None))
    negative = positive.having(fact("serum_hcg", "2026-03-08 08:00", "negative"))

    assert [alarm.status for alarm in alarms(drawn, ENROLLED)] == [DeadlineStatus.OPEN]
    assert [(alarm.status, alarm.rung) for alarm in alarms(negative, ENROLLED)] == [(DeadlineStatus.MET, None)]


def test_each_such_result_is_an_alarm_of_its_own_and_only_the_latest_is_open() -> None:
    twice = WOMAN.having(
        fact("serum_hcg", "2026-03-06 08:00", "indeterminate"), fact("serum_hcg", "2026-03-08 08:00", "positive")
    )

    assert [(alarm.occurrence, alarm.status) for alarm in alarms(twice, ENROLLED)] == [
        (1, DeadlineStatus.MET),
        (2, DeadlineStatus.OPEN),
    ]


def test_a_result_entered_in_error_tells_nobody_any_more() -> None:
    entry = fact("serum_hcg", "2026-03-06 08:00", "positive")

    assert alarms(WOMAN.having(entry, withdrawn(entry, "2026-03-06 12:00")), ENROLLED) == []


def test_after_the_end_an_open_alarm_is_cancelled() -> None:
    person = WOMAN.having(fact("serum_hcg", "2026-03-06 08:00", "positive"), fact("screen_failed", "2026-03-07 08:00"))

    assert [(alarm.status, alarm.rung) for alarm in alarms(person, ENROLLED)] == [(DeadlineStatus.CANCELLED, None)]


# Plans

PLANNED = collected(an_eligible_man()).having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-02 10:00"))
UNANSWERED = "plan_lymphodepletion"


def test_one_hour_after_its_time_a_plan_without_its_step_is_owed_an_answer() -> None:
    due = later(CONDITIONED, hours=1)
    (alarm,) = alarms(PLANNED, due, UNANSWERED)

    assert alarms(PLANNED, later(CONDITIONED, minutes=59), UNANSWERED) == []
    assert (alarm.status, alarm.occurrence) == (DeadlineStatus.OVERDUE, 1)
    assert (alarm.opens_at, alarm.due_at) == (at(CONDITIONED), at(due))
    assert alarm.rung is not None
    assert (alarm.rung.fires_at, set(alarm.rung.tell)) == (at(due), {"crc", "ward_nurse"})


@pytest.mark.parametrize(
    "answered",
    [
        conditioned(PLANNED),
        PLANNED.having(plan(Step.LYMPHODEPLETION, "2026-04-12 09:00", recorded="2026-04-09 09:30", version=2)),
        PLANNED.having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-09 09:30", version=2, cancelled=True)),
        PLANNED.having(fact("consent_withdrawn", "2026-04-09 08:00")),
    ],
    ids=["started", "moved", "cancelled", "ended"],
)
def test_starting_moving_or_cancelling_it_answers_and_so_does_the_end(answered: Person) -> None:
    assert alarms(answered, later(CONDITIONED, hours=2), UNANSWERED) == []

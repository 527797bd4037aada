"""The ladder before the first dose: which rung is due at each instant, and what silences it."""

from datetime import datetime

import pytest

from tests.workflow.builders import (
    CONDITIONED,
    SHANGHAI,
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
)  # fmt: skip
from workflow.context import Horizon
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.findings import Outcome
from workflow.reminders import Reminder, newest_rung
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step

DOSE = CONDITIONED
PLANNED_ON = "2026-04-02 10:00"
PLANNED = collected(an_eligible_woman()).having(plan(Step.LYMPHODEPLETION, DOSE, recorded=PLANNED_ON))


def owed(person: Person, when: str | datetime) -> Deadline:
    deadline = person.evaluation(when).deadline("hcg_48h_ld")
    assert deadline is not None
    return deadline


def rung(person: Person, when: str | datetime) -> str | None:
    due = owed(person, when).rung
    return due.name if due else None


def before_dose(**length: int) -> str:
    return later(DOSE, **{unit: -number for unit, number in length.items()})


@pytest.mark.parametrize(
    ("hours", "name", "urgent", "told"),
    [
        (72, "order_test", False, {"crc"}),
        (48, "window_open", False, {"crc", "ward_nurse"}),
        (24, "no_sample", True, {"crc", "ward_nurse", "sub_i"}),
        (6, "no_result", True, {"crc", "sub_i", "pi", "pharmacist"}),
        (0, "blocked", True, {"crc", "sub_i", "pi", "pharmacist", "ward_nurse"}),
    ],
)
def test_each_rung_is_due_at_its_hours_before_the_dose_to_the_second(
    hours: int, name: str, urgent: bool, told: set[str]
) -> None:
    instant = before_dose(hours=hours)
    due = owed(PLANNED, instant).rung

    assert due is not None
    assert (due.name, due.urgent, set(due.tell), due.fires_at) == (name, urgent, told, at(instant))
    assert rung(PLANNED, f"{before_dose(hours=hours, minutes=1)}:59") != name


def test_before_the_first_rung_nobody_is_told_and_the_answer_says_when_that_changes() -> None:
    evaluation = PLANNED.evaluation("2026-04-03 10:00")

    assert rung(PLANNED, "2026-04-03 10:00") is None
    assert evaluation.changes_at == at(before_dose(hours=72))


def test_walking_the_ladder_visits_every_rung_once_and_then_the_dose() -> None:
    seen: list[str | None] = []
    instant = at("2026-04-03 10:00")
    while (following := PLANNED.evaluation(instant).changes_at) is not None and len(seen) < 20:
        instant = following
        seen.append(rung(PLANNED, instant))

    assert list(dict.fromkeys(seen)) == ["order_test", "window_open", "no_sample", "no_result", "blocked"]


@pytest.mark.parametrize(
    ("when", "status"),
    [
        ("2026-04-07 08:59:59", DeadlineStatus.UPCOMING),
        ("2026-04-07 09:00", DeadlineStatus.OPEN),
        ("2026-04-09 09:00", DeadlineStatus.OPEN),
        ("2026-04-09 09:00:01", DeadlineStatus.OVERDUE),
    ],
)
def test_the_window_is_open_from_48_hours_before_the_dose_through_its_very_instant(
    when: str, status: DeadlineStatus
) -> None:
    deadline = owed(PLANNED, when)

    assert deadline.status is status
    assert (deadline.opens_at, deadline.due_at) == (at(before_dose(hours=48)), at(DOSE))


def test_a_sample_without_its_result_silences_the_call_for_a_sample_and_not_the_call_for_a_result() -> None:
    waiting = PLANNED.having(fact("serum_hcg", before_dose(hours=30), None))

    assert rung(waiting, before_dose(hours=29)) is None
    assert rung(waiting, before_dose(hours=24)) is None
    assert rung(waiting, before_dose(hours=6)) == "no_result"
    assert owed(waiting, before_dose(hours=6)).status is DeadlineStatus.OPEN


def test_a_negative_result_ends_the_ladder_and_says_how_long_it_serves() -> None:
    sample = fact("serum_hcg", before_dose(hours=30), "negative", resulted=before_dose(hours=26))
    deadline = owed(PLANNED.having(sample), before_dose(hours=26))

    assert deadline.status is DeadlineStatus.MET
    assert deadline.rung is None
    assert deadline.valid_until == at(later(DOSE, hours=18))


def test_a_result_that_is_withdrawn_wakes_the_ladder_again() -> None:
    sample = fact("serum_hcg", before_dose(hours=30), "negative")
    withdrawn_again = PLANNED.having(sample, withdrawn(sample, before_dose(hours=20)))

    assert rung(withdrawn_again, before_dose(hours=20)) == "no_sample"


def test_a_positive_result_is_owed_an_answer_by_the_urgent_rungs_only() -> None:
    positive = PLANNED.having(fact("serum_hcg", before_dose(hours=40), "positive"))

    assert rung(positive, before_dose(hours=24)) is None
    assert rung(positive, before_dose(hours=6)) == "no_result"
    assert rung(positive, DOSE) == "blocked"


@pytest.mark.parametrize(
    ("recorded", "name"),
    [
        (before_dose(hours=60), "order_test"),
        (before_dose(hours=13), "no_sample"),
        (before_dose(hours=1), "no_result"),
        (later(DOSE, hours=1), "blocked"),
    ],
)
def test_a_plan_made_inside_the_ladder_gives_the_newest_rung_at_once(recorded: str, name: str) -> None:
    late = collected(an_eligible_woman()).having(plan(Step.LYMPHODEPLETION, DOSE, recorded=recorded))

    assert rung(late, recorded) == name


def test_moving_the_plan_moves_the_whole_ladder_with_it() -> None:
    moved = PLANNED.having(plan(Step.LYMPHODEPLETION, "2026-04-12 09:00", recorded="2026-04-08 10:00", version=2))

    assert rung(moved, "2026-04-09 08:59") is None
    assert rung(moved, "2026-04-09 09:00") == "order_test"
    assert owed(moved, "2026-04-09 09:00").due_at == at("2026-04-12 09:00")


def test_moving_the_plan_beyond_the_reach_of_a_negative_test_owes_it_again() -> None:
    tested = PLANNED.having(fact("serum_hcg", "2026-04-07 10:00", "negative"))
    within = tested.having(plan(Step.LYMPHODEPLETION, "2026-04-09 10:00", recorded="2026-04-08 10:00", version=2))
    beyond = tested.having(plan(Step.LYMPHODEPLETION, "2026-04-09 10:01", recorded="2026-04-08 10:00", version=2))

    assert owed(within, "2026-04-08 10:00").status is DeadlineStatus.MET
    assert owed(beyond, "2026-04-08 10:00").status is DeadlineStatus.OPEN
    assert rung(beyond, "2026-04-08 10:01") == "no_sample"


def test_of_several_plans_the_one_made_last_counts_however_early_it_is() -> None:
    sooner = plan(Step.LYMPHODEPLETION, "2026-04-07 09:00", recorded="2026-04-03 10:00", key="another plan")

    assert owed(PLANNED.having(sooner), "2026-04-03 10:00").due_at == at("2026-04-07 09:00")


def test_a_sample_that_is_charted_ahead_serves_the_plan_only_once_it_is_drawn() -> None:
    ahead = PLANNED.having(fact("serum_hcg", before_dose(hours=30), "negative", recorded="2026-04-07 10:00"))

    assert owed(ahead, before_dose(hours=31)).status is DeadlineStatus.OPEN
    assert owed(ahead, before_dose(hours=30)).status is DeadlineStatus.MET


def test_cancelling_the_plan_leaves_an_obligation_without_times() -> None:
    cancelled = PLANNED.having(plan(Step.LYMPHODEPLETION, DOSE, recorded="2026-04-08 10:00", version=2, cancelled=True))
    deadline = owed(cancelled, "2026-04-08 10:00")

    assert deadline == Deadline("hcg_48h_ld", 1, DeadlineStatus.UPCOMING)
    assert cancelled.evaluation("2026-04-08 10:00").planned == ()


def test_a_man_owes_nothing_before_the_first_dose() -> None:
    man = collected(an_eligible_man())
    planned = man.having(plan(Step.LYMPHODEPLETION, DOSE, recorded=PLANNED_ON))

    assert owed(man, DOSE).status is DeadlineStatus.NOT_APPLICABLE
    assert owed(planned, DOSE).status is DeadlineStatus.NOT_APPLICABLE


def test_a_second_course_needs_a_test_of_its_own() -> None:
    tested = fact("serum_hcg", "2026-04-08 09:00", "negative")
    again = "2026-04-20 09:00"
    second = conditioned(PLANNED).having(
        tested,
        fact("infusion_cancelled", "2026-04-14 09:00"),
        plan(Step.LYMPHODEPLETION, again, recorded="2026-04-14 12:00", key="the second plan"),
    )
    deadlines = [d for d in second.evaluation("2026-04-19 10:00").deadlines if d.clause == "hcg_48h_ld"]

    assert [(d.occurrence, d.status) for d in deadlines] == [(1, DeadlineStatus.MET), (2, DeadlineStatus.OPEN)]
    assert deadlines[1].rung is not None
    assert deadlines[1].rung.name == "no_sample"
    assert second.blocked(Step.LYMPHODEPLETION, again) == {"hcg_48h_ld": Outcome.STALE}


def test_a_plan_recorded_before_the_last_start_has_been_used_up() -> None:
    evaluation = conditioned(PLANNED).evaluation("2026-04-13 10:00")

    assert evaluation.planned_gate(Step.LYMPHODEPLETION) is None
    assert [d.occurrence for d in evaluation.deadlines if d.clause == "hcg_48h_ld"] == [1]


def test_a_plan_recorded_at_the_very_start_is_the_plan_of_that_start() -> None:
    at_the_start = plan(Step.LYMPHODEPLETION, CONDITIONED, recorded=CONDITIONED, version=2)

    assert conditioned(PLANNED).having(at_the_start).evaluation("2026-04-10 10:00").planned == ()


def test_starting_early_uses_up_the_plan_for_later() -> None:
    early = collected(PLANNED).having(fact("lymphodepletion_started", "2026-04-08 09:00"))

    assert early.evaluation("2026-04-08 12:00").planned_gate(Step.LYMPHODEPLETION) is None


def test_what_is_told_names_whom_to_tell_when_nobody_answers() -> None:
    escalations = {
        name: (due.escalates_to, str(due.escalates_after))
        for hours, name in ((72, "order_test"), (48, "window_open"), (24, "no_sample"))
        if (due := owed(PLANNED, before_dose(hours=hours)).rung)
    }

    assert escalations == {
        "order_test": (("sub_i",), "PT12H"), "window_open": (("sub_i",), "PT8H"), "no_sample": (("pi",), "PT2H")
    }  # fmt: skip


def test_of_two_reminders_due_at_one_instant_the_first_in_the_file_is_told() -> None:
    words = {"tell": ["crc"], "say": "Soon.", "say_zh": "即将。"}
    reminders = [
        Reminder.model_validate({"name": name, "before_due": before, **words})
        for name, before in (("day", "PT24H"), ("same_day", "P1D"), ("earlier", "PT48H"))
    ]
    rung = newest_rung(reminders, at(DOSE), at(PLANNED_ON), Horizon(at(DOSE)), SiteCalendar(SHANGHAI))

    assert rung is not None
    assert rung.name == "day"

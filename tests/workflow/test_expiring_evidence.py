"""Evidence for the next step warns before it expires, and when it does, unless a plan's own reminders watch over it."""

from tests.workflow.builders import (
    COLLECTED,
    CONSENTED,
    MEASURED,
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    enrolled,
    fact,
    later,
    plan,
)
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.reminders import Reminder
from workflow.site_calendar import TICK
from workflow.stages import Step

WOMAN = an_eligible_woman()
LAST_DAY_ENDS = at("2026-03-12 00:00") - TICK
"""A sample of 4 March serves an enrolment through 11 March: seven calendar days before it."""

ENROLMENT, DOSE = "expiring_hcg_7d_enrol", "expiring_hcg_48h_ld"
SAMPLE = fact("serum_hcg", "2026-04-08 08:00", "negative", resulted="2026-04-08 11:00")


def expiring(person: Person, when: str) -> list[Deadline]:
    return [deadline for deadline in person.evaluation(when).deadlines if deadline.clause.startswith("expiring_")]


def rung(person: Person, when: str) -> str:
    (deadline,) = expiring(person, when)
    return deadline.rung.name if deadline.rung else ""


def test_it_warns_a_day_before_the_last_start_and_when_that_has_passed() -> None:
    (deadline,) = expiring(WOMAN, "2026-03-05 09:00")

    assert deadline == Deadline(
        ENROLMENT, 1, DeadlineStatus.OPEN, due_at=LAST_DAY_ENDS,
        finding=WOMAN.finding("hcg_7d_enrol", "2026-03-05 09:00"),
    )  # fmt: skip
    assert rung(WOMAN, "2026-03-10 23:59") == ""
    assert rung(WOMAN, "2026-03-11 00:00") == "expiring"
    assert rung(WOMAN, "2026-03-12 00:00") == "expired"
    assert expiring(WOMAN, "2026-03-12 00:00")[0].status is DeadlineStatus.OVERDUE


def test_the_instant_of_the_warning_is_known_beforehand() -> None:
    assert WOMAN.evaluation("2026-03-10 20:00").changes_at <= at("2026-03-11 00:00")  # type: ignore[operator]


def test_a_coming_plan_has_reminders_of_its_own_until_its_time_has_passed() -> None:
    planned = WOMAN.having(plan(Step.ENROL, "2026-03-11 10:00", recorded="2026-03-05 09:00"))

    assert expiring(planned, "2026-03-11 09:59") == []
    assert rung(planned, "2026-03-11 10:00") == "expiring"


def test_a_plan_of_another_step_does_not_silence_it() -> None:
    planned = WOMAN.having(plan(Step.INFUSION, "2026-06-01 10:00", recorded="2026-03-05 09:00"))

    assert rung(planned, "2026-03-11 10:00") == "expiring"


def test_a_new_sample_ends_it_and_its_result_begins_it_anew() -> None:
    drawn = WOMAN.having(fact("serum_hcg", "2026-03-11 08:00", None))
    negative = WOMAN.having(fact("serum_hcg", "2026-03-11 08:00", "negative"))

    assert expiring(drawn, "2026-03-11 09:00") == []
    (deadline,) = expiring(negative, "2026-03-11 09:00")
    assert (deadline.due_at, deadline.rung) == (at("2026-03-19 00:00") - TICK, None)


def test_once_the_step_is_taken_nothing_of_it_expires() -> None:
    assert expiring(enrolled(WOMAN), "2026-03-20 09:00") == []


def test_before_the_first_dose_it_counts_forty_eight_hours() -> None:
    person = collected(WOMAN).having(SAMPLE)
    (deadline,) = expiring(person, "2026-04-08 12:00")

    assert (deadline.clause, deadline.due_at) == (DOSE, at("2026-04-10 08:00"))
    assert deadline.rung is None
    assert rung(person, "2026-04-09 08:00") == "expiring"
    assert rung(person, "2026-04-10 08:00") == "expired"


def test_what_had_expired_before_the_step_came_next_was_never_meant_for_it() -> None:
    assert expiring(collected(WOMAN), later(COLLECTED, hours=5)) == []


def test_the_evidence_of_a_first_course_does_not_expire_for_the_second() -> None:
    cancelled = conditioned(WOMAN.having(SAMPLE)).having(fact("infusion_cancelled", "2026-04-13 12:00"))

    assert cancelled.evaluation("2026-04-14 09:00").next_step is Step.LYMPHODEPLETION
    assert expiring(cancelled, "2026-04-14 09:00") == []


def test_who_owes_no_such_test_is_never_warned() -> None:
    assert expiring(an_eligible_man(), "2026-03-11 10:00") == []


def test_after_the_end_of_the_journey_nobody_is_warned() -> None:
    over = expiring(WOMAN.having(fact("death", "2026-03-06 09:00")), "2026-03-11 10:00")

    assert [each for each in over if each.status is not DeadlineStatus.CANCELLED or each.rung] == []


def test_a_sample_of_an_earlier_screening_warns_nobody() -> None:
    again = WOMAN.having(fact("screen_failed", "2026-03-06 09:00"), fact("consent", "2026-03-10 09:00"))

    assert expiring(again, "2026-03-11 10:00") == []


def test_it_is_called_by_the_rule_that_it_serves_and_is_the_sites_own_practice() -> None:
    heading = RELMA.heading(ENROLMENT)

    assert heading.label.startswith(RELMA.rule("hcg_7d_enrol").title)
    assert heading.label_zh.startswith(RELMA.rule("hcg_7d_enrol").title_zh)
    assert RELMA.basis_of(ENROLMENT) == "site practice"
    assert RELMA.step_of(ENROLMENT) is Step.ENROL


def test_evidence_recorded_when_it_has_nearly_expired_warns_at_once() -> None:
    late = WOMAN.but(fact("serum_hcg", MEASURED, "negative", recorded="2026-03-11 15:00"))

    assert rung(late.having(fact("consent", CONSENTED)), "2026-03-11 15:00") == "expiring"


def test_its_last_instant_still_serves() -> None:
    last, beyond = (WOMAN.evaluation(when).deadline(ENROLMENT) for when in (LAST_DAY_ENDS, LAST_DAY_ENDS + TICK))

    assert last is not None
    assert beyond is not None
    assert (last.status, beyond.status) == (DeadlineStatus.OPEN, DeadlineStatus.OVERDUE)


def test_what_expires_at_the_very_instant_at_which_the_step_comes_next_was_still_meant_for_it() -> None:
    next_from = later(COLLECTED, hours=4)
    sampled = collected(WOMAN).having(fact("serum_hcg", "2026-03-14 13:00", "negative"))

    assert [(each.clause, each.due_at) for each in expiring(sampled, next_from)] == [(DOSE, at(next_from))]


def test_a_site_may_be_told_at_once_when_the_evidence_is_recorded() -> None:
    told = Reminder.model_validate(
        {"name": "begun", "at_once": True, "tell": ["crc"], "say": "Now.", "say_zh": "现在。"}
    )
    evidence = RELMA.expiring_evidence
    assert evidence is not None
    protocol = RELMA.model_copy(update={"expiring_evidence": evidence.model_copy(update={"reminders": (told,)})})
    deadline = WOMAN.evaluation("2026-03-05 09:00", protocol).deadline(ENROLMENT)

    assert deadline is not None
    assert deadline.rung is not None
    assert (deadline.rung.name, deadline.rung.fires_at) == ("begun", at("2026-03-04 12:00"))

"""Answers and coded results: which one decides, what is no evidence, and what waits for a result."""

from datetime import datetime, timedelta

import pytest

from tests.workflow.builders import (
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    INFUSED,
    RELMA,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    fact,
    infused,
    withdrawn,
)  # fmt: skip
from workflow.context import Context, Horizon
from workflow.facts import Fact
from workflow.findings import Finding, Outcome, Reason, Remedy
from workflow.rules.answer import Answer

MET, FAIL, STALE, MISSING, PENDING = Outcome.MET, Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING
WOMAN = an_eligible_woman()


def before_dose(*samples: Fact) -> Finding:
    return collected(WOMAN).having(*samples).finding("hcg_48h_ld", CONDITIONED)


NEGATIVE = fact("serum_hcg", "2026-04-08 08:00", "negative", resulted="2026-04-08 12:00")


def test_a_rejected_sample_is_no_evidence_and_hides_none() -> None:
    rejected = fact("serum_hcg", "2026-04-08 20:00", "rejected")

    assert before_dose(NEGATIVE, rejected).outcome is MET
    assert before_dose(rejected).outcome is STALE
    assert WOMAN.but(rejected).finding("hcg_7d_enrol", "2026-04-10 10:00").outcome is MISSING


@pytest.mark.parametrize("value", ["positive", "indeterminate"])
def test_a_later_result_that_is_not_negative_beats_an_earlier_negative_one(value: str) -> None:
    finding = before_dose(NEGATIVE, fact("serum_hcg", "2026-04-08 20:00", value))

    assert (finding.outcome, finding.reason) == (FAIL, Reason.ANSWERED_OTHERWISE)


def test_the_later_sample_decides_whichever_was_entered_first() -> None:
    entered_late = fact("serum_hcg", "2026-04-08 07:00", "positive", recorded="2026-04-08 18:00")

    assert before_dose(NEGATIVE, entered_late).outcome is MET


def test_of_two_samples_of_one_instant_the_one_entered_last_decides() -> None:
    again = fact("serum_hcg", "2026-04-08 08:00", "positive", recorded="2026-04-08 18:00", key="again")

    assert before_dose(NEGATIVE, again).outcome is FAIL
    assert before_dose(again, NEGATIVE).outcome is FAIL


def test_a_later_sample_makes_the_clause_wait_and_says_for_what() -> None:
    finding = before_dose(NEGATIVE, fact("serum_hcg", "2026-04-09 06:00", None))

    assert (finding.outcome, finding.reason) == (PENDING, Reason.WAITING_FOR_RESULT)
    assert finding.clearing is not None
    assert finding.clearing.remedy is Remedy.WAIT_FOR_RESULT


def test_a_result_that_is_entered_before_it_is_out_waits_until_it_is() -> None:
    person = collected(WOMAN).having(fact("serum_hcg", "2026-04-08 08:00", "negative", resulted="2026-04-09 08:00"))

    assert person.finding("hcg_48h_ld", "2026-04-09 07:59:59").outcome is PENDING
    assert person.finding("hcg_48h_ld", "2026-04-09 08:00").outcome is MET


def test_a_result_that_is_out_at_the_very_start_was_known_by_then() -> None:
    assert before_dose(fact("serum_hcg", "2026-04-08 08:00", "negative", resulted=CONDITIONED)).outcome is MET


def test_a_day_without_a_time_counts_only_where_every_hour_of_it_does() -> None:
    surely, perhaps, never = (
        before_dose(fact("serum_hcg", day, "negative")) for day in ("2026-04-08", "2026-04-07", "2026-04-06")
    )

    assert (surely.outcome, perhaps.outcome, never.outcome) == (MET, STALE, STALE)
    assert perhaps.reason is Reason.TIME_OF_DAY_UNKNOWN
    assert never.reason is Reason.OUTSIDE_WINDOW


def test_a_sample_dated_only_with_the_day_of_the_dose_may_be_later_than_the_dose() -> None:
    finding = before_dose(fact("serum_hcg", "2026-04-09", "negative"))

    assert (finding.outcome, finding.reason) == (STALE, Reason.TIME_OF_DAY_UNKNOWN)


def test_an_answer_on_the_day_of_the_consent_belongs_to_the_episode() -> None:
    assert WOMAN.but(fact("diffuse_ssc", CONSENTED[:10], "yes")).finding("diagnosis", ENROLLED).outcome is MET


def test_changing_ones_mind_counts_from_the_change() -> None:
    changed = WOMAN.having(fact("contraception_agreed", "2026-03-09 09:00", "no"))

    assert changed.finding("contraception", "2026-03-09 08:59").outcome is MET
    assert changed.finding("contraception", "2026-03-09 09:00").outcome is FAIL


def test_what_was_entered_in_error_never_was() -> None:
    assert before_dose(NEGATIVE, withdrawn(NEGATIVE, "2026-04-08 18:00")).outcome is STALE


# If, then, else


def bilirubin(value: str, *gilbert: str) -> Finding:
    known = [fact("gilbert_syndrome", CONSENTED, answer) for answer in gilbert]
    person = an_eligible_man().but(fact("tbil", "2026-03-04 08:00", f"{value} umol/L", upper_limit="20"))
    return person.having(*known).finding("tbil", ENROLLED)


def test_while_the_branch_is_unknown_only_what_both_say_is_an_answer() -> None:
    assert [bilirubin(value).outcome for value in ("40", "40.1", "60", "60.1")] == [MET, MISSING, MISSING, FAIL]
    assert bilirubin("50").reason is Reason.DEPENDS_ON_UNKNOWN


def test_the_finding_names_the_answer_that_chose_the_branch() -> None:
    assert bilirubin("50", "yes").outcome is MET
    assert bilirubin("50", "no").outcome is FAIL
    assert [entry.concept for entry in bilirubin("50", "yes").evidence] == ["tbil", "gilbert_syndrome"]


def test_a_documented_syndrome_from_before_the_consent_still_counts() -> None:
    person = an_eligible_man().but(fact("tbil", "2026-03-04 08:00", "50 umol/L", upper_limit="20"))

    assert person.having(fact("gilbert_syndrome", "2019-06-01", "yes")).finding("tbil", ENROLLED).outcome is MET


# Windows that open with an anchor, or around it


def on_sample(sampled: str, line: str) -> Finding:
    """A negative sample held against a window about the infusion at INFUSED, long afterwards."""
    person = infused(WOMAN.without("serum_hcg")).having(fact("serum_hcg", sampled, "negative"))
    rule = Answer.model_validate({"answer": "serum_hcg", "is": "negative", "within": line})
    return rule.judge(Context(RELMA, person.timeline(), Horizon(at("2026-06-01 09:00"))))


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("PT6H after infusion", INFUSED, "2026-04-14 16:00"),
        ("P7D after infusion", INFUSED, "2026-04-21 23:59:59.999999"),
        ("PT6H around infusion", "2026-04-14 04:00", "2026-04-14 16:00"),
        ("P3D around infusion", "2026-04-11 00:00", "2026-04-17 23:59:59.999999"),
    ],
)
def test_a_window_after_or_around_an_anchor_is_closed_at_both_ends(line: str, first: str, last: str) -> None:
    tick = timedelta(microseconds=1)
    before, beyond = datetime.fromisoformat(first) - tick, datetime.fromisoformat(last) + tick

    assert [on_sample(sampled, line).outcome for sampled in (first, last)] == [MET, MET]
    for outside in (f"{before}", f"{beyond}"):
        assert on_sample(outside, line).reason is Reason.OUTSIDE_WINDOW


@pytest.mark.parametrize(
    ("line", "sure", "perhaps", "never"),
    [
        ("P7D after infusion", ["2026-04-15", "2026-04-21"], ["2026-04-14"], ["2026-04-13", "2026-04-22"]),
        ("PT30H after infusion", [], ["2026-04-14", "2026-04-15"], ["2026-04-13", "2026-04-16"]),
        ("P3D around infusion", ["2026-04-11", "2026-04-17"], [], ["2026-04-10", "2026-04-18"]),
        ("PT30H around infusion", ["2026-04-14"], ["2026-04-13", "2026-04-15"], ["2026-04-12", "2026-04-16"]),
    ],
)
def test_a_day_after_or_around_an_anchor_counts_only_where_every_hour_of_it_does(
    line: str, sure: list[str], perhaps: list[str], never: list[str]
) -> None:
    assert {on_sample(day, line).outcome for day in sure} <= {MET}
    assert {on_sample(day, line).reason for day in perhaps} <= {Reason.TIME_OF_DAY_UNKNOWN}
    assert {on_sample(day, line).reason for day in never} == {Reason.OUTSIDE_WINDOW}


def test_what_comes_after_an_anchor_lies_outside_the_window_before_it() -> None:
    """Asked long after the infusion, about a window that closed with the first dose at CONDITIONED."""
    line = "PT48H before first_ld_dose"

    assert {on_sample(within, line).outcome for within in ("2026-04-08", CONDITIONED)} == {MET}
    assert on_sample("2026-04-09", line).reason is Reason.TIME_OF_DAY_UNKNOWN
    assert {on_sample(after, line).reason for after in ("2026-04-10", "2026-04-09 09:00:00.000001")} == {
        Reason.OUTSIDE_WINDOW
    }


def test_nothing_lies_yet_in_a_window_after_a_start_that_is_only_asked_about() -> None:
    person = conditioned(WOMAN)
    rule = Answer.model_validate({"answer": "serum_hcg", "is": "negative", "within": "P7D after infusion"})
    asked = Context(RELMA, person.timeline(), Horizon(at(INFUSED)), own_event="infusion_started")

    assert rule.judge(asked).outcome is STALE


def test_findings_carry_the_window_that_they_were_held_against() -> None:
    finding = before_dose(NEGATIVE)

    assert finding.window == "PT48H before first_ld_dose"
    assert finding.valid_until == at("2026-04-10 08:00")

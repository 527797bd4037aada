"""Whole findings: what each kind of rule tells besides its outcome, so that a person can believe it and act on it."""

from typing import Any

import pytest

from tests.workflow.asking import measure, told
from tests.workflow.builders import (
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    REVIEWED,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    enrolled,
    fact,
    plan,
)  # fmt: skip
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.rules.absence import Absence
from workflow.rules.age import Age
from workflow.rules.answer import Answer
from workflow.rules.branch import Branch
from workflow.rules.compound import AllOf, AnyOf
from workflow.rules.happened import Happened
from workflow.rules.sex import SexIs
from workflow.stages import Step

WOMAN, MAN = an_eligible_woman(), an_eligible_man()
MET, FAIL, STALE, MISSING, PENDING = Outcome.MET, Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING


# An answer

LINE = "PT48H before first_ld_dose"
TEST = Answer.model_validate({"answer": "serum_hcg", "is": "negative", "within": LINE, "out_by": "first_ld_dose"})
UNTESTED = collected(WOMAN.without("serum_hcg"))
AGAIN = Clearing(Remedy.NEW_SAMPLE, draw_from=at("2026-04-07 09:00"), draw_by=at(CONDITIONED))
NEGATIVE = fact("serum_hcg", "2026-04-08 08:00", "negative", resulted="2026-04-08 12:00")


def of_test(outcome: Outcome, reason: Reason, *evidence: Fact, **others: Any) -> Finding:
    return Finding(outcome, reason, subject="serum_hcg", evidence=evidence, limit="negative", window=LINE, **others)


def test_an_answer_that_serves_says_until_when() -> None:
    planned = UNTESTED.having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-02 10:00"), NEGATIVE)

    assert told(TEST, planned, "2026-04-08 20:00") == of_test(
        MET, Reason.ANSWERED_AS_REQUIRED, NEGATIVE, valid_until=at("2026-04-10 08:00")
    )


@pytest.mark.parametrize(
    ("sample", "outcome", "reason", "clearing", "valid_until"),
    [
        (("2026-04-08 08:00", None), PENDING, Reason.WAITING_FOR_RESULT, Clearing(Remedy.WAIT_FOR_RESULT), None),
        (("2026-04-08 08:00", "positive"), FAIL, Reason.ANSWERED_OTHERWISE, AGAIN, None),
        (("2026-04-06 08:00", "negative"), STALE, Reason.OUTSIDE_WINDOW, AGAIN, "2026-04-08 08:00"),
        (("2026-04-07", "negative"), STALE, Reason.TIME_OF_DAY_UNKNOWN, AGAIN, "2026-04-09 00:00"),
        (("2026-02-20 08:00", "negative"), STALE, Reason.OUTSIDE_WINDOW, AGAIN, None),  # before the consent
    ],
)
def test_an_answer_that_does_not_serve_says_between_which_instants_to_draw_again(
    sample: tuple[str, str | None], outcome: Outcome, reason: Reason, clearing: Clearing, valid_until: str | None
) -> None:
    drawn = fact("serum_hcg", *sample)
    planned = UNTESTED.having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-02 10:00"), drawn)
    served = at(valid_until) if valid_until else None

    assert told(TEST, planned, "2026-04-08 20:00") == of_test(
        outcome, reason, drawn, clearing=clearing, valid_until=served
    )


def test_a_result_that_was_out_too_late_must_be_drawn_again() -> None:
    late = fact("serum_hcg", "2026-04-08 08:00", "negative", resulted="2026-04-09 09:00:00.000001")
    planned = UNTESTED.having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-02 10:00"), late)

    assert told(TEST, planned, "2026-04-09 11:00") == of_test(STALE, Reason.RESULT_TOO_LATE, late, clearing=AGAIN)


def test_without_an_answer_and_without_a_plan_a_sample_is_missing_at_no_known_time() -> None:
    assert told(TEST, UNTESTED, "2026-04-08 20:00") == of_test(
        MISSING, Reason.NOTHING_RECORDED, clearing=Clearing(Remedy.NEW_SAMPLE)
    )
    assert told(TEST, UNTESTED.having(NEGATIVE), "2026-04-08 20:00") == of_test(
        STALE, Reason.NO_ANCHOR, NEGATIVE, clearing=Clearing(Remedy.NEW_SAMPLE)
    )


def test_the_latest_sample_before_the_consent_is_shown_and_a_rejected_one_is_not() -> None:
    before, earlier = (fact("serum_hcg", f"2026-02-{day} 08:00", "negative") for day in (20, 10))
    rejected = fact("serum_hcg", "2026-02-21 08:00", "rejected")

    assert told(TEST, UNTESTED.having(earlier, before, rejected), "2026-04-08 20:00").evidence == (before,)


def test_an_answer_that_needs_no_window_is_recorded() -> None:
    rule = Answer.model_validate({"answer": "diffuse_ssc", "is": "yes"})
    answer = fact("diffuse_ssc", CONSENTED, "no")
    shown: dict[str, Any] = {"subject": "diffuse_ssc", "limit": "yes", "clearing": Clearing(Remedy.RECORD)}

    assert told(rule, MAN.but(answer), ENROLLED) == Finding(
        FAIL, Reason.ANSWERED_OTHERWISE, evidence=(answer,), **shown
    )
    assert told(rule, MAN.without("diffuse_ssc"), ENROLLED) == Finding(MISSING, Reason.NOTHING_RECORDED, **shown)
    assert told(rule, MAN, ENROLLED) == Finding(
        MET,
        Reason.ANSWERED_AS_REQUIRED,
        subject="diffuse_ssc",
        limit="yes",
        evidence=tuple(MAN.timeline().done("diffuse_ssc")),
    )


# Nothing of a kind in a window


def absence(none: str, line: str, looked_for_by: str) -> Absence:
    return Absence.model_validate({"none": none, "within": line, "looked_for_by": looked_for_by})


WEEK = "P7D before enrolment"
NO_TRANSFUSION = absence("transfusion", WEEK, "transfusion_review")
REVIEW = fact("transfusion_review", REVIEWED)


def of_transfusion(outcome: Outcome, reason: Reason, *evidence: Fact, clearing: Clearing | None = None) -> Finding:
    return Finding(outcome, reason, subject="transfusion", evidence=evidence, window=WEEK, clearing=clearing)


def test_a_look_back_in_which_nothing_was_found_shows_the_look_back() -> None:
    earlier = fact("transfusion_review", "2026-03-05 08:00")

    assert told(NO_TRANSFUSION, MAN.having(earlier), ENROLLED, "enrolment") == of_transfusion(
        MET, Reason.NONE_FOUND, REVIEW
    )


def test_a_look_back_that_is_missing_or_too_early_must_be_documented() -> None:
    document = Clearing(Remedy.DOCUMENT_LOOK_BACK)
    nobody = MAN.without("transfusion_review")
    earlier, later = (fact("transfusion_review", f"2026-03-0{day} 08:00") for day in (5, 7))

    assert told(NO_TRANSFUSION, nobody, ENROLLED, "enrolment") == of_transfusion(
        MISSING, Reason.LOOK_BACK_NOT_DOCUMENTED, clearing=document
    )
    assert told(NO_TRANSFUSION, nobody.having(earlier, later), ENROLLED, "enrolment") == of_transfusion(
        STALE, Reason.LOOK_BACK_INCOMPLETE, later, clearing=document
    )


def test_events_that_were_found_are_shown_latest_first_with_the_first_start_beyond_them_all() -> None:
    first, last = (fact("transfusion", f"2026-03-0{day} 15:00") for day in (4, 6))

    assert told(NO_TRANSFUSION, MAN.having(first, last), ENROLLED, "enrolment") == of_transfusion(
        FAIL, Reason.EVENT_IN_WINDOW, last, first,
        clearing=Clearing(Remedy.WAIT_UNTIL, starts_from=at("2026-03-14 00:00")),
    )  # fmt: skip


def test_a_window_before_a_step_that_is_not_even_planned_waits_for_its_record() -> None:
    rule = absence("transfusion", "P7D before infusion", "transfusion_review")

    assert told(rule, MAN, ENROLLED) == Finding(
        MISSING, Reason.NO_ANCHOR, subject="transfusion", window="P7D before infusion", clearing=Clearing(Remedy.RECORD)
    )


def test_what_goes_on_clears_with_its_end_and_what_has_ended_when_the_window_has_passed_it() -> None:
    rule = absence("systemic_infection", WEEK, "infection_review")
    over = fact("systemic_infection", "2026-03-03", until="2026-03-08 12:00")
    begun = fact("systemic_infection", "2026-03-01")

    assert told(rule, MAN.having(over), ENROLLED, "enrolment").clearing == Clearing(
        Remedy.WAIT_UNTIL, starts_from=at("2026-03-16 00:00")
    )
    assert told(rule, MAN.having(begun, over), ENROLLED, "enrolment").clearing == Clearing(Remedy.END_OF_EVENT)


# What happened, who she is, how old


def test_what_happened_is_shown_and_so_is_what_undid_it() -> None:
    rule = Happened.model_validate({"event": "consent", "later_than_any": ["consent_withdrawn"]})
    consent, undone = fact("consent", CONSENTED), fact("consent_withdrawn", "2026-03-05 09:00")
    again = Clearing(Remedy.RECORD)

    assert told(rule, MAN, ENROLLED) == Finding(MET, Reason.HAPPENED, subject="consent", evidence=(consent,))
    assert told(rule, MAN.having(undone), ENROLLED) == Finding(
        FAIL, Reason.WITHDRAWN, subject="consent", evidence=(undone,), clearing=again
    )
    assert told(rule, MAN.without("consent"), ENROLLED) == Finding(
        MISSING, Reason.NOTHING_RECORDED, subject="consent", clearing=again
    )


def test_what_happens_at_the_very_instant_of_what_it_must_not_lie_before_counts() -> None:
    rule = Happened.model_validate({"event": "product_released", "since": "leukapheresis_started"})
    released = MAN.having(fact("product_released", ENROLLED))

    assert told(rule, released.having(fact("leukapheresis_started", ENROLLED)), ENROLLED).outcome is MET
    assert told(rule, released.having(fact("leukapheresis_started", CONDITIONED)), CONDITIONED).outcome is MISSING


def test_the_sex_is_told_with_the_one_asked_about() -> None:
    rule = SexIs.model_validate({"sex": "female"})

    assert told(rule, WOMAN, ENROLLED) == Finding(MET, Reason.ANSWERED_AS_REQUIRED, subject="sex", limit="female")
    assert told(rule, MAN, ENROLLED) == Finding(FAIL, Reason.ANSWERED_OTHERWISE, subject="sex", limit="female")


@pytest.mark.parametrize(
    ("at_least", "at_most", "outcome", "clearing"),
    [
        (45, 65, MET, None),
        (46, 65, FAIL, Clearing(Remedy.WAIT_UNTIL, starts_from=at("2026-06-15 00:00"))),
        (18, 44, FAIL, Clearing(Remedy.NOTHING)),
    ],
)
def test_who_is_too_young_waits_for_a_birthday_and_who_is_too_old_for_nothing(
    at_least: int, at_most: int, outcome: Outcome, clearing: Clearing | None
) -> None:
    """Born on 15 June 1980, she is 45 when she consents."""
    rule = Age.model_validate({"age": {"at_least": at_least, "at_most": at_most, "on": "consent"}})
    shown: dict[str, Any] = {"subject": "age", "limit": f"{at_least}-{at_most}", "clearing": clearing}
    reason = Reason.AGE_WITHIN if outcome is MET else Reason.AGE_OUTSIDE

    assert told(rule, WOMAN, ENROLLED) == Finding(outcome, reason, evidence=(fact("consent", CONSENTED),), **shown)
    assert told(rule, WOMAN.without("consent"), ENROLLED) == Finding(outcome, reason, **shown)


def test_whoever_consents_again_is_as_old_as_at_the_latest_consent() -> None:
    rule = Age.model_validate({"age": {"at_least": 46, "at_most": 65, "on": "consent"}})
    again = fact("consent", "2026-07-01 09:00")

    assert told(rule, WOMAN, "2026-07-02 09:00").outcome is FAIL
    assert told(rule, WOMAN.having(again), "2026-07-02 09:00").evidence == (again,)
    assert told(rule, WOMAN.having(again), "2026-07-02 09:00").outcome is MET


# Compounds

ENROLMENT = Happened.model_validate({"event": "enrolment"})
CONSENT = Happened.model_validate({"event": "consent"})
A_WOMAN = SexIs.model_validate({"sex": "female"})
ANC = measure("anc", at_least="1000 /uL")


def test_a_compound_shows_the_evidence_and_the_clearing_of_the_part_that_decides() -> None:
    parts = (told(CONSENT, MAN, ENROLLED), told(ENROLMENT, MAN, ENROLLED))
    both, either = AllOf.model_validate({"all": [CONSENT, ENROLMENT]}), AnyOf.model_validate(
        {"any": [ENROLMENT, CONSENT]}
    )  # fmt: skip

    assert told(both, MAN, ENROLLED) == Finding(MISSING, Reason.PARTS, clearing=Clearing(Remedy.RECORD), parts=parts)
    assert told(either, MAN, ENROLLED) == Finding(MET, Reason.PARTS, evidence=parts[0].evidence, parts=parts[::-1])


def test_a_compound_serves_as_long_as_the_part_that_decides() -> None:
    planned = UNTESTED.having(plan(Step.LYMPHODEPLETION, CONDITIONED, recorded="2026-04-02 10:00"), NEGATIVE)
    either = AnyOf.model_validate({"any": [TEST, ENROLMENT]})

    assert told(either, planned, "2026-04-08 20:00").valid_until == at("2026-04-10 08:00")


def test_while_it_is_unknown_which_branch_holds_the_finding_asks_for_what_decides() -> None:
    decider = Answer.model_validate({"answer": "gilbert_syndrome", "is": "yes"})
    rule = Branch.model_validate({"if": decider, "then": ANC, "else": A_WOMAN})
    decided, then, otherwise = (told(part, MAN, ENROLLED) for part in (decider, ANC, A_WOMAN))

    assert told(rule, MAN, ENROLLED) == Finding(
        MISSING, Reason.DEPENDS_ON_UNKNOWN, subject="gilbert_syndrome", evidence=then.evidence,
        clearing=Clearing(Remedy.RECORD), parts=(decided, then, otherwise),
    )  # fmt: skip


def test_the_branch_that_holds_is_told_with_what_decided() -> None:
    rule = Branch.model_validate({"if": ENROLMENT, "then": ANC, "else": A_WOMAN})
    person = enrolled(MAN)
    decided, then = (told(part, person, ENROLLED) for part in (ENROLMENT, ANC))
    shown = told(rule, person, ENROLLED)

    assert (shown.outcome, shown.subject, shown.number) == (MET, "anc", then.number)
    assert (shown.evidence, shown.parts) == (then.evidence + decided.evidence, (decided,))


def test_a_finding_becomes_a_clauses_own_and_stays_the_same_otherwise() -> None:
    finding = told(measure("alt", at_most="3 x ULN"), MAN, ENROLLED)
    named = finding.of_clause("alt")

    assert named.clause == "alt"
    assert named.of_clause("") == finding

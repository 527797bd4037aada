"""Every clause of the record: who fails it, whom only its data fail, who meets it, and that the rule itself says so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from tests.workflow.builders import (
    COLLECTED,
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    INFUSED,
    MEASURED,
    RELMA,
    Person,
    an_eligible_man,
    an_eligible_woman,
    collected,
    conditioned,
    enrolled,
    fact,
    reviews,
)  # fmt: skip
from tests.workflow.documents import protocol_without
from workflow.findings import Outcome
from workflow.stages import Step

FAIL, MISSING, STALE = Outcome.FAIL, Outcome.MISSING, Outcome.STALE
Answer = dict[str, Outcome]


@dataclass(frozen=True)
class Story:
    """One participant at one gate, and the exact set of clauses that blocks."""

    person: Person
    blocked: Answer
    step: Step = Step.ENROL
    when: str = ENROLLED

    def answer(self, without_rule: str = "") -> Answer:
        return self.person.blocked(self.step, self.when, protocol_without(without_rule) if without_rule else RELMA)


WOMAN = an_eligible_woman()
AT_APHERESIS = enrolled(WOMAN)
AT_CONDITIONING = collected(WOMAN).having(
    fact("serum_hcg", "2026-04-08 07:30", "negative", resulted="2026-04-08 11:00")
)


def failing(clause: str, person: Person, step: Step = Step.ENROL, when: str = ENROLLED) -> Story:
    return Story(person, {clause: FAIL}, step, when)


def measured_below(clause: str, value: str) -> Story:
    return failing(clause, WOMAN.but(fact(clause, MEASURED, value)))


def measured_above(clause: str, value: str, upper_limit: str) -> Story:
    return failing(clause, WOMAN.but(fact(clause, MEASURED, value, upper_limit=upper_limit)))


def answered(clause: str, concept: str, value: str) -> Story:
    return failing(clause, WOMAN.but(fact(concept, CONSENTED, value)))


def neither_refractory_nor_progressive() -> Person:
    """Not refractory, and every score measured twice without enough change: nothing is left unknown."""
    earlier, now = "2025-12-01 10:00", "2026-03-03 10:00"
    scores = {"mrss": ("18", "20"), "fvc_pct_pred": ("80 %", "78 %"), "dlco_pct_pred": ("70 %", "68 %")}
    twice = [(c, w, v) for c, values in scores.items() for w, v in zip((earlier, now), values, strict=True)]
    return WOMAN.but(fact("refractory", CONSENTED, "no")).having(*(fact(c, w, v) for c, w, v in twice))


def a_positive_test() -> Person:
    return WOMAN.but(fact("serum_hcg", MEASURED, "positive", resulted="2026-03-04 12:00"))


FAILING: dict[str, Story] = {
    "consent": failing("consent", WOMAN.having(fact("consent_declined", "2026-03-05 09:00"))),
    "age": failing("age", Person(WOMAN.sex, WOMAN.facts, born=date(2009, 1, 1))),
    "diagnosis": answered("diagnosis", "diffuse_ssc", "no"),
    "refractory_progressive": failing("refractory_progressive", neither_refractory_nor_progressive()),
    "infection_2w_apheresis": Story(
        AT_APHERESIS.having(fact("systemic_infection", "2026-03-10", until="2026-03-12")),
        {"infection_2w_apheresis": FAIL}, Step.LEUKAPHERESIS, COLLECTED,
    ),
    "vascular_access": answered("vascular_access", "vascular_access", "inadequate"),
    "crcl": failing("crcl", WOMAN.but(fact("creatinine", MEASURED, "150 umol/L"))),
    "anc": measured_below("anc", "0.99 10*9/L"),
    "alc": measured_below("alc", "0.09 10*9/L"),
    "hb": measured_below("hb", "89 g/L"),
    "plt": measured_below("plt", "74 10*9/L"),
    "no_transfusion_7d": failing("no_transfusion_7d", WOMAN.having(fact("transfusion", "2026-03-06 15:00"))),
    "no_growth_factor_7d": failing("no_growth_factor_7d", WOMAN.having(fact("growth_factor", "2026-03-06 15:00"))),
    "alt": measured_above("alt", "121 U/L", "40"),
    "ast": measured_above("ast", "121 U/L", "40"),
    "tbil": failing("tbil", WOMAN.but(
        fact("tbil", MEASURED, "41 umol/L", upper_limit="20"), fact("gilbert_syndrome", CONSENTED, "no")
    )),
    "inr": measured_above("inr", "1.81 1", "1.2"),
    "pt": measured_above("pt", "19.6 s", "13"),
    "lvef": measured_below("lvef", "54 %"),
    # At enrolment the record asks twice for one thing: the latest serum sample is the datum of both clauses, so that a
    # positive test fails both. Only the window of seven days tells them apart: see the stale case below.
    "hcg_screening": Story(a_positive_test(), {"hcg_screening": FAIL, "hcg_7d_enrol": FAIL}),
    "hcg_7d_enrol": Story(a_positive_test(), {"hcg_screening": FAIL, "hcg_7d_enrol": FAIL}),
    "hcg_48h_ld": Story(
        AT_CONDITIONING.having(fact("serum_hcg", "2026-04-08 20:00", "positive")),
        {"hcg_48h_ld": FAIL}, Step.LYMPHODEPLETION, CONDITIONED,
    ),
    "product_for_ld": failing(
        "product_for_ld", AT_CONDITIONING.having(fact("product_out_of_specification", "2026-04-07 09:00")),
        step=Step.LYMPHODEPLETION, when=CONDITIONED,
    ),
    "product_for_infusion": failing(
        "product_for_infusion", conditioned(WOMAN).having(fact("product_out_of_specification", "2026-04-13 09:00")),
        step=Step.INFUSION, when=INFUSED,
    ),
    "contraception": answered("contraception", "contraception_agreed", "no"),
    "lactation": answered("lactation", "lactating", "yes"),
}  # fmt: skip

ONLY_DATUM = {
    "consent": "consent", "diagnosis": "diffuse_ssc", "refractory_progressive": "refractory", "crcl": "weight",
    "no_transfusion_7d": "transfusion_review", "no_growth_factor_7d": "growth_factor_review", "lactation": "lactating",
    "contraception": "contraception_agreed", "vascular_access": "vascular_access",
    **{measured: measured for measured in ("anc", "alc", "hb", "plt", "alt", "ast", "tbil", "inr", "pt", "lvef")},
}  # fmt: skip

WITHOUT_DATA: dict[str, Story] = {
    **{clause: Story(WOMAN.without(concept), {clause: MISSING}) for clause, concept in ONLY_DATUM.items()},
    "infection_2w_apheresis": Story(
        AT_APHERESIS.without("infection_review"), {"infection_2w_apheresis": MISSING}, Step.LEUKAPHERESIS, COLLECTED
    ),
    # One serum sample serves both clauses of enrolment; without it both are missing.
    "hcg_screening": Story(WOMAN.without("serum_hcg"), {"hcg_screening": MISSING, "hcg_7d_enrol": MISSING}),
    "hcg_7d_enrol": Story(WOMAN.without("serum_hcg"), {"hcg_screening": MISSING, "hcg_7d_enrol": MISSING}),
    "hcg_48h_ld": Story(
        collected(WOMAN).without("serum_hcg"), {"hcg_48h_ld": MISSING}, Step.LYMPHODEPLETION, CONDITIONED
    ),
    "product_for_ld": Story(
        AT_CONDITIONING.without("product_released"), {"product_for_ld": MISSING}, Step.LYMPHODEPLETION, CONDITIONED
    ),
    "product_for_infusion": Story(
        conditioned(WOMAN).without("product_released"), {"product_for_infusion": MISSING}, Step.INFUSION, INFUSED
    ),
}

CLAUSES = [rule.id for rule in RELMA.rules]


def test_no_clause_is_left_out_of_these_tables() -> None:
    assert FAILING.keys() == set(CLAUSES)
    # The birth date is registered with the participant, so that an age is never missing.
    assert WITHOUT_DATA.keys() == set(CLAUSES) - {"age"}


@pytest.mark.parametrize("clause", CLAUSES)
def test_whoever_fails_one_clause_is_blocked_by_it_alone(clause: str) -> None:
    story = FAILING[clause]

    assert story.answer() == story.blocked


@pytest.mark.parametrize("clause", WITHOUT_DATA)
def test_whoever_lacks_the_data_of_one_clause_is_blocked_by_it_as_missing(clause: str) -> None:
    story = WITHOUT_DATA[clause]

    assert story.answer() == story.blocked


@pytest.mark.parametrize("clause", CLAUSES)
def test_without_its_rule_a_clause_stops_nobody(clause: str) -> None:
    story = FAILING[clause]

    assert story.answer(without_rule=clause) == {id_: o for id_, o in story.blocked.items() if id_ != clause}


@pytest.mark.parametrize("person", [an_eligible_man(), an_eligible_woman()], ids=["man", "woman"])
@pytest.mark.parametrize(
    ("step", "when", "so_far"),
    [
        (Step.ENROL, ENROLLED, lambda person: person),
        (Step.LEUKAPHERESIS, COLLECTED, enrolled),
        (Step.LYMPHODEPLETION, CONDITIONED, collected),
    ],
    ids=["enrol", "leukapheresis", "lymphodepletion"],
)
def test_whoever_meets_every_clause_may_start(
    step: Step, when: str, so_far: Callable[[Person], Person], person: Person
) -> None:
    tested = fact("serum_hcg", "2026-04-08 07:30", "negative", resulted="2026-04-08 11:00")

    gate = so_far(person).having(tested).gate(step, when)

    assert gate.allowed
    assert {finding.clause for finding in gate.findings} == {rule.id for rule in RELMA.rules_for(step)}


def test_all_that_is_missing_is_named_at_once() -> None:
    nobody_knows = Person(WOMAN.sex)

    blocked = nobody_knows.blocked(Step.ENROL, ENROLLED)

    assert blocked == {rule.id: MISSING for rule in RELMA.rules_for(Step.ENROL) if rule.id != "age"}


def test_a_negative_test_of_eight_days_ago_serves_screening_and_not_enrolment() -> None:
    a_week_later = WOMAN.having(*reviews("2026-03-12 08:30"))

    assert a_week_later.blocked(Step.ENROL, "2026-03-11 23:59") == {
        "no_transfusion_7d": STALE, "no_growth_factor_7d": STALE
    }  # fmt: skip
    assert a_week_later.blocked(Step.ENROL, "2026-03-12 10:00") == {"hcg_7d_enrol": STALE}


def test_a_urine_test_never_counts() -> None:
    urine_only = WOMAN.without("serum_hcg").having(fact("urine_hcg", MEASURED, "negative"))

    assert urine_only.blocked(Step.ENROL, ENROLLED) == {"hcg_screening": MISSING, "hcg_7d_enrol": MISSING}


def test_clauses_for_women_do_not_apply_to_men() -> None:
    gate = an_eligible_man().gate(Step.ENROL, ENROLLED)
    not_applicable = {finding.clause for finding in gate.findings if finding.outcome is Outcome.NOT_APPLICABLE}

    assert not_applicable == {"hcg_screening", "hcg_7d_enrol", "lactation", "contraception"}


def test_a_man_whose_partner_can_bear_children_owes_the_undertaking() -> None:
    partner = an_eligible_man().but(fact("partner_of_childbearing_potential", CONSENTED, "yes"))

    assert partner.blocked(Step.ENROL, ENROLLED) == {"contraception": MISSING}
    assert partner.having(fact("contraception_agreed", CONSENTED, "yes")).gate(Step.ENROL, ENROLLED).allowed


@pytest.mark.parametrize("concept", ["wocbp", "partner_of_childbearing_potential"])
def test_while_it_is_unknown_whether_a_clause_applies_it_is_owed(concept: str) -> None:
    person = an_eligible_woman() if concept == "wocbp" else an_eligible_man()
    unknown = person.without(concept, "serum_hcg", "contraception_agreed")
    owed = {"hcg_screening", "hcg_7d_enrol", "contraception"} if concept == "wocbp" else {"contraception"}

    assert unknown.blocked(Step.ENROL, ENROLLED) == dict.fromkeys(owed, MISSING)


def test_what_would_show_that_a_clause_does_not_apply_is_named_until_it_is_known() -> None:
    unknown = an_eligible_woman().without("wocbp", "serum_hcg")
    said = {finding.clause: finding.unless for finding in unknown.gate(Step.ENROL, ENROLLED).findings}
    known = unknown.having(fact("wocbp", CONSENTED, "yes")).gate(Step.ENROL, ENROLLED).findings

    assert said["hcg_screening"] is not None
    assert said["hcg_screening"].outcome is MISSING
    assert said["lactation"] is said["anc"] is None
    assert [finding.unless for finding in known] == [None] * len(known)

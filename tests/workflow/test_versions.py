"""Two versions of one protocol: a consent names the version, and what happened is judged by the one of its time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.amended import AMENDED, FIRST, written_to
from tests.workflow.builders import (
    CONDITIONED,
    RELMA,
    Person,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    corrected,
    enrolled,
    fact,
    plan,
)
from tests.workflow.searching import a_trial_with_gaps, searched, starts
from workflow.answers import Evaluation
from workflow.deadlines import DeadlineStatus
from workflow.evaluation import evaluate
from workflow.facts import Fact
from workflow.findings import Outcome
from workflow.loading import load_protocol
from workflow.prospects import look_ahead
from workflow.protocol import Protocol
from workflow.stages import Step

RECONSENTED = "2026-04-06 09:00"
AFTERWARDS = "2026-04-07 09:00"
TICK = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Protocol:
    """The amendment that is for tests only."""
    return load_protocol(written_to(tmp_path_factory.mktemp("protocols")))


def asked(person: Person, when: str, second: Protocol, *, first: Protocol = RELMA) -> Evaluation:
    return evaluate(first, person.timeline(), at(when), {"1": RELMA, "2": second})


def consent(when: str, version: str | None, **more: str) -> Fact:
    return replace(fact("consent", when, **more), value=version)  # type: ignore[arg-type]


def a_reconsented_woman() -> Person:
    """Collected under version 1 with 1200 neutrophils, which version 2 would refuse, and consented anew since."""
    few = an_eligible_woman().but(fact("anc", "2026-03-04 08:00", "1.2 10*9/L", resulted="2026-03-04 12:00"))
    return collected(enrolled(few)).having(consent(RECONSENTED, "2"))


def test_the_first_version_holds_until_a_consent_names_another(second: Protocol) -> None:
    woman = enrolled(an_eligible_woman())
    assert asked(woman, AFTERWARDS, second).version == "1"
    assert asked(woman, AFTERWARDS, second, first=second).version == "2"
    assert asked(woman.having(consent(RECONSENTED, "2")), AFTERWARDS, second).version == "2"


@pytest.mark.parametrize("named", [None, "3", "yes"])
def test_a_consent_that_names_no_known_version_changes_none(second: Protocol, named: str | None) -> None:
    woman = an_eligible_woman().having(consent(RECONSENTED, named))
    assert asked(woman, AFTERWARDS, second).version == "1"


def test_a_consent_holds_from_its_own_instant_on(second: Protocol) -> None:
    timeline = a_reconsented_woman().timeline()
    versions, instant = {"2": second}, at(RECONSENTED)
    assert evaluate(RELMA, timeline, instant - TICK, versions).version == "1"
    assert evaluate(RELMA, timeline, instant, versions).version == "2"


def test_the_latest_consent_counts_by_when_it_was_given_not_by_when_it_was_recorded(second: Protocol) -> None:
    woman = an_eligible_woman().but(
        consent(RECONSENTED, "2"), consent("2026-03-02 09:00", "1", recorded="2026-04-06 20:00")
    )
    assert asked(woman, AFTERWARDS, second).version == "2"


def test_a_consent_entered_in_error_counts_no_more(second: Protocol) -> None:
    wrong = consent(RECONSENTED, "2", key="re-consent")
    woman = an_eligible_woman().having(wrong, corrected(wrong, "2026-04-06 12:00", value="1"))
    assert asked(woman, AFTERWARDS, second).version == "1"


def test_before_the_consent_the_answer_says_that_it_will_change_with_it(second: Protocol) -> None:
    timeline = a_reconsented_woman().timeline()
    before = at(RECONSENTED) - timedelta(hours=1)
    answer = evaluate(RELMA, timeline, before, {"2": second})
    assert answer.changes_at is not None
    assert answer.changes_at <= at(RECONSENTED)
    assert evaluate(RELMA, timeline, answer.changes_at - TICK, {"2": second}) == answer


def test_with_one_version_only_nobody_is_woken_for_a_consent() -> None:
    woman = an_eligible_woman().having(consent(RECONSENTED, "1"))
    before = at(RECONSENTED) - timedelta(hours=1)
    plain = an_eligible_woman().having(fact("consent", RECONSENTED))
    known = evaluate(RELMA, woman.timeline(), before, {"1": RELMA})
    assert known.changes_at == evaluate(RELMA, plain.timeline(), before).changes_at


def test_what_happened_is_judged_by_the_version_of_its_time(second: Protocol) -> None:
    answer = asked(a_reconsented_woman(), AFTERWARDS, second)
    passed = {gate.step: gate for gate in answer.passed}
    assert {step: gate.version for step, gate in passed.items()} == {Step.ENROL: "1", Step.LEUKAPHERESIS: "1"}
    assert passed[Step.ENROL].allowed
    assert "vascular_access" in {finding.clause for finding in passed[Step.ENROL].findings}
    assert "hcg_3d_enrol" not in {finding.clause for finding in passed[Step.ENROL].findings}


def test_the_same_start_after_the_consent_is_judged_by_the_new_version(second: Protocol) -> None:
    few = an_eligible_woman().but(fact("anc", "2026-03-04 08:00", "1.2 10*9/L", resulted="2026-03-04 12:00"))
    woman = enrolled(few.but(consent("2026-03-02 09:00", "2")))
    gate = asked(woman, "2026-03-10 09:00", second).passed[0]
    assert gate.version == "2"
    assert {finding.clause for finding in gate.blocking} == {"anc", "hcg_3d_enrol"}


def test_the_next_step_is_guarded_by_the_new_version(second: Protocol) -> None:
    gate = asked(a_reconsented_woman(), AFTERWARDS, second).gates[Step.LYMPHODEPLETION]
    assert gate.version == "2"
    assert "dose_confirmed_ld" in {finding.clause for finding in gate.blocking}
    before = asked(a_reconsented_woman(), "2026-04-05 09:00", second).gates[Step.LYMPHODEPLETION]
    assert before.version == "1"
    assert "dose_confirmed_ld" not in {finding.clause for finding in before.findings}


def test_a_refusal_of_the_journey_names_the_version_as_well(second: Protocol) -> None:
    gates = asked(a_reconsented_woman(), AFTERWARDS, second).gates
    assert {gate.version for gate in gates.values()} == {"2"}
    assert not gates[Step.INFUSION].in_order


def test_what_is_rejudged_of_an_earlier_gate_is_judged_by_the_version_of_that_gate(second: Protocol) -> None:
    few = an_eligible_woman().but(fact("anc", "2026-03-04 08:00", "1.2 10*9/L", resulted="2026-03-04 12:00"))
    woman = enrolled(few).having(consent("2026-03-10 09:00", "2"))
    gate = asked(woman, "2026-03-16 09:00", second).gates[Step.LEUKAPHERESIS]
    assert (gate.version, gate.allowed) == ("2", True)


def test_a_deadline_moves_to_the_window_of_the_new_version(second: Protocol) -> None:
    planned = a_reconsented_woman().having(plan(Step.LYMPHODEPLETION, "2026-04-09 09:00", recorded="2026-04-05 09:00"))
    before, after = (asked(planned, when, second).deadline("hcg_48h_ld") for when in ("2026-04-05 10:00", AFTERWARDS))
    assert before is not None
    assert after is not None
    assert [before.opens_at, after.opens_at] == [at("2026-04-07 09:00"), at("2026-04-08 09:00")]


def test_nothing_is_owed_for_a_start_that_came_before_the_clause(second: Protocol) -> None:
    answer = asked(a_reconsented_woman(), AFTERWARDS, second)
    assert answer.deadline("hcg_3d_enrol") is None
    assert answer.deadline("hcg_7d_enrol").status is DeadlineStatus.MET  # type: ignore[union-attr]


def test_a_clause_that_fell_away_still_answers_for_the_start_that_it_guarded(second: Protocol) -> None:
    woman = a_reconsented_woman()
    attested = next(entry for entry in woman.facts if entry.concept == "vascular_access")
    known = "2026-04-06 15:00"
    answer = asked(woman.having(corrected(attested, known, value="inadequate")), AFTERWARDS, second)
    deadline = answer.deadline("vascular_access")
    assert deadline is not None
    assert (deadline.status, deadline.raised_at) == (DeadlineStatus.ELIGIBILITY_INVALIDATED, at(known))
    assert deadline.finding is not None
    assert deadline.finding.outcome is Outcome.FAIL
    assert [each.clause for each in answer.deadlines].count("vascular_access") == 1


def test_a_clause_of_both_versions_is_broken_by_the_words_of_its_time(second: Protocol) -> None:
    woman = a_reconsented_woman()
    measured = next(entry for entry in woman.facts if entry.concept == "anc")
    answer = asked(woman.having(corrected(measured, "2026-04-06 15:00", value=measured.value / 2)), AFTERWARDS, second)  # type: ignore[operator]
    finding = answer.deadline("anc").finding  # type: ignore[union-attr]
    assert finding is not None
    assert finding.limit == "≥ 1000 /uL"


def test_a_version_knows_its_file_its_hash_and_what_it_amends(second: Protocol) -> None:
    assert [(each.name, each.version) for each in second.lineage] == [(AMENDED, "2"), (FIRST, "1")]
    assert second.lineage[1].hash == RELMA.hash != second.hash
    assert RELMA.lineage == (RELMA,)


def test_a_clause_that_fell_away_keeps_its_title(second: Protocol) -> None:
    assert second.find_rule("vascular_access") is None
    assert second.heading("vascular_access") == RELMA.heading("vascular_access")
    assert second.basis_of("vascular_access") == "protocol"
    assert second.heading("anc") == second.heading("anc")
    with pytest.raises(KeyError):
        second.heading("never_written")


def test_both_versions_live_in_one_folder(tmp_path: Path) -> None:
    protocol = load_protocol(written_to(tmp_path))
    assert (protocol.id, protocol.version, protocol.amends) == (RELMA.id, "2", FIRST)


def test_a_prospect_judges_what_was_passed_by_the_version_of_its_time(second: Protocol) -> None:
    few = an_eligible_woman().but(fact("anc", "2026-03-04 08:00", "1.2 10*9/L", resulted="2026-03-04 12:00"))
    timeline = enrolled(few).having(consent("2026-03-10 09:00", "2")).timeline()
    versions = {"1": RELMA, "2": second}
    found = look_ahead(RELMA, timeline, Step.LEUKAPHERESIS, at("2026-03-16 09:00"), {}, versions=versions)
    assert found.allowed
    later = look_ahead(
        RELMA, a_reconsented_woman().timeline(), Step.LYMPHODEPLETION, at("2026-04-09 09:00"), {}, versions=versions
    )
    assert "dose_confirmed_ld" in {finding.clause for finding in later.owes}


def test_the_nearest_days_are_those_of_the_version_of_the_consent() -> None:
    woman = conditioned(collected(enrolled(an_eligible_woman().but(consent("2026-03-02 09:00", "2")))))
    dosed = at(CONDITIONED)
    first = searched(woman, dosed + TICK)
    known = replace(first, versions={"1": RELMA, "2": a_trial_with_gaps(3).model_copy(update={"version": "2"})})

    assert first.nearest_later(Step.INFUSION, dosed) == first.slots.first_from(dosed + TICK)
    assert known.nearest_later(Step.INFUSION, dosed) == first.slots.first_from(dosed + timedelta(days=4) - TICK)
    assert first.nearest_earlier(Step.INFUSION, dosed + timedelta(days=3)) is not None
    assert known.nearest_earlier(Step.INFUSION, dosed + timedelta(days=3)) is None


def test_the_earliest_start_is_that_of_the_version_of_the_consent() -> None:
    woman = collected(enrolled(an_eligible_woman().but(consent("2026-03-02 09:00", "2"))))
    first = searched(woman, "2026-04-06 09:00")
    known = replace(first, versions={"1": RELMA, "2": a_trial_with_gaps(3).model_copy(update={"version": "2"})})

    assert starts(first, Step.LYMPHODEPLETION, Step.INFUSION) == [at("2026-04-06 10:00"), at("2026-04-07 10:00")]
    assert starts(known, Step.LYMPHODEPLETION, Step.INFUSION) == [at("2026-04-06 10:00"), at("2026-04-10 10:00")]

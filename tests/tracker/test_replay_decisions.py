"""`manage.py replay_decisions`: what was decided comes out again, whatever became known since; a forgery is found."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    employ,
    enrolled_woman,
    hcg,
    plan,
    record,
    screened_woman,
    take,
)
from tests.flushing import unaudited
from tracker.models import Participant, StepRecord, Study
from tracker.replaying.decisions import decision_of
from tracker.services import deviations
from tracker.services.signatures import Signing
from workflow.stages import Step

START = "2026-03-09T10:00:00+08:00"


def replay(*arguments: str) -> tuple[list[str], CommandError | None]:
    """The lines that were printed, and the error that gives the exit code."""
    out = StringIO()
    try:
        call_command("replay_decisions", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), error
    return out.getvalue().splitlines(), None


def forge(participant: Participant, **changes: Any) -> None:
    """Change the journal behind everybody's back."""
    with unaudited():
        StepRecord.objects.filter(participant=participant).update(**changes)


def test_a_line_for_each_decision_then_the_sum(house: House) -> None:
    collected_woman(house)
    lines, error = replay()
    assert error is None
    assert lines == [
        f"RELMA RJ-001 | enrol | {START} | ok",
        "RELMA RJ-001 | leukapheresis | 2026-03-16T09:00:00+08:00 | ok",
        "2 passed, 0 failed",
    ]


def test_what_was_recorded_in_the_same_instant_before_the_step_was_known_to_it(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "local_infection", "2026-03-09 09:00", by=house["crc"], known=ENROLLED)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"], known=ENROLLED)
    step = take(participant, Step.ENROL, ENROLLED, by=house["pi"], reported_afterwards=True, reason="Not seen in time")
    record(participant, "growth_factor", "2026-03-08 09:00", by=house["crc"], known=ENROLLED)
    decision = decision_of(step)
    blocking = {finding.clause for finding in decision.gate.blocking}
    assert "no_transfusion_7d" in blocking
    assert "no_growth_factor_7d" not in blocking
    assert decision.difference == ""


def test_a_step_that_a_deviation_held_and_one_after_its_signature_come_out_again(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"])
    take(
        participant, Step.ENROL, ENROLLED, by=house["sub_i"], known="2026-03-09 11:00", reported_afterwards=True,
        reason="Signed early",
    )  # fmt: skip
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    held = take(
        participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["apheresis_nurse"], reported_afterwards=True,
        reason="Not told of the hold",
    )  # fmt: skip
    texts = {"cause": "Haste", "impact": "None seen", "action": "Told everybody"}
    employ(house, "pi", "second")
    for deviation in participant.deviations.all():
        now = at("2026-03-17 09:00")
        deviations.complete(deviation=deviation, **texts, by=house["crc"], now=now)
        deviations.close(deviation=deviation, by=house["second"], now=now, signing=Signing(house["second"]))
    assert "hold" in {finding.clause for finding in decision_of(held).gate.blocking}
    lines, error = replay()
    assert error is None
    assert lines[-1] == "2 passed, 0 failed"


def test_a_tampered_outcome_is_found_and_named(house: House) -> None:
    participant = enrolled_woman(house)
    evidence = StepRecord.objects.get().evidence
    for entry in evidence:
        if entry["clause"] == "anc":
            entry["outcome"] = "fail"
    forge(participant, evidence=evidence)
    lines, error = replay()
    assert lines == [
        f"RELMA RJ-001 | enrol | {START} | DIFFERS: anc was fail, comes out met", "0 passed, 1 failed",
    ]  # fmt: skip
    assert error is not None
    assert error.returncode == 1


@pytest.mark.parametrize("evidence", ["gone", [{"clause": "anc"}], 7])
def test_evidence_that_cannot_be_read_is_a_difference(house: House, evidence: Any) -> None:
    forge(enrolled_woman(house), evidence=evidence)
    lines, _error = replay()
    assert lines[0].endswith("DIFFERS: the evidence on record cannot be read")


def test_evidence_that_was_taken_away_or_added_is_found(house: House) -> None:
    participant = enrolled_woman(house)
    evidence = [entry for entry in StepRecord.objects.get().evidence if entry["clause"] != "anc"]
    forge(participant, evidence=[*evidence, {"clause": "charm", "outcome": "met"}])
    lines, _error = replay()
    assert "charm was met, comes out not asked" in lines[0]
    assert "anc was not asked, comes out met" in lines[0]


def test_a_start_that_was_moved_is_found(house: House) -> None:
    forge(enrolled_woman(house), happened_at=at("2026-03-02 09:30"))
    lines, error = replay()
    assert "DIFFERS" in lines[0]
    assert error is not None


def test_a_decision_by_a_version_that_is_not_at_hand_is_never_called_right(house: House) -> None:
    forge(enrolled_woman(house), protocol_version="0")
    lines, _error = replay()
    assert lines[0].endswith("DIFFERS: decided by protocol version 0, whose file is not there any more (there: 1)")


def test_one_study_is_chosen_by_its_code_and_an_unknown_code_is_named(house: House) -> None:
    Study.objects.create(code="OTHER", title="Other", protocol_id="relma-cel-ssc", target_number=1)
    enrolled_woman(house)
    assert replay("--study", "OTHER") == (["0 passed, 0 failed"], None)
    assert replay("--study", "RELMA")[0][-1] == "1 passed, 0 failed"
    _lines, error = replay("--study", "NONE")
    assert error is not None
    assert error.returncode == 2
    assert "OTHER, RELMA" in str(error)


def test_a_step_whose_plan_became_its_fact_is_replayed(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"])
    assert replay()[0][-1] == "3 passed, 0 failed"

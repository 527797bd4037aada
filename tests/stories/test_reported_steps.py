"""Steps that a gate stops: what is to come stays stopped; what has happened is reported, and holds what follows."""

import pytest

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    employ,
    fresh,
    record,
    screened_woman,
    take,
)
from tests.stories.seen import owed, standing, stops, told, told_at
from tracker.errors import NotAllowed, NotTheirsToSign, StepInvalid, StepRefused
from tracker.models import Alert, Deviation, Participant, RecordedFact, Signature, StepRecord
from tracker.services import deviations, facts
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

REPORTED = "2026-04-09 11:00"
CLOSED = "2026-04-10 09:00"
INFUSED = "2026-04-14 10:00"


@pytest.fixture
def dosed(house: House) -> Participant:
    """A woman whose first dose the ward nurse reported two hours later, given without a test in the last 48 hours."""
    participant = collected_woman(house)
    take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], known=REPORTED,
        reported_afterwards=True, reason="Given before anybody looked",
    )  # fmt: skip
    return fresh(participant)


def completed(house: House, now: str = CLOSED) -> Deviation:
    """The deviation, with cause, impact and action written."""
    texts = {"cause": "The ward did not know", "impact": "None seen", "action": "The ward was told"}
    return deviations.complete(deviation=Deviation.objects.get(), **texts, by=house["crc"], now=at(now))


def test_a_step_still_to_come_that_its_gate_stops_stays_stopped(house: House) -> None:
    participant = collected_woman(house)
    for role in ("pi", "sub_i", "ward_nurse"):
        with pytest.raises(StepRefused):
            take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house[role], reason="The bed is free")
    with pytest.raises(StepInvalid, match="future"):
        take(
            participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"], known="2026-04-09 08:59",
            reported_afterwards=True, reason="It will be given",
        )  # fmt: skip
    assert fresh(participant).stage == Stage.LEUKAPHERESIS
    assert not RecordedFact.objects.filter(concept="lymphodepletion_started").exists()


def test_entry_criteria_have_no_waiver(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "lvef", "2026-03-06 08:00", "54", unit="%", by=house["crc"])
    record(participant, "hold", "2026-03-06 09:00", by=house["pi"], detail="Waiver asked for")
    facts.end_interval(
        fact=RecordedFact.objects.get(concept="hold"), until=at("2026-03-07 09:00"), by=house["pi"],
        now=at("2026-03-07 09:00"),
    )  # fmt: skip
    for role in ("pi", "sub_i"):
        with pytest.raises(StepRefused) as refusal:
            take(participant, Step.ENROL, ENROLLED, by=house[role], reason="The sponsor agrees", detail="Waived")
        assert [finding.clause for finding in refusal.value.gate.blocking] == ["lvef"]
    assert not StepRecord.objects.exists()


def test_what_has_already_happened_is_never_refused(house: House, dosed: Participant) -> None:
    step = dosed.steps.get(step="lymphodepletion")
    assert (dosed.stage, step.happened_at, step.recorded_at) == (Stage.LYMPHODEPLETION, at(CONDITIONED), at(REPORTED))
    assert (step.reported_afterwards, step.reason) == (True, "Given before anybody looked")
    other = collected_woman(house, "RJ-002")
    with pytest.raises(StepInvalid, match="reason"):
        take(other, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], known=REPORTED, reported_afterwards=True)


def test_a_reported_step_is_judged_over_what_was_out_at_its_start(house: House) -> None:
    for number, resulted, drafted in (("RJ-001", "2026-04-09 08:50", 0), ("RJ-002", "2026-04-09 09:10", 1)):
        participant = collected_woman(house, number)
        sample = record(participant, "serum_hcg", "2026-04-08 10:00", by=house["crc"])
        facts.record_result(
            fact=sample, value="negative", resulted_at=at(resulted), by=house["crc"], now=at("2026-04-09 10:00")
        )
        take(
            participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], known=REPORTED,
            reported_afterwards=True, reason="No network on the ward",
        )  # fmt: skip
        assert participant.deviations.count() == drafted


def test_pi_pharmacist_and_coordinator_are_told_at_once_of_a_step_against_its_gate(dosed: Participant) -> None:
    assert standing(dosed) == [("reported", at(REPORTED))]
    assert told("reported") == {"pi", "pharmacist", "crc"}
    assert told_at("reported") == {at(REPORTED)}
    assert Alert.objects.get(rung="reported").urgent


def test_a_reported_step_counts_as_happened_and_drafts_a_deviation(dosed: Participant) -> None:
    deviation = Deviation.objects.get()
    assert (deviation.clause, deviation.status, deviation.drafted_at) == ("hcg_48h_ld", "draft", at(REPORTED))
    assert deviation.step_record == dosed.steps.get(step="lymphodepletion")
    assert owed(dosed, "hcg_48h_ld").status == "eligibility_invalidated"
    assert RecordedFact.objects.get(concept="lymphodepletion_started").at == at(CONDITIONED)


def test_every_later_step_is_held_until_the_pi_signs(house: House, dosed: Participant) -> None:
    record(dosed, "lymphodepletion_completed", "2026-04-11 15:00", by=house["ward_nurse"])
    assert stops(dosed, Step.INFUSION, INFUSED) == {"hold": "fail"}
    with pytest.raises(StepRefused):
        take(dosed, Step.INFUSION, INFUSED, by=house["pi"])
    deviation = completed(house, "2026-04-14 08:00")
    for role in ("sub_i", "crc", "ward_nurse", "sponsor"):
        with pytest.raises(NotAllowed):
            deviations.close(
                deviation=deviation, by=house[role], now=at("2026-04-14 08:30"), signing=Signing(house[role])
            )
    assert stops(dosed, Step.INFUSION, INFUSED) == {"hold": "fail"}
    deviations.close(deviation=deviation, by=house["pi"], now=at("2026-04-14 09:00"), signing=Signing(house["pi"]))
    assert stops(dosed, Step.INFUSION, INFUSED) == {}
    take(dosed, Step.INFUSION, INFUSED, by=house["pi"])


def test_whoever_reported_the_step_never_signs_its_deviation(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    take(participant, Step.ENROL, ENROLLED, by=house["pi"], reported_afterwards=True, reason="Signed early")
    deviation = completed(house, COLLECTED)
    with pytest.raises(NotTheirsToSign, match="yourself"):
        deviations.close(deviation=deviation, by=house["pi"], now=at(COLLECTED), signing=Signing(house["pi"]))
    other = employ(house, "pi", "second")
    deviations.close(deviation=deviation, by=other, now=at(COLLECTED), signing=Signing(other))
    assert Signature.objects.get(meaning="deviation").signer == other

"""What becomes known late: it judges again every gate it touches, and rewrites nothing."""

import pytest

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    employ,
    enrolled_woman,
    fresh,
    hcg,
    record,
    take,
)
from tests.stories.seen import owed, standing, stops, told
from tracker.errors import NotTheirsToSign, StepRefused
from tracker.models import Deviation, Participant, RecordedFact, StepRecord
from tracker.services import deviations, facts
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

LATE = "2026-03-11 09:00"


def transfused(participant: Participant, house: House, when: str = "2026-03-08 14:00", known: str = LATE) -> None:
    """A transfusion that nobody had told of."""
    record(participant, "transfusion", when, by=house["crc"], known=known)


def test_a_fact_known_late_blocks_the_next_step(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    assert stops(participant, Step.LEUKAPHERESIS, COLLECTED) == {}
    transfused(participant, house)
    assert stops(participant, Step.LEUKAPHERESIS, COLLECTED) == {"no_transfusion_7d": "fail"}
    with pytest.raises(StepRefused):
        take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    row = owed(participant, "no_transfusion_7d")
    assert (row.status, row.raised_at) == ("eligibility_invalidated", at(LATE))
    assert standing(participant) == [("invalidated", at(LATE))]
    assert told("invalidated") == {"pi", "crc"}
    assert not Deviation.objects.exists()


def test_a_fact_known_late_is_judged_at_the_original_start(house: House) -> None:
    participant = enrolled_woman(house)
    transfused(participant, house, "2026-03-10 14:00", known="2026-03-10 15:00")
    transfused(participant, house, "2026-03-01 23:59")
    assert owed(participant, "no_transfusion_7d").status == "met"
    transfused(participant, house, "2026-03-02 00:00", known="2026-03-30 09:00")
    row = owed(participant, "no_transfusion_7d")
    assert (row.status, row.due_at) == ("eligibility_invalidated", at(ENROLLED))


def test_a_fact_known_after_the_next_step_drafts_a_deviation(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, "2026-03-16 09:00", by=house["apheresis_nurse"])
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-17 09:00")
    record(participant, "weight", "2026-03-18 08:00", "61", by=house["crc"])
    deviation = Deviation.objects.get()
    assert (deviation.clause, deviation.step_record.step) == ("no_transfusion_7d", "enrol")  # type: ignore[union-attr]
    assert deviation.drafted_at == at("2026-03-17 09:00")


def test_history_is_never_rewritten(house: House) -> None:
    participant = enrolled_woman(house)
    before = StepRecord.objects.values().get()
    versions = set(RecordedFact.objects.values_list("pk", flat=True))
    transfused(participant, house)
    anc = RecordedFact.objects.get(concept="anc")
    low = FactEntry(concept="anc", at=anc.at, value="0.4", unit="10*9/L", resulted_at=anc.resulted_at)
    facts.correct_fact(fact=anc, entry=low, reason="Wrong tube", by=house["crc"], now=at("2026-03-12 09:00"))
    assert StepRecord.objects.values().get() == before
    assert versions < set(RecordedFact.objects.values_list("pk", flat=True))
    assert fresh(participant).stage == Stage.ENROLLED


def test_a_late_fact_that_invalidates_a_passed_gate_holds_the_next_step(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    record(
        participant, "systemic_infection", "2026-03-12", until="2026-03-14", by=house["pi"], known="2026-04-08 15:00"
    )
    deviation = Deviation.objects.get()
    assert (deviation.clause, deviation.reported_by) == ("infection_2w_apheresis", house["pi"])
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"hold": "fail"}
    texts = {"cause": "Told late", "impact": "None seen", "action": "The ward was told"}
    now = at("2026-04-08 16:00")
    deviations.complete(deviation=deviation, **texts, by=house["crc"], now=now)
    with pytest.raises(NotTheirsToSign, match="yourself"):
        deviations.close(deviation=deviation, by=house["pi"], now=now, signing=Signing(house["pi"]))
    other = employ(house, "pi", "second")
    deviations.close(deviation=deviation, by=other, now=now, signing=Signing(other))
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}


def test_a_corrected_fact_judges_again_every_gate_it_touches(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    anc = RecordedFact.objects.get(concept="anc")
    low = FactEntry(concept="anc", at=anc.at, value="0.9", unit="10*9/L", resulted_at=anc.resulted_at)
    wrong = facts.correct_fact(fact=anc, entry=low, reason="Misread", by=house["crc"], now=at(LATE))
    assert stops(participant, Step.LEUKAPHERESIS, COLLECTED) == {"anc": "fail"}
    assert standing(participant) == [("invalidated", at(LATE))]
    right = FactEntry(concept="anc", at=anc.at, value="3.2", unit="10*9/L", resulted_at=anc.resulted_at)
    facts.correct_fact(fact=wrong, entry=right, reason="Was right", by=house["crc"], now=at("2026-03-11 10:00"))
    assert stops(participant, Step.LEUKAPHERESIS, COLLECTED) == {}
    assert standing(participant) == []
    assert [row.value for row in RecordedFact.objects.filter(key=anc.key)] == ["3.2", "0.9", "3.2"]
    assert [row.reason for row in RecordedFact.objects.filter(key=anc.key)] == ["", "Misread", "Was right"]

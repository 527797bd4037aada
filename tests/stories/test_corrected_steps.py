"""Steps recorded at a wrong time or in error: corrected with a reason, and judged again."""

import pytest

from tests.builders import CONDITIONED, House, at, collected_woman, fresh, hcg, plan, record, take
from tests.stories.seen import owed, standing, stops, told
from tracker.errors import StepInvalid
from tracker.models import Deviation, FactStatus, Participant, RecordedFact, StepRecord
from tracker.replaying.decisions import decisions
from tracker.services import step_corrections
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step

FOUND = "2026-04-12 09:00"


@pytest.fixture
def dosed(house: House) -> Participant:
    """A woman whose first dose was planned, tested for 47 hours before it, and given."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-07 09:00")
    hcg(participant, house, "2026-04-07 10:00", "2026-04-07 13:00")
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    return fresh(participant)


def last_step(participant: Participant) -> StepRecord:
    return StepRecord.objects.filter(participant=participant).latest("pk")


def test_a_step_at_a_wrong_time_is_corrected_with_a_reason_and_judged_again(house: House, dosed: Participant) -> None:
    assert (owed(dosed, "hcg_48h_ld").status, standing(dosed)) == ("met", [])
    first, nurse = last_step(dosed), house["ward_nurse"]
    correction = {"record": first, "happened_at": at("2026-04-09 10:01"), "by": nurse, "now": at(FOUND)}
    with pytest.raises(StepInvalid, match="reason"):
        step_corrections.correct_time(**correction, reason=" ", signature=Signing(nurse))  # type: ignore[arg-type]
    step_corrections.correct_time(**correction, reason="The clock was misread", signature=Signing(nurse))  # type: ignore[arg-type]
    second = last_step(dosed)
    assert [each.happened_at for each in (first, second)] == [at(CONDITIONED), at("2026-04-09 10:01")]
    assert (second.corrects, second.reason, fresh(dosed).stage) == (
        first, "The clock was misread", Stage.LYMPHODEPLETION,
    )  # fmt: skip
    assert (Deviation.objects.get().clause, Deviation.objects.get().reported_by) == ("hcg_48h_ld", nurse)
    assert owed(dosed, "hcg_48h_ld").status == "eligibility_invalidated"
    assert told("reported") == {"pi", "pharmacist", "crc"}
    record(dosed, "lymphodepletion_completed", "2026-04-12 10:00", by=nurse)
    assert stops(dosed, Step.INFUSION, "2026-04-14 10:00") == {"hold": "fail"}
    assert {each.difference for each in decisions(StepRecord.objects.all())} == {""}


def test_a_step_recorded_in_error_is_taken_back_and_the_stage_follows(house: House, dosed: Participant) -> None:
    first, nurse = last_step(dosed), house["ward_nurse"]
    back = step_corrections.take_back(
        record=first, reason="Another participant", by=nurse, now=at("2026-04-09 09:20"), signature=Signing(nurse)
    )
    assert (back.corrects, back.reason, back.in_error) == (first, "Another participant", True)
    assert StepRecord.objects.filter(pk=first.pk, happened_at=at(CONDITIONED)).exists()
    assert fresh(dosed).stage == Stage.LEUKAPHERESIS
    versions = RecordedFact.objects.filter(concept="lymphodepletion_started").order_by("version")
    assert [row.status for row in versions] == [FactStatus.PLANNED, FactStatus.DONE, FactStatus.PLANNED]
    assert (owed(dosed, "hcg_48h_ld").status, owed(dosed, "hcg_48h_ld").due_at) == ("met", at(CONDITIONED))
    take(dosed, Step.LYMPHODEPLETION, "2026-04-09 10:00", by=nurse)
    assert fresh(dosed).stage == Stage.LYMPHODEPLETION

"""What a person holds, and what concerns the whole study."""

from datetime import date

import pytest

from tests.builders import CONDITIONED, House, at, collected_woman, enrolled_woman, fresh, hcg, record, take
from tests.stories.seen import finding, owed, stops
from tracker.errors import FactInvalid, NotAllowed, StepRefused
from tracker.models import Participant, RecordedFact
from tracker.services import deadlines, facts
from tracker.services.facts import FactEntry
from workflow.stages import Step


def ready(house: House, number: str = "RJ-001") -> Participant:
    """A woman whose first dose nothing stops."""
    participant = collected_woman(house, number)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}
    return participant


def the_study_ends(house: House, day: date, now: str) -> RecordedFact:
    entry = FactEntry(concept="study_end", at=day)
    return facts.record_fact(study=house.study, entry=entry, by=house["pi"], now=at(now), reason="amended")


def test_an_investigator_holds_one_participant_with_a_reason_and_releases_her(house: House) -> None:
    participant, other = ready(house), ready(house, "RJ-002")
    with pytest.raises(FactInvalid) as refusal:
        record(participant, "hold", "2026-04-08 14:00", by=house["pi"])
    assert set(refusal.value.errors) == {"detail"}
    with pytest.raises(NotAllowed):
        record(participant, "hold", "2026-04-08 14:00", by=house["crc"], detail="Fever")
    hold = record(participant, "hold", "2026-04-08 14:00", by=house["pi"], detail="Fever of unknown origin")
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"hold": "fail"}
    assert stops(other, Step.LYMPHODEPLETION, CONDITIONED) == {}
    said = finding(participant, Step.LYMPHODEPLETION, CONDITIONED, "hold").evidence[0]
    assert (said.detail, hold.recorded_by) == ("Fever of unknown origin", house["pi"])
    with pytest.raises(StepRefused):
        take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["pi"])
    facts.end_interval(fact=hold, until=at("2026-04-08 20:00"), by=house["sub_i"], now=at("2026-04-08 20:00"))
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}


def test_a_hold_of_the_study_holds_every_participant(house: House) -> None:
    everybody = [ready(house), ready(house, "RJ-002")]
    entry = FactEntry(concept="hold", at=at("2026-04-08 14:00"), detail="Toxicity in another study")
    with pytest.raises(NotAllowed):
        facts.record_fact(study=house.study, entry=entry, by=house["crc"], now=at("2026-04-08 14:00"))
    hold = facts.record_fact(study=house.study, entry=entry, by=house["pi"], now=at("2026-04-08 14:00"))
    for participant in everybody:
        assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"hold": "fail"}
        assert fresh(participant).reassess_after == at("2026-04-08 14:00")
    facts.end_interval(fact=hold, until=at("2026-04-08 20:00"), by=house["pi"], now=at("2026-04-08 20:00"))
    for participant in everybody:
        assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}


def test_a_date_of_the_study_reaches_every_participant_with_the_next_sweep_and_moves(house: House) -> None:
    everybody = [enrolled_woman(house), enrolled_woman(house, "RJ-002")]
    the_study_ends(house, date(2027, 4, 30), "2026-03-10 09:00")
    assert [owed(each, "contraception").required_through for each in everybody] == [None, None]
    assert deadlines.sweep(at("2026-03-10 09:00")) == 2
    assert [owed(each, "contraception").required_through for each in everybody] == [date(2029, 4, 30)] * 2
    moved = the_study_ends(house, date(2028, 2, 29), "2026-11-02 09:00")
    assert (moved.version, RecordedFact.objects.filter(concept="study_end").count()) == (2, 2)
    deadlines.sweep(at("2026-11-02 09:00"))
    assert [owed(each, "contraception").required_through for each in everybody] == [date(2030, 3, 1)] * 2


def test_a_hold_is_released_by_nobody_but_an_investigator(house: House) -> None:
    participant = ready(house)
    hold = record(participant, "hold", "2026-04-08 14:00", by=house["sub_i"], detail="Fever")
    now = at("2026-04-08 20:00")
    for role in ("crc", "ward_nurse", "pharmacist", "sponsor"):
        with pytest.raises(NotAllowed):
            record(participant, "hold", "2026-04-08 14:00", by=house[role], detail="Fever")
        with pytest.raises(NotAllowed):
            facts.end_interval(fact=hold, until=now, by=house[role], now=now)
        with pytest.raises(NotAllowed):
            facts.withdraw_fact(fact=hold, reason="Not mine", by=house[role], now=now)
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"hold": "fail"}

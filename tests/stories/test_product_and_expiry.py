"""The product's own states, and evidence that would go stale in silence."""

import pytest

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    House,
    at,
    collected_woman,
    enrolled_woman,
    hcg,
    plan,
    record,
    screened_woman,
    take,
)
from tests.stories.seen import live_until, standing, stops, told, told_at
from tracker.errors import NotAllowed
from tracker.models import Participant
from workflow.stages import Step


def with_product(house: House, *events: tuple[str, str]) -> Participant:
    """A woman collected from and tested, with what became of her product."""
    participant = enrolled_woman(house)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    for concept, when in events:
        record(participant, concept, when, by=house["cell_lab"])
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    return participant


def test_lymphodepletion_waits_for_the_release_of_the_product(house: House) -> None:
    participant = with_product(house, ("manufacturing_started", "2026-03-18 09:00"))
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"product_for_ld": "missing"}
    record(participant, "product_released", "2026-04-09 08:00", by=house["cell_lab"])
    assert stops(participant, Step.LYMPHODEPLETION, "2026-04-09 07:59") == {"product_for_ld": "missing"}
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}


def test_a_product_out_of_specification_is_told_at_once_and_waits_for_the_pi(house: House) -> None:
    participant = with_product(house, ("product_released", "2026-04-03 10:00"))
    record(participant, "product_out_of_specification", "2026-04-08 15:00", by=house["cell_lab"])
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {"product_for_ld": "fail"}
    assert ("review", at("2026-04-08 15:00")) in standing(participant)
    assert (told("review"), told_at("review")) == ({"pi", "crc", "cell_lab", "sponsor"}, {at("2026-04-08 15:00")})
    for role in ("cell_lab", "crc", "sub_i"):
        with pytest.raises(NotAllowed):
            record(participant, "product_accepted", "2026-04-08 16:00", by=house[role])
    record(participant, "product_accepted", "2026-04-08 17:00", by=house["pi"])
    assert "review" not in dict(standing(participant))
    assert stops(participant, Step.LYMPHODEPLETION, CONDITIONED) == {}


def test_evidence_for_a_step_still_to_come_warns_before_it_expires_and_when_it_does(house: House) -> None:
    participant = screened_woman(house)
    live_until(participant, "2026-03-10 23:59")
    assert standing(participant) == []
    live_until(participant, "2026-03-11 00:00")
    assert dict(standing(participant)).keys() == {"expiring"}
    assert told("expiring") == {"crc"}
    live_until(participant, "2026-03-12 00:00")
    assert dict(standing(participant)).keys() == {"expired"}
    assert told("expired") == {"crc"}


def test_evidence_is_watched_over_by_a_plan_and_ends_with_its_step(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-10 09:00", by=house["crc"], now="2026-04-08 14:00")
    live_until(participant, "2026-04-10 08:59")
    assert "expiring" not in dict(standing(participant))
    take(participant, Step.LYMPHODEPLETION, "2026-04-10 09:00", by=house["ward_nurse"])
    live_until(participant, "2026-04-12 09:00")
    assert standing(participant) == []

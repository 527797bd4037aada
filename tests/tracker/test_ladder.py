"""The ladder of the 48-hour test, walked by the sweep: who is told when, and what ends it."""

from datetime import datetime

import pytest

from tests.builders import House, at, collected_woman, fresh, hcg, plan, record, take
from tracker.models import Alert, Notification, Participant
from tracker.services import deadlines, facts
from workflow.stages import Step

DOSE = "2026-04-20 09:00"


@pytest.fixture
def participant(house: House) -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


def live_until(participant: Participant, instant: str) -> None:
    """Sweep whenever the running system would have woken up."""
    while (wakes := fresh(participant).reassess_after) is not None and wakes <= at(instant):
        deadlines.sweep(wakes)


def unresolved() -> list[tuple[str, datetime]]:
    return [(alert.rung, alert.raised_at) for alert in Alert.objects.exclude(status="resolved")]


def told(rung: str, kind: str = "first") -> set[str]:
    return set(Notification.objects.filter(alert__rung=rung, kind=kind).values_list("role", flat=True))


@pytest.mark.parametrize(
    ("until", "rung", "since", "roles"),
    [
        ("2026-04-17 09:00", "order_test", "2026-04-17 09:00", {"crc"}),
        ("2026-04-18 09:00", "window_open", "2026-04-18 09:00", {"crc", "ward_nurse"}),
        ("2026-04-19 09:00", "no_sample", "2026-04-19 09:00", {"crc", "ward_nurse", "sub_i"}),
        ("2026-04-20 03:00", "no_result", "2026-04-20 03:00", {"crc", "sub_i", "pi", "pharmacist"}),
        ("2026-04-20 09:00", "blocked", "2026-04-20 09:00", {"crc", "sub_i", "pi", "pharmacist", "ward_nurse"}),
    ],
)
def test_each_rung_is_told_at_its_time_to_its_roles(
    participant: Participant, until: str, rung: str, since: str, roles: set[str]
) -> None:
    live_until(participant, until)
    assert unresolved() == [(rung, at(since))]
    assert told(rung) == roles


def test_nobody_is_told_before_the_first_rung(participant: Participant) -> None:
    live_until(participant, "2026-04-17 08:59")
    assert not Alert.objects.exists()


def test_a_rung_gives_way_to_the_next_one(participant: Participant) -> None:
    live_until(participant, DOSE)
    assert list(Alert.objects.order_by("raised_at").values_list("rung", "resolution")) == [
        ("order_test", "superseded"),
        ("window_open", "superseded"),
        ("no_sample", "superseded"),
        ("no_result", "superseded"),
        ("blocked", ""),
    ]


def test_a_drawn_sample_quiets_what_asks_for_one(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-18 09:00")
    record(participant, "serum_hcg", "2026-04-18 10:00", by=house["crc"])
    assert unresolved() == []
    assert Alert.objects.get(rung="window_open").resolution == "done"


def test_a_sample_without_its_result_is_asked_for_six_hours_before(participant: Participant, house: House) -> None:
    record(participant, "serum_hcg", "2026-04-19 20:00", by=house["crc"])
    live_until(participant, "2026-04-20 03:00")
    assert unresolved() == [("no_result", at("2026-04-20 03:00"))]


def test_a_negative_result_ends_it(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-19 09:00")
    hcg(participant, house, "2026-04-19 10:00", "2026-04-19 14:00")
    live_until(participant, DOSE)
    assert unresolved() == []
    assert participant.deadlines.get(clause="hcg_48h_ld").status == "met"


def test_a_plan_moved_within_the_ladder_tells_its_new_rung(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-19 09:00")
    plan(
        participant, Step.LYMPHODEPLETION, "2026-04-21 09:00", by=house["crc"], now="2026-04-19 12:00", reason="No bed"
    )
    assert unresolved() == [("window_open", at("2026-04-19 12:00"))]
    assert Alert.objects.get(rung="no_sample").resolution == "plan_moved"


def test_a_cancelled_plan_ends_its_ladder(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-18 09:00")
    facts.cancel_plan(
        participant=participant, step=Step.LYMPHODEPLETION, reason="Fever", by=house["crc"], now=at("2026-04-18 12:00")
    )
    assert Alert.objects.get(rung="window_open").resolution == "plan_moved"
    assert unresolved() == []


def test_the_end_of_the_journey_ends_every_alert(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-18 09:00")
    take(participant, Step.WITHDRAW, "2026-04-18 12:00", by=house["pi"])
    assert Alert.objects.get(rung="window_open").resolution == "journey_ended"
    assert fresh(participant).reassess_after is None

"""Gates are judged when a step starts, deadlines on its plan; and a moved plan moves all that hangs on it."""

from tests.builders import CONDITIONED, House, at, collected_woman, fresh, hcg, plan, take
from tests.stories.seen import live_until, owed, standing, stops
from tracker.models import Alert, Notification
from tracker.services.steps import gate_at
from workflow.stages import Stage, Step

DOSE = "2026-04-20 09:00"


def test_a_gate_is_judged_when_the_step_starts_and_never_on_its_plan(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-12 09:00", by=house["crc"], now="2026-04-06 09:00")
    hcg(participant, house, "2026-04-07 10:00", "2026-04-07 13:00")
    assert owed(participant, "hcg_48h_ld").status == "upcoming"
    assert stops(participant, Step.LYMPHODEPLETION, "2026-04-12 09:00") == {"hcg_48h_ld": "stale"}
    take(participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    assert fresh(participant).stage == Stage.LYMPHODEPLETION
    row = owed(participant, "hcg_48h_ld")
    assert (row.status, row.due_at) == ("met", at(CONDITIONED))


def test_deadlines_are_judged_on_the_plan(house: House) -> None:
    participant = collected_woman(house)
    assert owed(participant, "hcg_48h_ld").due_at is None
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    row = owed(participant, "hcg_48h_ld")
    assert (row.status, row.opens_at, row.due_at) == ("upcoming", at("2026-04-18 09:00"), at(DOSE))
    hcg(participant, house, "2026-04-18 09:00", "2026-04-18 13:00")
    assert (owed(participant, "hcg_48h_ld").status, owed(participant, "hcg_48h_ld").valid_until) == ("met", at(DOSE))


def test_a_moved_plan_makes_its_evidence_stale_and_the_test_is_owed_again(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-18 08:00")
    hcg(participant, house, "2026-04-18 10:00", "2026-04-18 13:00")
    assert (owed(participant, "hcg_48h_ld").status, standing(participant)) == ("met", [])
    plan(
        participant, Step.LYMPHODEPLETION, "2026-04-20 15:00", by=house["crc"], now="2026-04-19 16:00", reason="No bed"
    )
    row = owed(participant, "hcg_48h_ld")
    assert (row.status, row.due_at, row.valid_until) == ("open", at("2026-04-20 15:00"), at("2026-04-20 10:00"))
    assert "no_sample" in dict(standing(participant))
    gate = gate_at(fresh(participant), Step.LYMPHODEPLETION, at("2026-04-20 15:00"))
    assert gate is not None
    assert not gate.allowed


def test_a_moved_plan_takes_back_what_it_made_obsolete_and_says_so(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-18 09:00")
    Notification.objects.filter(role="crc").update(status="sent", sent_at=at("2026-04-18 09:01"))
    plan(participant, Step.LYMPHODEPLETION, "2026-04-28 09:00", by=house["crc"], now="2026-04-18 12:00", reason="Fever")
    obsolete = Alert.objects.get(rung="window_open")
    assert (obsolete.resolution, standing(participant)) == ("plan_moved", [])
    assert list(obsolete.notifications.order_by("role", "kind").values_list("role", "kind", "status")) == [
        ("crc", "first", "sent"),
        ("crc", "withdrawn", "pending"),
        ("ward_nurse", "first", "withdrawn"),
    ]

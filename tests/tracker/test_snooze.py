"""Snoozing quiets one's own repeats and nothing else."""

import pytest

from tests.builders import House, at, collected_woman, fresh, plan
from tests.tracker.test_ladder import DOSE, live_until, told
from tracker.errors import AlertResolved, NotAllowed, SnoozeInvalid, UrgentNotSnoozed
from tracker.models import Alert, AlertEvent, Notification, Participant
from tracker.services import alerts, facts
from tracker.services.facts import FactEntry
from tracker.services.history import snoozes_in_force
from workflow.stages import Step

NOW = "2026-04-17 10:00"


@pytest.fixture
def participant(house: House) -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


@pytest.fixture
def alert(participant: Participant) -> Alert:
    """The first rung, three days before the dose."""
    live_until(participant, "2026-04-17 09:00")
    return Alert.objects.get()


def snoozed(alert: Alert, house: House, until: str, *, now: str = NOW, reason: str = "ordered for Saturday") -> Alert:
    return alerts.snooze(alert=alert, by=house["crc"], until=at(until), reason=reason, now=at(now))


def holds(now: str) -> list[str]:
    return [event.by.username for event in snoozes_in_force(at(now)) if event.by]


def test_a_snooze_says_who_until_when_and_why(alert: Alert, house: House) -> None:
    snoozed(alert, house, "2026-04-18 08:00")
    event = AlertEvent.objects.get(kind="snoozed")
    assert (event.by, event.at, event.until, event.note) == (
        house["crc"], at(NOW), at("2026-04-18 08:00"), "ordered for Saturday",
    )  # fmt: skip


def test_a_snooze_ends_at_its_time(alert: Alert, house: House) -> None:
    snoozed(alert, house, "2026-04-18 08:00")
    assert holds("2026-04-18 07:59") == ["rj-crc"]
    assert holds("2026-04-18 08:00") == []


def test_a_snooze_ends_at_the_next_rung(alert: Alert, house: House, participant: Participant) -> None:
    snoozed(alert, house, "2026-04-19 08:00")
    live_until(participant, "2026-04-18 09:00")
    following = Alert.objects.get(rung="window_open")
    assert [event.alert_id for event in snoozes_in_force(at("2026-04-18 09:00"))] == [alert.pk]
    assert following.events.filter(kind="snoozed").count() == 0
    assert told("window_open") == {"crc", "ward_nurse"}


def test_a_snooze_stops_no_escalation_and_tells_nobody_less(
    alert: Alert, house: House, participant: Participant
) -> None:
    snoozed(alert, house, "2026-04-18 08:00")
    live_until(participant, "2026-04-17 21:00")
    assert told("order_test", "escalated") == {"sub_i"}
    assert fresh(participant).reassess_after == at("2026-04-18 09:00")


def test_an_urgent_alert_is_not_snoozed(house: House, participant: Participant) -> None:
    live_until(participant, "2026-04-19 09:00")
    with pytest.raises(UrgentNotSnoozed, match="An urgent alert cannot be snoozed"):
        snoozed(Alert.objects.get(rung="no_sample"), house, "2026-04-19 12:00", now="2026-04-19 10:00")
    assert not AlertEvent.objects.filter(kind="snoozed").exists()


@pytest.mark.parametrize(
    ("until", "reason", "field"),
    [
        ("2026-04-17 10:00", "later", "until"),
        ("2026-04-16 10:00", "later", "until"),
        ("2026-04-20 09:01", "later", "until"),
        ("2026-04-18 08:00", "  ", "reason"),
    ],
)
def test_a_snooze_ends_between_now_and_the_due_time_and_has_a_reason(
    alert: Alert, house: House, until: str, reason: str, field: str
) -> None:
    with pytest.raises(SnoozeInvalid) as refused:
        snoozed(alert, house, until, reason=reason)
    assert list(refused.value.errors) == [field]
    assert not AlertEvent.objects.filter(kind="snoozed").exists()


def test_a_snooze_may_last_up_to_the_due_time_itself(alert: Alert, house: House) -> None:
    snoozed(alert, house, DOSE)
    assert holds("2026-04-20 08:59") == ["rj-crc"]


def test_what_is_resolved_is_not_snoozed(alert: Alert, house: House, participant: Participant) -> None:
    live_until(participant, "2026-04-18 09:00")
    with pytest.raises(AlertResolved):
        snoozed(alert, house, "2026-04-19 08:00", now="2026-04-18 10:00")


def test_who_only_reads_snoozes_nothing(alert: Alert, house: House) -> None:
    with pytest.raises(NotAllowed):
        alerts.snooze(alert=alert, by=house["monitor"], until=at("2026-04-18 08:00"), reason="x", now=at(NOW))


def test_a_correction_voids_a_snooze_and_the_history_says_so(
    alert: Alert, house: House, participant: Participant
) -> None:
    snoozed(alert, house, "2026-04-18 08:00")
    sample = participant.facts.filter(concept="serum_hcg").latest("version")
    entry = FactEntry(concept="serum_hcg", at=sample.at, value="negative", resulted_at=at("2026-03-04 13:00"))
    facts.correct_fact(fact=sample, entry=entry, reason="Out later", by=house["crc"], now=at("2026-04-17 11:00"))
    assert holds("2026-04-17 11:00") == []
    assert list(alert.events.order_by("pk").values_list("kind", flat=True)) == ["raised", "snoozed", "snooze_voided"]
    assert not Notification.objects.filter(kind="renewed").exists()

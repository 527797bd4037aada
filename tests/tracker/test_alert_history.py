"""What happened to an alert is kept; something new voids what was acknowledged, and tells everybody once more."""

from datetime import datetime, timedelta

import pytest

from tests.builders import House, at, collected_woman, fresh, plan, record, screened_woman
from tests.tracker.test_ladder import DOSE, live_until, told
from tracker.models import Alert, AlertEvent, AppendOnly, Notification, Participant, RecordedFact
from tracker.services import alerts, deadlines, facts
from tracker.services.facts import FactEntry
from workflow.stages import Step

ACKNOWLEDGED = "2026-04-20 03:10"
RESULT = "2026-04-20 04:00"


@pytest.fixture
def participant(house: House) -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


@pytest.fixture
def sample(participant: Participant, house: House) -> RecordedFact:
    """A sample whose result is missing six hours before the dose; the coordinator has taken that up."""
    sample = record(participant, "serum_hcg", "2026-04-19 20:00", by=house["crc"])
    live_until(participant, "2026-04-20 03:00")
    alerts.acknowledge(alert=Alert.objects.get(rung="no_result"), by=house["crc"], now=at(ACKNOWLEDGED), note="on it")
    return sample


def resulted(sample: RecordedFact, house: House, value: str, now: str = RESULT) -> RecordedFact:
    return facts.record_result(fact=sample, value=value, resulted_at=at(now), by=house["crc"], now=at(now))


def journal(rung: str) -> list[tuple[str, datetime, str]]:
    events = Alert.objects.get(rung=rung).events.order_by("pk").select_related("by")
    return [(event.kind, event.at, event.by.username if event.by else "") for event in events]


def test_everything_that_happens_to_an_alert_is_kept_in_order(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-17 21:00")
    alerts.acknowledge(
        alert=Alert.objects.get(), by=house["sub_i"], now=at("2026-04-17 22:00"), note="ordered for Monday"
    )
    live_until(participant, "2026-04-18 09:00")
    assert journal("order_test") == [
        ("raised", at("2026-04-17 09:00"), ""),
        ("escalated", at("2026-04-17 21:00"), ""),
        ("acknowledged", at("2026-04-17 22:00"), "rj-sub_i"),
        ("resolved", at("2026-04-18 09:00"), ""),
    ]
    notes = AlertEvent.objects.filter(alert__rung="order_test").exclude(note="").values_list("kind", "note")
    assert list(notes) == [("acknowledged", "ordered for Monday"), ("resolved", "superseded")]


def test_the_history_is_never_changed_and_never_deleted(participant: Participant) -> None:
    live_until(participant, "2026-04-17 09:00")
    event = AlertEvent.objects.get()
    for change in (
        lambda: AlertEvent.objects.update(note="nothing happened"), lambda: AlertEvent.objects.all().delete(),
        event.delete, event.save,
    ):  # fmt: skip
        with pytest.raises(AppendOnly):
            change()
    assert AlertEvent.objects.get().note == ""


def test_an_acknowledged_rung_is_followed_by_one_that_tells_and_escalates_anew(
    participant: Participant, house: House
) -> None:
    live_until(participant, "2026-04-18 10:00")
    alerts.acknowledge(alert=Alert.objects.get(rung="window_open"), by=house["crc"], now=at("2026-04-18 10:00"))
    live_until(participant, "2026-04-19 08:59")
    assert told("window_open", "escalated") == set()
    live_until(participant, "2026-04-19 11:00")
    assert told("no_sample") == {"crc", "ward_nurse", "sub_i"}
    assert told("no_sample", "escalated") == {"pi"}
    assert Alert.objects.get(rung="no_sample").status == "raised"


def test_a_new_result_that_leaves_it_owed_voids_the_acknowledgement_and_tells_everybody_again(
    sample: RecordedFact, house: House
) -> None:
    resulted(sample, house, "indeterminate")
    alert = Alert.objects.get(rung="no_result")
    assert (alert.status, alert.acknowledged_by, alert.acknowledged_at, alert.acknowledged_note) == (
        "raised", None, None, "",
    )  # fmt: skip
    assert told("no_result", "renewed") == told("no_result") == {"crc", "sub_i", "pi", "pharmacist"}
    assert journal("no_result")[1:] == [
        ("acknowledged", at(ACKNOWLEDGED), "rj-crc"), ("acknowledgement_voided", at(RESULT), ""),
    ]  # fmt: skip
    message = Notification.objects.get(kind="renewed", role="crc")
    assert message.subject.startswith("RJ-001: look again. No acceptable result yet.")
    assert "the record has changed since this was acknowledged" in message.text_body
    assert "indeterminate" not in (message.text_body + message.html_body)


def test_a_correction_that_leaves_it_owed_voids_the_acknowledgement(sample: RecordedFact, house: House) -> None:
    entry = FactEntry(concept="serum_hcg", at=at("2026-04-19 21:00"))
    facts.correct_fact(fact=sample, entry=entry, reason="Wrong tube", by=house["crc"], now=at(RESULT))
    assert Alert.objects.get(rung="no_result").status == "raised"
    assert told("no_result", "renewed") == {"crc", "sub_i", "pi", "pharmacist"}


def test_what_is_withdrawn_as_entered_in_error_voids_the_acknowledgement(sample: RecordedFact, house: House) -> None:
    facts.withdraw_fact(fact=sample, reason="Another person's sample", by=house["crc"], now=at(RESULT))
    alert = Alert.objects.get(rung="no_result")
    assert (alert.status, alert.round) == ("raised", 1)


def test_looking_again_without_anything_new_writes_nothing(sample: RecordedFact, house: House) -> None:
    resulted(sample, house, "indeterminate")
    before = list(AlertEvent.objects.values_list()), list(Notification.objects.values_list())
    for instant in (RESULT, "2026-04-20 05:30"):
        deadlines.reconcile(fresh(Participant.objects.get()), at(instant))
    assert (list(AlertEvent.objects.values_list()), list(Notification.objects.values_list())) == before


def test_time_alone_voids_no_acknowledgement(sample: RecordedFact) -> None:
    deadlines.sweep(at("2026-04-20 08:59"))
    alert = Alert.objects.get(rung="no_result")
    assert (alert.status, alert.round) == ("acknowledged", 0)


def test_every_new_result_tells_once_more_if_the_last_was_acknowledged(sample: RecordedFact, house: House) -> None:
    second = resulted(sample, house, "indeterminate")
    alert = Alert.objects.get(rung="no_result")
    alerts.acknowledge(alert=alert, by=house["pi"], now=at("2026-04-20 04:30"))
    entry = FactEntry(concept="serum_hcg", at=second.at, value="positive", resulted_at=at(RESULT))
    facts.correct_fact(fact=second, entry=entry, reason="Misread", by=house["crc"], now=at("2026-04-20 05:00"))
    assert Notification.objects.filter(alert=alert, kind="renewed", role="crc").count() == 2
    assert Alert.objects.get(pk=alert.pk).round == 2


def test_what_nobody_acknowledged_escalates_no_later_because_of_something_new(house: House) -> None:
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    fact = record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    entry = FactEntry(concept="transfusion", at=at("2026-03-08 15:00"))
    facts.correct_fact(fact=fact, entry=entry, reason="Wrong hour", by=house["crc"], now=at("2026-03-09 12:00"))
    alert = Alert.objects.get()
    assert (alert.escalates_at, alert.round) == (at("2026-03-09 15:00"), 0)
    assert not Notification.objects.filter(kind="renewed").exists()


def test_what_is_told_anew_escalates_after_its_whole_wait(house: House) -> None:
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    fact = record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    live_until(participant, "2026-03-09 15:00")
    alerts.acknowledge(alert=Alert.objects.get(), by=house["pi"], now=at("2026-03-09 15:30"))
    entry = FactEntry(concept="transfusion", at=at("2026-03-08 15:00"))
    facts.correct_fact(fact=fact, entry=entry, reason="Wrong hour", by=house["crc"], now=at("2026-03-09 16:00"))
    assert told("conflict", "renewed") == {"crc", "apheresis_nurse", "pi"}
    live_until(participant, "2026-03-09 19:59")
    assert Notification.objects.filter(kind="escalated").count() == 1
    live_until(participant, "2026-03-09 20:00")
    assert Notification.objects.filter(kind="escalated").count() == 2


def test_what_was_not_yet_sent_is_replaced_by_what_is_told_anew(sample: RecordedFact, house: House) -> None:
    resulted(sample, house, "indeterminate")
    alert = Alert.objects.get(rung="no_result")
    states = set(Notification.objects.filter(alert=alert).values_list("kind", "status"))
    assert states == {("first", "withdrawn"), ("renewed", "pending")}


def test_a_moved_plan_is_another_alert_that_nobody_has_acknowledged(sample: RecordedFact, house: House) -> None:
    participant = Participant.objects.get()
    plan(
        participant,
        Step.LYMPHODEPLETION,
        "2026-04-20 10:00",
        by=house["crc"],
        now="2026-04-20 04:00",
        reason="Late bed",
    )
    old, new = Alert.objects.filter(rung="no_result").order_by("pk")
    assert (old.status, old.resolution, new.status) == ("resolved", "plan_moved", "raised")
    assert new.raised_at - at("2026-04-20 04:00") == timedelta(0)

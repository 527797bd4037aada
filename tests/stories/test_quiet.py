"""What quiet means: who may be left in peace, from what, and for how long."""

from datetime import time
from typing import Any

import pytest

from tests.builders import House, at, collected_woman, plan, record
from tests.stories.seen import live_until, standing, told
from tracker.errors import UrgentNotSnoozed
from tracker.models import Alert, Notification, Participant
from tracker.services import alerts, facts, notifications
from tracker.services.facts import FactEntry
from tracker.services.history import is_snoozed
from tracker.services.preferences import Preferences, choose
from workflow.stages import Step

DOSE = "2026-04-20 09:00"
LATE_DOSE = "2026-04-20 23:00"
"""The rungs of a dose at this hour come at 23:00 too."""
READER = "rj-crc@site.example"


def planned(house: House, dose: str = DOSE) -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, dose, by=house["crc"], now="2026-04-10 09:00")
    return participant


def sleeps(house: House) -> None:
    """The coordinator is left in peace from ten in the evening until six in the morning."""
    chosen = Preferences("en", digest_at=time(7, 30), quiet_from=time(22), quiet_until=time(6))
    choose(preferences=chosen, by=house["crc"], now=at("2026-04-10 09:00"))


def snooze(house: House, rung: str, until: str, now: str) -> None:
    alerts.snooze(alert=Alert.objects.get(rung=rung), by=house["crc"], until=at(until), reason="Ordered", now=at(now))


def listed(house: House, role: str, now: str) -> str:
    """The digest that somebody gets then."""
    notifications.write_due(at(now))
    return Notification.objects.filter(kind="digest", recipient=house[role]).latest("pk").text_body


@pytest.fixture
def mailbox(settings: Any, mailoutbox: list[Any]) -> list[Any]:
    """What a mail server took."""
    settings.MAIL_CONFIGURED = True
    return mailoutbox


def test_snoozing_quiets_only_ones_own_repeats(house: House) -> None:
    participant = planned(house, LATE_DOSE)
    live_until(participant, "2026-04-18 23:00")
    snooze(house, "window_open", "2026-04-19 20:00", "2026-04-18 23:30")
    assert "RJ-001" not in listed(house, "crc", "2026-04-19 07:30")
    assert "RJ-001" in listed(house, "ward_nurse", "2026-04-19 07:30")
    live_until(participant, "2026-04-19 07:00")
    assert told("window_open", "escalated") == {"sub_i"}


def test_a_snooze_ends_at_the_next_rung(house: House) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-17 09:00")
    snooze(house, "order_test", "2026-04-19 20:00", "2026-04-17 10:00")
    assert "RJ-001" not in listed(house, "crc", "2026-04-18 07:30")
    live_until(participant, "2026-04-18 09:00")
    assert told("window_open") == {"crc", "ward_nurse"}
    assert "RJ-001" in listed(house, "crc", "2026-04-19 07:30")


def test_an_urgent_alert_is_never_snoozed(house: House) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-19 09:00")
    with pytest.raises(UrgentNotSnoozed):
        snooze(house, "no_sample", "2026-04-19 12:00", "2026-04-19 10:00")
    assert not is_snoozed(Alert.objects.get(rung="no_sample"), at("2026-04-19 11:00"))


def test_a_new_result_voids_what_was_acknowledged_and_everybody_is_told_again(house: House) -> None:
    participant = planned(house)
    sample = record(participant, "serum_hcg", "2026-04-19 20:00", by=house["crc"])
    live_until(participant, "2026-04-20 03:00")
    alerts.acknowledge(alert=Alert.objects.get(rung="no_result"), by=house["crc"], now=at("2026-04-20 03:10"))
    now = at("2026-04-20 04:00")
    facts.record_result(fact=sample, value="indeterminate", resulted_at=now, by=house["crc"], now=now)
    alert = Alert.objects.get(rung="no_result")
    assert (alert.status, alert.acknowledged_by) == ("raised", None)
    assert told("no_result", "renewed") == {"crc", "sub_i", "pi", "pharmacist"}


def test_a_correction_voids_what_was_acknowledged_and_snoozed(house: House) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-17 09:00")
    alerts.acknowledge(alert=Alert.objects.get(), by=house["pi"], now=at("2026-04-17 09:30"))
    snooze(house, "order_test", "2026-04-18 08:00", "2026-04-17 10:00")
    sample = participant.facts.filter(concept="serum_hcg").latest("version")
    entry = FactEntry(concept="serum_hcg", at=sample.at, value="negative", resulted_at=at("2026-03-04 13:00"))
    now = at("2026-04-17 11:00")
    facts.correct_fact(fact=sample, entry=entry, reason="Out an hour later", by=house["crc"], now=now)
    assert Alert.objects.get().status == "raised"
    assert not is_snoozed(Alert.objects.get(), now)


def test_a_moved_plan_voids_what_was_acknowledged_and_snoozed(house: House) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-17 09:00")
    alerts.acknowledge(alert=Alert.objects.get(), by=house["pi"], now=at("2026-04-17 09:30"))
    snooze(house, "order_test", "2026-04-18 08:00", "2026-04-17 10:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 10:00", by=house["crc"], now="2026-04-17 10:30", reason="Bed")
    live_until(participant, "2026-04-17 11:00")
    new = Alert.objects.exclude(status="resolved").get()
    assert (new.rung, new.status, is_snoozed(new, at("2026-04-17 11:00"))) == ("order_test", "raised", False)
    assert new.escalates_at == at("2026-04-17 22:30")


def test_quiet_hours_hold_a_message_only_if_no_rung_and_no_due_time_falls_before_they_end(house: House) -> None:
    sleeps(house)
    participant = planned(house, LATE_DOSE)
    live_until(participant, "2026-04-17 23:00")
    assert Notification.objects.get(alert__rung="order_test").status == "held"
    live_until(participant, "2026-04-19 23:00")
    assert Notification.objects.get(alert__rung="no_sample", role="crc").status == "pending"
    other = collected_woman(house, "RJ-002")
    plan(other, Step.LYMPHODEPLETION, "2026-04-20 05:00", by=house["crc"], now="2026-04-17 23:00")
    told_at_once = Notification.objects.get(alert__deadline__participant=other, role="crc")
    assert (told_at_once.alert.rung, told_at_once.status) == ("order_test", "pending")  # type: ignore[union-attr]
    assert standing(other) == [("order_test", at("2026-04-17 23:00"))]


def test_what_was_held_comes_as_one_digest(house: House, mailbox: list[Any]) -> None:
    sleeps(house)
    participant = planned(house, LATE_DOSE)
    second = collected_woman(house, "RJ-002")
    plan(second, Step.LYMPHODEPLETION, "2026-04-20 23:30", by=house["crc"], now="2026-04-10 09:00")
    for each in (participant, second):
        live_until(each, "2026-04-17 23:30")
    for now in ("2026-04-18 05:59", "2026-04-18 07:30", "2026-04-18 12:00"):
        notifications.write_due(at(now))
        notifications.deliver_due(at(now))
    (digest,) = [mail for mail in mailbox if mail.to == [READER]]
    assert "Held during your quiet hours (2)" in digest.body
    assert all(number in digest.body for number in ("RJ-001", "RJ-002"))


def test_the_digest_goes_out_even_when_it_is_empty(house: House, mailbox: list[Any]) -> None:
    notifications.write_due(at("2026-04-18 07:30"))
    notifications.deliver_due(at("2026-04-18 07:30"))
    (digest,) = [mail for mail in mailbox if mail.to == [READER]]
    assert "Nothing is open for you today." in digest.body
    assert "nothing is open for you" in digest.subject

"""Quiet hours: what they hold, and what they never do."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.mail import EmailMessage

from tests.builders import House, a_house, at, collected_woman, plan, record, screened_woman
from tests.tracker.test_ladder import live_until
from tracker.errors import PreferencesInvalid
from tracker.models import Alert, Notification, Participant, User
from tracker.services import deadlines, notifications
from tracker.services.preferences import Preferences, choose
from workflow.stages import Step

BERLIN = ZoneInfo("Europe/Berlin")
LATE_DOSE = "2026-04-20 23:00"
"""The first rung of a dose at this hour comes at 23:00 three days before."""


def quiet(user: User, since: str = "22:00", until: str = "06:00", digest: str = "07:30") -> User:
    times = [time.fromisoformat(each) for each in (since, until, digest)]
    user.quiet_from, user.quiet_until, user.digest_at = times
    user.save()
    return user


@pytest.fixture
def house(db: None) -> House:
    """A site whose coordinator is left in peace from ten in the evening until six in the morning."""
    house = a_house()
    quiet(house["crc"])
    return house


@pytest.fixture
def participant(house: House) -> Participant:
    """A woman whose first dose is planned ten days ahead, late in the evening."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, LATE_DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


def message(rung: str, role: str = "crc", kind: str = "first") -> Notification:
    return Notification.objects.get(alert__rung=rung, role=role, kind=kind)


def deliver(now: str) -> int:
    return notifications.deliver_due(at(now))


def test_a_message_in_the_readers_quiet_hours_waits_for_the_digest(
    participant: Participant, post: list[EmailMessage]
) -> None:
    live_until(participant, "2026-04-17 23:00")
    held = message("order_test")
    assert (held.status, held.held_until) == ("held", at("2026-04-18 08:30"))
    assert deliver("2026-04-18 07:29") == 0


def test_what_was_held_comes_with_the_digest_as_one_message(participant: Participant, post: list[EmailMessage]) -> None:
    live_until(participant, "2026-04-17 23:00")
    notifications.write_due(at("2026-04-18 07:30"))
    deliver("2026-04-18 07:30")
    deliver("2026-04-18 12:00")
    mine = [mail for mail in post if mail.to == ["rj-crc@site.example"]]
    assert len(mine) == 1
    assert "Held during your quiet hours (1)" in mine[0].body
    held = message("order_test")
    assert (held.status, held.sent_at) == ("sent", at("2026-04-18 07:30"))
    assert held.digest is not None
    assert held.digest.kind == "digest"


def test_what_no_digest_brought_goes_out_by_itself(participant: Participant, post: list[EmailMessage]) -> None:
    live_until(participant, "2026-04-17 23:00")
    assert deliver("2026-04-18 08:29") == 0
    assert deliver("2026-04-18 08:30") == 1
    assert post[0].subject.startswith("RJ-001: Order the serum test")


def test_what_a_refused_digest_could_not_bring_goes_out_by_itself(
    participant: Participant, settings: Any, post: list[EmailMessage]
) -> None:
    live_until(participant, "2026-04-17 23:00")
    notifications.write_due(at("2026-04-18 07:30"))
    Notification.objects.filter(kind="digest").update(status="failed", next_try_at=at("2026-04-18 20:00"))
    assert deliver("2026-04-18 08:30") == 1
    assert message("order_test").status == "sent"


def test_quiet_hours_that_are_followed_by_no_digest_hold_until_they_end(
    participant: Participant, house: House, post: list[EmailMessage]
) -> None:
    quiet(house["crc"], digest="18:00")
    live_until(participant, "2026-04-17 23:00")
    assert message("order_test").held_until == at("2026-04-18 06:00")


def test_an_urgent_message_is_never_held(participant: Participant) -> None:
    live_until(participant, "2026-04-19 23:00")
    assert message("no_sample").status == "pending"


def test_who_has_no_quiet_hours_is_told_at_once(participant: Participant) -> None:
    live_until(participant, "2026-04-18 23:00")
    assert message("window_open", "ward_nurse").status == "pending"


def test_a_message_outside_the_quiet_hours_goes_at_once(participant: Participant, house: House) -> None:
    quiet(house["crc"], "23:01", "06:00")
    live_until(participant, "2026-04-17 23:00")
    assert message("order_test").status == "pending"


def test_no_message_is_held_past_the_next_rung(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 05:00", by=house["crc"], now="2026-04-17 23:00")
    assert message("order_test").status == "pending"


def test_no_message_is_held_past_its_due_time(house: House) -> None:
    """Evidence that expires at midnight, while nothing is planned: nothing but the due time follows the last rung."""
    screened_woman(house)
    deadlines.sweep(at("2026-03-11 00:00"))
    deadlines.sweep(at("2026-03-12 00:00"))
    evidence = Notification.objects.filter(alert__deadline__clause="expiring_hcg_7d_enrol")
    assert set(evidence.values_list("alert__rung", "status", "alert__urgent")) == {
        ("expiring", "withdrawn", False), ("expired", "pending", False),
    }  # fmt: skip


def test_a_plan_whose_time_has_passed_is_asked_about_in_the_quiet_hours_too(house: House) -> None:
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 21:30", by=house["crc"], now="2026-03-09 10:00")
    live_until(participant, "2026-03-10 22:30")
    unanswered = Alert.objects.get(rung="unanswered")
    assert set(unanswered.notifications.values_list("status", flat=True)) == {"pending"}


def test_no_message_is_held_past_its_own_escalation(participant: Participant) -> None:
    live_until(participant, "2026-04-18 23:00")
    alert = Alert.objects.get(rung="window_open")
    held = message("window_open")
    assert alert.escalates_at is not None
    assert held.held_until == at("2026-04-19 06:00") <= alert.escalates_at


@pytest.mark.parametrize("hour", [0, 4, 7, 12, 22, 23])
@pytest.mark.parametrize(("since", "until"), [("20:00", "12:00"), ("00:30", "05:00")])
def test_along_a_whole_ladder_nothing_waits_past_what_comes_next(
    house: House, hour: int, since: str, until: str
) -> None:
    for role in house.staff:
        quiet(house[role], since, until)
    due = at(f"2026-04-20 {hour:02}:00")
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, f"2026-04-20 {hour:02}:00", by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-20 23:59")
    ladder = [due - timedelta(hours=hours) for hours in (72, 48, 24, 6, 0)]
    for message in Notification.objects.exclude(held_until=None).select_related("alert"):
        assert message.alert is not None
        assert not message.alert.urgent
        following = [rung for rung in ladder if rung > message.created_at]
        assert message.held_until is not None
        assert all(message.held_until <= instant for instant in following)


def test_the_next_rung_takes_the_place_of_what_is_held(participant: Participant, house: House) -> None:
    live_until(participant, "2026-04-17 23:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-19 12:00", by=house["crc"], now="2026-04-18 01:00", reason="Bed")
    assert message("order_test").status == "withdrawn"


def test_what_is_no_longer_owed_in_the_morning_is_not_told_any_more(
    participant: Participant, house: House, post: list[EmailMessage]
) -> None:
    live_until(participant, "2026-04-17 23:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-05-20 23:00", by=house["crc"], now="2026-04-18 01:00", reason="Fever")
    assert (message("order_test").status, deliver("2026-04-18 08:30")) == ("withdrawn", 0)
    assert not Notification.objects.filter(kind="withdrawn", recipient=house["crc"]).exists()


def test_changed_quiet_hours_lose_nothing_that_is_held(
    participant: Participant, house: House, post: list[EmailMessage]
) -> None:
    live_until(participant, "2026-04-17 23:00")
    choose(preferences=Preferences("en", time(22, 0)), by=house["crc"], now=at("2026-04-18 01:00"))
    assert deliver("2026-04-18 08:30") == 1


def test_without_a_mail_server_what_is_held_says_so_once_its_time_has_come(participant: Participant) -> None:
    live_until(participant, "2026-04-17 23:00")
    deliver("2026-04-18 08:29")
    assert message("order_test").status == "held"
    deliver("2026-04-18 08:30")
    assert message("order_test").status == "not_sent_no_mail_server"


def test_the_clock_is_that_of_the_participants_site(db: None) -> None:
    house = a_house("NYC", zone="America/New_York")
    quiet(house["crc"])
    participant = collected_woman(house, "NYC-001")
    new_york = ZoneInfo("America/New_York")
    due = datetime(2026, 4, 20, 23, 0, tzinfo=new_york).astimezone(UTC)
    facts_now = f"{(due - timedelta(days=9)).astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    planned = f"{due.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    plan(participant, Step.LYMPHODEPLETION, planned, by=house["crc"], now=facts_now)
    deadlines.sweep(due - timedelta(hours=72))
    held = Notification.objects.get(role="crc")
    assert held.status == "held"
    assert held.held_until == datetime(2026, 4, 18, 8, 30, tzinfo=new_york)


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        (Preferences("en", time(7), time(22), None), "quiet_until"),
        (Preferences("en", time(7), None, time(6)), "quiet_from"),
        (Preferences("en", time(7), time(6), time(6)), "quiet_until"),
        (Preferences("en", None), "digest_at"),
        (Preferences("fr", time(7)), "language"),
    ],
)
def test_half_a_choice_is_refused_by_its_field(house: House, chosen: Preferences, field: str) -> None:
    with pytest.raises(PreferencesInvalid) as refused:
        choose(preferences=chosen, by=house["pi"], now=at("2026-04-18 01:00"))
    assert list(refused.value.errors) == [field]


def test_what_invalidates_a_gate_at_night_wakes_the_investigator(house: House) -> None:
    quiet(house["pi"])
    participant = collected_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-04-01 23:30")
    assert set(Notification.objects.values_list("status", flat=True)) == {"pending"}

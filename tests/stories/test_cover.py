"""Who is away, who stands in for her, and who is on call."""

from datetime import date

import pytest

from tests.builders import House, a_house, at, collected_woman, employ, plan
from tests.stories.seen import live_until
from tracker.models import Alert, Assignment, Notification, Participant, User
from tracker.services import alerts, cover
from tracker.services.cover import AbsenceEntry, DutyEntry
from workflow.stages import Step

DOSE = "2026-04-20 09:00"
BEFORE = at("2026-04-10 10:00")
WEEK = (date(2026, 4, 13), date(2026, 4, 17))


@pytest.fixture
def planned(house: House) -> Participant:
    """A woman of whose first dose the coordinator is reminded three days before; the last two rungs are urgent."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


def away(user: User, deputy: User | None = None, days: tuple[date, date] = WEEK) -> None:
    entry = AbsenceEntry(user=user, first_day=days[0], last_day=days[1], deputy=deputy)
    cover.enter_absence(entry=entry, by=user, now=BEFORE)


def on_call(house: House, user: User, starts: str, ends: str) -> None:
    assignment = Assignment.objects.get(user=user)
    entry = DutyEntry(assignment=assignment, starts_at=at(starts), ends_at=at(ends))
    cover.enter_duty(entry=entry, by=house["pi"], now=BEFORE)


def readers(rung: str) -> set[str]:
    """Who was written to about a rung, as what."""
    rows = Notification.objects.filter(alert__rung=rung, kind="first")
    return {f"{row.recipient.username.removeprefix('rj-')} as {row.role}" for row in rows.select_related("recipient")}


def test_what_somebody_away_would_be_told_goes_to_her_deputy_and_says_so(house: House, planned: Participant) -> None:
    away(house["crc"], deputy=house["sub_i"])
    live_until(planned, "2026-04-17 09:00")
    (message,) = Notification.objects.filter(alert__rung="order_test", kind="first")
    assert (message.recipient, message.role, message.instead_of) == (house["sub_i"], "crc", house["crc"])
    assert "You stand in for a colleague who is away." in message.text_body
    assert "You stand in for a colleague who is away." in message.html_body
    alerts.acknowledge(alert=Alert.objects.get(rung="order_test"), by=house["sub_i"], now=at("2026-04-17 10:00"))
    live_until(planned, "2026-04-18 09:00")
    assert readers("window_open") == {"crc as crc", "ward_nurse as ward_nurse"}


def test_who_is_away_without_a_deputy_leaves_it_to_the_others_in_the_role(house: House, planned: Participant) -> None:
    employ(house, "crc", "second")
    away(house["crc"])
    live_until(planned, "2026-04-17 09:00")
    assert readers("order_test") == {"second as crc"}


def test_where_everybody_in_a_role_is_away_the_pi_is_told_and_where_nobody_is_left_they_are_told_all_the_same(
    db: None,
) -> None:
    house = a_house(roles=("crc", "pi", "sub_i", "cell_lab", "ward_nurse", "pharmacist", "apheresis_nurse"))
    planned = collected_woman(house)
    plan(planned, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    away(house["crc"], days=(date(2026, 4, 13), date(2026, 4, 18)))
    live_until(planned, "2026-04-17 09:00")
    (message,) = Notification.objects.filter(alert__rung="order_test")
    assert message.recipient == house["pi"]
    assert message.fault == "crc: everybody in this role is away; the PI is told instead."
    away(house["pi"], days=(date(2026, 4, 18), date(2026, 4, 18)))
    live_until(planned, "2026-04-18 09:00")
    message = Notification.objects.get(alert__rung="window_open", role="crc")
    assert message.recipient == house["crc"]
    assert message.fault == "crc: told although away, since nobody is there in her place."


def test_what_is_urgent_goes_to_who_is_on_call_and_to_everybody_in_the_role_where_nobody_is(
    house: House, planned: Participant
) -> None:
    employ(house, "sub_i", "night")
    on_call(house, User.objects.get(username="night"), "2026-04-19 17:00", "2026-04-20 08:00")
    live_until(planned, DOSE)
    assert {each for each in readers("no_result") if "sub_i" in each} == {"night as sub_i"}
    assert {each for each in readers("blocked") if "sub_i" in each} == {"night as sub_i", "sub_i as sub_i"}
    assert "crc as crc" in readers("no_result")

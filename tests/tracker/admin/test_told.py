"""The pages about who is told: an alert's history, snoozing it, one's own preferences, one's own digests."""

from datetime import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.builders import House, at, collected_woman, plan
from tests.tracker.admin.conftest import Enter
from tests.tracker.test_ladder import DOSE, live_until
from tracker.models import Alert, AlertEvent, Notification, Participant
from tracker.services import alerts, notifications
from workflow.stages import Step

NOW = "2026-04-17 10:00"


@pytest.fixture
def alert(house: House, clock: time_machine.Traveller) -> Alert:
    """The first rung of a dose three days ahead, an hour old."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-17 09:00")
    clock.move_to(at(NOW))
    return Alert.objects.get()


@pytest.fixture
def crc(house: House, alert: Alert, enter: Enter) -> Client:
    """The coordinator's browser, from then on."""
    return enter(house["crc"])


def page(client: Client, url: str) -> str:
    response: Any = client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


def snooze(client: Client, alert: Alert, **typed: str) -> Any:
    typed = {"until_0": "2026-04-18", "until_1": "08:00", "reason": "ordered for Saturday"} | typed
    return client.post(f"/admin/tracker/alert/{alert.pk}/snooze/", typed)


def test_the_alerts_page_shows_everything_that_happened_to_it(house: House, crc: Client, alert: Alert) -> None:
    alerts.acknowledge(alert=alert, by=house["sub_i"], now=at("2026-04-17 09:30"), note="called the ward")
    shown = page(crc, f"/admin/tracker/alert/{alert.pk}/change/")
    history = shown[shown.index("nothing is ever removed") :]
    assert history.index("Acknowledged") < history.index("Raised")
    assert "“called the ward”" in history
    assert "rj-sub_i" in history


def test_snoozing_is_a_page_with_a_time_and_a_reason(crc: Client, alert: Alert) -> None:
    assert "Leave this out of your own digests for a while?" in page(crc, f"/admin/tracker/alert/{alert.pk}/snooze/")
    assert snooze(crc, alert).status_code == 302
    event = AlertEvent.objects.get(kind="snoozed")
    assert (event.until, event.note) == (at("2026-04-18 08:00"), "ordered for Saturday")
    shown = page(crc, f"/admin/tracker/alert/{alert.pk}/change/")
    assert "Snoozed until Sat 18 Apr 08:00" in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"until_0": "2026-04-16"}, "This time has passed: a snooze ends in the future."),
        ({"until_0": "2026-04-21"}, "A snooze ends at the due time at the latest."),
        ({"until_0": ""}, "Give the date"),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_a_snooze_that_cannot_be_taken_says_why_and_loses_nothing(
    crc: Client, alert: Alert, typed: dict[str, str], said: str
) -> None:
    response = snooze(crc, alert, **typed)
    shown = response.content.decode()
    assert response.status_code == 422
    assert said in shown
    assert 'value="08:00"' in shown
    assert not AlertEvent.objects.filter(kind="snoozed").exists()


def test_an_urgent_alert_offers_no_snooze_and_refuses_one(
    house: House, alert: Alert, clock: time_machine.Traveller, enter: Enter
) -> None:
    live_until(Participant.objects.get(), "2026-04-19 09:00")
    clock.move_to(at("2026-04-19 10:00"))
    crc = enter(house["crc"])
    urgent = Alert.objects.get(rung="no_sample")
    assert "Snooze for me" not in page(crc, f"/admin/tracker/alert/{urgent.pk}/change/")
    response = snooze(crc, urgent, until_0="2026-04-19", until_1="12:00")
    assert response.status_code == 422
    assert "An urgent alert cannot be snoozed" in response.content.decode()


def test_everybody_chooses_for_herself_how_she_is_told(house: House, crc: Client) -> None:
    url = "/admin/tracker/notification/preferences/"
    assert 'value="07:30"' in page(crc, url)
    typed = {"language": "zh-hans", "wants_digest": "True", "digest_at": "06:45"}
    typed |= {"quiet_from": "22:00", "quiet_until": "06:00"}
    assert crc.post(url, typed).status_code == 302
    crc_now = house["crc"]
    crc_now.refresh_from_db()
    chosen = (crc_now.language, crc_now.digest_at, crc_now.quiet_from, crc_now.quiet_until)
    assert chosen == ("zh-hans", time(6, 45), time(22), time(6))
    house["pi"].refresh_from_db()
    assert house["pi"].quiet_from is None


def test_preferences_that_cannot_be_kept_say_why_and_lose_nothing(house: House, crc: Client) -> None:
    typed = {"language": "en", "wants_digest": "True", "digest_at": "6.45", "quiet_from": "22:00", "quiet_until": ""}
    response = crc.post("/admin/tracker/notification/preferences/", typed)
    shown = response.content.decode()
    assert response.status_code == 422
    assert "Write the time of day as 10:00." in shown
    assert 'value="6.45"' in shown
    typed["digest_at"] = "06:45"
    shown = crc.post("/admin/tracker/notification/preferences/", typed).content.decode()
    assert "Say until when, or leave both empty." in shown


def test_the_persons_menu_leads_there(crc: Client) -> None:
    assert "/admin/tracker/notification/preferences/" in page(crc, "/admin/")


def test_a_digest_is_shown_to_its_reader_and_to_superusers_alone(
    house: House, alert: Alert, crc: Client, enter: Enter, request: pytest.FixtureRequest
) -> None:
    root = request.getfixturevalue("root")
    notifications.write_due(at(NOW))
    mine = Notification.objects.get(kind="digest", recipient=house["crc"])
    url = f"/admin/tracker/notification/{mine.pk}/change/"
    pi = enter(house["pi"])
    assert "Order the serum test" in page(crc, url)
    assert "Order the serum test" in page(root, url)
    assert pi.get(url).status_code == 404
    listed = "/admin/tracker/notification/?kind__exact=digest"
    assert page(crc, listed).count(f"/notification/{mine.pk}/") == 1
    assert f"/notification/{mine.pk}/" not in page(pi, listed)


def test_a_held_message_says_until_when_it_waits(
    house: House, alert: Alert, crc: Client, clock: time_machine.Traveller
) -> None:
    held = alert.notifications.get(role="crc")
    Notification.objects.filter(pk=held.pk).update(status="held", held_until=at("2026-04-18 08:30"))
    shown = page(crc, f"/admin/tracker/notification/{held.pk}/change/")
    assert "Held during quiet hours" in shown
    assert "Sat 18 Apr 08:30" in shown

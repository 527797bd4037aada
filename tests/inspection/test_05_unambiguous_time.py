"""Row 5: one clock that nobody's browser sets, stored in UTC, shown with its zone; when it happened is kept apart."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import Client
from django.urls import reverse

from tests.builders import House, at, screened_woman
from tracker.models import AuditEvent, RecordedFact


def test_a_time_that_a_browser_sends_says_when_it_happened_and_never_when_it_was_recorded(
    house: House, crc: Client, clock: time_machine.Traveller
) -> None:
    woman = screened_woman(house)
    clock.move_to(at("2026-03-09 12:00"))
    url = reverse("admin:tracker_fact_add", args=[woman.pk, "transfusion"])
    sent = {"at_0": "2026-03-08", "at_1": "07:00", "recorded_at": "2020-01-01T00:00", "recorded_at_0": "2020-01-01"}
    assert crc.post(url, sent).status_code == 302
    row = RecordedFact.objects.get(concept="transfusion")
    assert (row.at, row.recorded_at) == (at("2026-03-08 07:00"), at("2026-03-09 12:00"))
    assert (row.at.utcoffset(), row.recorded_at.utcoffset()) == (timedelta(0), timedelta(0))


def test_the_trail_has_the_database_servers_own_clock_whatever_the_programs_says(
    house: House, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2031-01-01 00:00"))
    screened_woman(house)
    event = AuditEvent.objects.latest("pk")
    assert event.at < datetime(2031, 1, 1, tzinfo=UTC) - timedelta(hours=8)


def test_the_page_shows_utc_and_the_sites_own_time_each_with_its_zone(
    house: House, crc: Client, clock: time_machine.Traveller
) -> None:
    woman = screened_woman(house)
    event = AuditEvent.objects.latest("pk")
    body = crc.get(reverse("admin:tracker_participant_audit", args=[woman.pk])).content.decode()
    assert f"{event.at:%Y-%m-%d %H:%M:%S} UTC" in body
    local = event.at.astimezone(woman.zone)
    assert f"{local:%Y-%m-%d %H:%M:%S} Asia/Shanghai (UTC+8)" in body

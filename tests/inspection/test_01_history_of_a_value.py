"""Row 1: pick one value, ask for its history: who, what, when, why, before and after, by whatever way it changed."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import time_machine
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.builders import ENROLLED, House, at, record, screened_woman
from tracker.audit.context import acting, program
from tracker.models import AuditEvent, RecordedFact, Site
from tracker.services import facts


def a_weight(house: House) -> RecordedFact:
    woman = screened_woman(house)
    return record(woman, "weight", "2026-03-09 08:00", "61", unit="kg", by=house["crc"])


def events_of(row: RecordedFact) -> AuditEvent:
    return AuditEvent.objects.get(table="tracker_recordedfact", row=str(row.pk))


def test_a_laboratory_value_corrected_on_a_page_leaves_actor_field_old_new_utc_and_reason(
    house: House, crc: Client, clock: time_machine.Traveller
) -> None:
    wrong = a_weight(house)
    clock.move_to(at("2026-03-09 12:00"))
    url = reverse("admin:tracker_fact_correct", args=[wrong.participant_id, wrong.pk])
    typed = {"at_0": "2026-03-09", "at_1": "08:00", "value": "63", "unit": "kg", "reason": "read wrongly"}
    answer = crc.post(url, typed)
    assert answer.status_code == 302
    right = RecordedFact.objects.get(key=wrong.key, version=2)
    event = events_of(right)
    assert (event.actor, event.reason) == (house["crc"].pk, "read wrongly")
    assert event.request_id == answer.headers["X-Request-ID"]
    assert event.new is not None
    assert (event.new["value"], event.new["version"]) == ("63", 2)
    before = events_of(wrong)
    assert before.new is not None
    assert before.new["value"] == "61"
    # The database's own clock, which no test and no browser sets.
    assert abs(event.at - _database_now()) < timedelta(minutes=2)
    assert event.at.utcoffset() == timedelta(0)


def test_a_correction_in_a_shell_or_an_import_names_whoever_it_is_made_for_and_the_program(house: House) -> None:
    wrong = a_weight(house)
    entry = facts.FactEntry(concept="weight", at=wrong.at, value="63", unit="kg")
    right = facts.correct_fact(fact=wrong, entry=entry, reason="from the import", by=house["pi"], now=at(ENROLLED))
    event = events_of(right)
    assert (event.actor, event.reason) == (house["pi"].pk, "from the import")
    assert event.program == _written_by()


def test_a_management_command_says_who_and_why(house: House) -> None:
    class Renaming(BaseCommand):
        def handle(self, *_args: object, **_options: object) -> None:
            with acting(actor=house["pi"].pk, reason="the city renamed it"):
                Site.objects.update(name="Renji")

    call_command(Renaming(), stdout=StringIO())
    event = AuditEvent.objects.latest("pk")
    assert (event.old, event.new) == ({"name": "Hospital RJ"}, {"name": "Renji"})
    assert (event.actor, event.reason, event.program) == (house["pi"].pk, "the city renamed it", _written_by())


def test_raw_sql_in_a_shell_leaves_old_new_time_and_the_program_though_it_names_nobody(house: House) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_study SET target_number = 9 WHERE id = %s", [house.study.pk])
    event = AuditEvent.objects.latest("pk")
    assert (event.table, event.old, event.new) == ("tracker_study", {"target_number": 6}, {"target_number": 9})
    assert (event.actor, event.reason, event.program) == (None, "", _written_by())


def _database_now() -> datetime:
    query = "SELECT now()" if connection.vendor == "postgresql" else "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
    with connection.cursor() as cursor:
        cursor.execute(query)
        (found,) = cursor.fetchone()
    read = found if isinstance(found, datetime) else datetime.fromisoformat(found)
    return read.replace(tzinfo=read.tzinfo or UTC)


def _written_by() -> str:
    """PostgreSQL keeps the name with which the connection was opened."""
    return str(connection.settings_dict["OPTIONS"].get("application_name", "")) or program()

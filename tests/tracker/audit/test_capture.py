"""Whatever changes a row, and by whatever way, the database itself writes down who, when, what and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tests.builders import House, record, screened_woman
from tests.flushing import unaudited
from tracker.audit.context import acting
from tracker.audit.tables import NOT_AUDITED, audited
from tracker.audit.triggers import install, missing
from tracker.models import AuditEvent, AuditSeal, Operation, Site, User

REFUSED = [
    "UPDATE tracker_auditevent SET reason = 'another'",
    "DELETE FROM tracker_auditevent",
    "UPDATE tracker_auditseal SET digest = 'another'",
    "DELETE FROM tracker_auditseal",
]


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def newest() -> AuditEvent:
    return AuditEvent.objects.order_by("-pk")[0]


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.create(code="RJ", name="Hospital", timezone="Asia/Shanghai")


def test_a_new_row_is_written_down_whole(site: Site) -> None:
    event = newest()
    assert (event.table, event.row, event.operation) == ("tracker_site", str(site.pk), Operation.INSERT)
    assert event.old is None
    assert event.new is not None
    assert event.new["name"] == "Hospital"
    assert abs(event.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_change_is_written_down_with_what_was_before_and_after_and_nothing_else(site: Site) -> None:
    with acting(actor=7, reason="renamed by the city", request_id="r-1"):
        site.name = "Ruijin"
        site.save()
    event = newest()
    assert (event.old, event.new) == ({"name": "Hospital"}, {"name": "Ruijin"})
    assert (event.actor, event.reason, event.request_id) == (7, "renamed by the city", "r-1")


def test_after_the_block_nobody_is_named_any_more(site: Site) -> None:
    with acting(actor=7, reason="renamed by the city"):
        pass
    Site.objects.update(name="Ruijin")
    assert (newest().actor, newest().reason) == (None, "")


def test_within_another_block_the_inner_one_is_named_and_then_the_outer_one_again(site: Site) -> None:
    with acting(actor=7):
        with acting(actor=8):
            Site.objects.update(name="Ruijin")
        Site.objects.update(name="Renji")
    assert [event.actor for event in AuditEvent.objects.order_by("-pk")[:2]] == [7, 8]


def test_bulk_changes_querysets_and_raw_sql_are_seen_as_well(site: Site) -> None:
    Site.objects.bulk_create([Site(code=code, name=code, timezone="UTC") for code in ("A", "B")])
    Site.objects.filter(code="A").update(name="changed")
    sql("UPDATE tracker_site SET name = 'raw' WHERE code = 'B'")
    sql("DELETE FROM tracker_site WHERE code = 'A'")
    operations = [event.operation for event in AuditEvent.objects.order_by("-pk")[:5]]
    assert operations == ["delete", "update", "update", "insert", "insert"]


def test_an_update_that_changes_nothing_is_no_change(site: Site) -> None:
    before = newest().pk
    site.save()
    assert newest().pk == before


def test_a_change_that_is_rolled_back_leaves_nothing(site: Site) -> None:
    before = newest().pk
    with transaction.atomic():
        Site.objects.update(name="Ruijin")
        assert newest().pk > before
        transaction.set_rollback(True)
    assert newest().pk == before


def test_a_password_is_never_copied_but_its_change_is(db: None) -> None:
    user = User.objects.create_user("nurse", "nurse@site.example", "first secret")
    user.set_password("second secret")
    user.save()
    assert newest().new == {"password_changed": True}
    written = str(list(AuditEvent.objects.values_list("old", "new")))
    assert user.password not in written
    assert "'password'" not in written


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_to_change_or_delete_what_is_written(statement: str, site: Site) -> None:
    AuditSeal.objects.create(position=1, event=newest(), digest="0" * 64)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(statement)


@pytest.mark.parametrize("table", ["tracker_auditevent", "tracker_auditseal", "tracker_recordedfact", "tracker_user"])
def test_no_table_is_emptied_behind_the_triggers(table: str, site: Site) -> None:
    if connection.vendor != "postgresql":
        sql(f"DELETE FROM {table} WHERE 1 = 0")
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(f"TRUNCATE {table} CASCADE")


def test_a_row_is_not_replaced_by_another_of_the_same_number(site: Site) -> None:
    word = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    columns = 'id, at, "table", "row", operation, reason, request_id, program'
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(f"{word} INTO tracker_auditevent ({columns}) VALUES (%s, %s, 'x', '1', 'insert', '', '', '')",
            newest().pk, datetime.now(UTC))  # fmt: skip


def test_every_table_but_the_trail_itself_and_the_heartbeats_is_audited() -> None:
    names = set(connection.introspection.django_table_names(only_existing=False))
    ours = {name for name in names if name.startswith("tracker_")}
    assert ours - {table.name for table in audited()} == set(NOT_AUDITED)
    assert set(NOT_AUDITED) == {"tracker_auditevent", "tracker_auditseal", "tracker_heartbeat"}


def test_a_missing_trigger_is_named_and_the_next_migration_brings_it_back(site: Site) -> None:
    assert missing() == []
    gone = "tracker_site_audit_update" if connection.vendor == "sqlite" else "tracker_site_audit_change"
    sql(f"DROP TRIGGER {gone}" + (" ON tracker_site" if connection.vendor == "postgresql" else ""))
    assert missing() == [gone]
    call_command("migrate", verbosity=0)
    assert missing() == []


def test_what_was_there_before_the_trail_enters_it_as_it_is_found(db: None) -> None:
    with unaudited():
        Site.objects.create(code="OLD", name="Before", timezone="UTC")
    assert not AuditEvent.objects.exists()
    install()
    event = newest()
    assert (event.operation, event.table) == (Operation.BASELINE, "tracker_site")
    assert event.new is not None
    assert event.new["name"] == "Before"


def test_whoever_posts_a_page_is_named_with_the_number_of_the_request(house: House, client: Client) -> None:
    User.objects.filter(pk=house["crc"].pk).update(is_staff=True)
    client.force_login(house["crc"], backend="django.contrib.auth.backends.ModelBackend")
    typed = {"language": "zh-hans", "wants_digest": "True", "digest_at": "08:15"}
    answer = client.post("/admin/tracker/notification/preferences/", typed)
    events = AuditEvent.objects.filter(request_id=answer.headers["X-Request-ID"])
    assert events.exists()
    assert {event.actor for event in events} == {house["crc"].pk}


def test_a_fact_that_is_recorded_stands_in_the_trail_with_its_value(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "infection_review", "2026-03-05 08:00", by=house["crc"])
    written = AuditEvent.objects.filter(table="tracker_recordedfact").order_by("-pk")[0]
    assert written.new is not None
    assert written.new["concept"] == "infection_review"
    assert written.new["recorded_by_id"] == house["crc"].pk

"""Whatever changes a row, and by whatever way, the database itself writes down who, when, what and why."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tests.builders import House, record, screened_woman
from tests.flushing import unaudited
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.context import acting
from tracker.audit.tables import NOT_AUDITED, audited
from tracker.audit.triggers import dialect, install, missing
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


def count(table: str, where: str = "1 = 1") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        (found,) = cursor.fetchone()
        return int(found)


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
    operations = [event.operation for event in AuditEvent.objects.order_by("-pk")[:4]]
    assert operations == ["update", "update", "insert", "insert"]


def test_what_joins_two_rows_comes_and_goes_and_both_are_seen(site: Site) -> None:
    nurses, user = Group.objects.create(name="nurses"), User.objects.create_user("nurse", None, None)
    user.groups.add(nurses)
    user.groups.remove(nurses)
    assert [(event.table, event.operation) for event in AuditEvent.objects.order_by("-pk")[:2]] == [
        ("tracker_user_groups", "delete"), ("tracker_user_groups", "insert"),
    ]  # fmt: skip


def test_the_database_lets_nobody_delete_a_row_of_any_table_of_ours(whole_house: None) -> None:
    tables = [table.name for table in audited() if not table.is_link]
    filled = [name for name in tables if count(name)]
    assert len(filled) >= 15
    for name in filled:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql(f"DELETE FROM {name}")
    said = " ".join(dialect(connection).statements(audited()))
    assert [name for name in tables if f"BEFORE DELETE ON {name}" not in said] == []
    assert missing() == []


def test_what_is_written_once_is_never_changed_by_whatever_way(whole_house: None) -> None:
    for table in audited():
        if table.is_written_once:
            refuses_every_change(table.name, table.columns)


def refuses_every_change(table: str, columns: Iterable[str]) -> None:
    assert count(table)
    for column in columns:
        kind = next(field for field in _fields(table) if field.column == column)
        other = "NULL" if kind.null else "id + 1" if kind.get_internal_type() == "BigAutoField" else _another(kind)
        if count(table, f'"{column}" IS NOT NULL'):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                sql(f'UPDATE {table} SET "{column}" = {other}')


def _fields(table: str) -> list[Any]:
    (model,) = (each for each in apps.get_app_config("tracker").get_models() if each._meta.db_table == table)
    return list(model._meta.concrete_fields)


def _another(kind: Any) -> str:
    others: dict[str, str] = {
        "DateTimeField": "'1999-01-01 00:00:00+00:00'", "JSONField": "'{}'",
        "BooleanField": f'NOT "{kind.column}"',
        "UUIDField": "'00000000-0000-0000-0000-000000000001'" if connection.vendor == "postgresql" else "'x'",
        "TextField": "'>'", "DateField": "'1999-01-01'",
        "CharField": "'>'", "PositiveIntegerField": "7", "ForeignKey": "987654", "OneToOneField": "987654",
    }  # fmt: skip
    return others[kind.get_internal_type()]


@pytest.fixture
def whole_house(house: House) -> None:
    """At least one row in every table that is kept."""
    one_of_everything(house)


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


def test_every_table_but_the_trail_itself_and_what_only_says_when_is_audited() -> None:
    names = set(connection.introspection.django_table_names(only_existing=False))
    ours = {name for name in names if name.startswith("tracker_")}
    assert ours - {table.name for table in audited()} == set(NOT_AUDITED)
    assert set(NOT_AUDITED) == {"tracker_auditevent", "tracker_auditseal", "tracker_heartbeat", "tracker_lastseen"}


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

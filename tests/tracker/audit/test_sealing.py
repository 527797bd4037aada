"""The trail is chained and published, and whatever is done to it behind the triggers is found and named."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.builders import House, screened_woman
from tests.flushing import unaudited
from tracker.audit.comparing import differences
from tracker.audit.sealing import problems, published, seal
from tracker.models import AuditEvent, AuditSeal, Site


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def trail(house: House, audit_heads: Path) -> Path:
    """A sealed trail of some length, published at this path."""
    screened_woman(house)
    assert seal(now()) == AuditEvent.objects.count() > 50
    return audit_heads


def found(heads: Path) -> list[str]:
    return list(problems(now(), published(heads)))


def test_a_whole_trail_holds(trail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit", heads=trail)
    assert f"holds: {AuditSeal.objects.count()} sealed" in capsys.readouterr().out


def test_what_comes_later_is_sealed_behind_what_is_sealed(trail: Path) -> None:
    before = AuditSeal.objects.count()
    Site.objects.update(name="Ruijin")
    assert seal(now()) == 1
    assert AuditSeal.objects.latest("position").position == before + 1
    assert found(trail) == []


def test_nothing_new_is_nothing_sealed_and_nothing_published(trail: Path) -> None:
    lines = trail.read_text()
    assert seal(now()) == 0
    assert trail.read_text() == lines


def test_an_event_that_was_committed_late_is_sealed_behind_newer_ones(house: House, audit_heads: Path) -> None:
    early = AuditEvent.objects.order_by("pk").first()
    assert early is not None
    with unaudited():
        kept = AuditEvent.objects.filter(pk=early.pk).values().get()
        sql("DELETE FROM tracker_auditevent WHERE id = %s", early.pk)
        seal(now())
        AuditEvent.objects.create(**kept)
        assert seal(now()) == 1
    assert AuditSeal.objects.latest("position").event_id == early.pk
    assert found(audit_heads) == []


def test_a_changed_event_is_named(trail: Path) -> None:
    event = AuditEvent.objects.all()[20]
    with unaudited():
        sql("UPDATE tracker_auditevent SET actor = 99 WHERE id = %s", event.pk)
        assert found(trail) == [f"seal 21: event {event.pk} ({event.table} {event.row}) was changed"]


def test_a_deleted_event_with_its_seal_is_named(trail: Path) -> None:
    link = AuditSeal.objects.get(position=21)
    with unaudited():
        sql("DELETE FROM tracker_auditseal WHERE position = 21")
        sql("DELETE FROM tracker_auditevent WHERE id = %s", link.event_id)
        assert found(trail)[0] == "seal 21 is missing: seal 22 follows seal 20"


def test_a_cut_end_is_found_by_what_was_published(trail: Path) -> None:
    count = AuditSeal.objects.count()
    with unaudited():
        sql("DELETE FROM tracker_auditseal WHERE position > %s", count - 3)
        assert f"seal {count - 2} is missing: {count} were published, the trail ends at {count - 3}" in found(trail)


def test_a_chain_made_anew_over_a_changed_event_is_found_by_what_was_published(trail: Path) -> None:
    with unaudited():
        sql("UPDATE tracker_auditevent SET actor = 99 WHERE id = (SELECT min(id) FROM tracker_auditevent)")
        sql("DELETE FROM tracker_auditseal")
        heads = trail.read_text()
        seal(now())
        trail.write_text(heads)
        count = AuditSeal.objects.count()
        assert found(trail) == [f"seal {count}: another digest was published"]


def test_an_event_that_is_never_sealed_is_named_after_an_hour(trail: Path) -> None:
    Site.objects.update(name="Ruijin")
    event = AuditEvent.objects.latest("pk")
    assert list(problems(event.at + timedelta(minutes=59), None)) == []
    late = list(problems(event.at + timedelta(minutes=61), None))
    assert late == [f"event {event.pk} (tracker_site {event.row}) was never sealed"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE tracker_recordedfact SET value = '1' WHERE id = (SELECT max(id) FROM tracker_recordedfact)",
         "value changed, and no audit event says so"),
        ("DELETE FROM tracker_assignment WHERE id = (SELECT max(id) FROM tracker_assignment)", "is gone"),
        ("INSERT INTO tracker_site (code, name, name_zh, timezone) VALUES ('X', 'Slipped in', '', 'UTC')",
         "is in no audit event"),
    ],
)  # fmt: skip
def test_a_row_changed_behind_the_triggers_is_named(statement: str, said: str, trail: Path) -> None:
    assert list(differences()) == []
    with unaudited():
        sql(statement)
        (difference,) = differences()
    assert said in difference


def test_the_command_names_the_first_break_and_fails(trail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Site.objects.update(name="Ruijin")
    seal(now())
    trail.write_text(trail.read_text().replace('"head": "', '"head": "0', 1))
    with pytest.raises(CommandError, match=r"1 found, the first: seal \d+: another digest was published"):
        call_command("verify_audit", heads=trail)
    assert "another digest" in capsys.readouterr().err


def test_the_published_file_says_when_how_many_and_the_head(trail: Path) -> None:
    (line,) = map(json.loads, trail.read_text().splitlines())
    last = AuditSeal.objects.latest("position")
    assert (line["count"], line["head"]) == (last.position, last.digest)
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)


def test_without_a_published_file_it_is_said_that_a_cut_end_would_not_be_found(
    trail: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_audit", heads=trail.with_name("none"))
    assert "a cut end would not be found" in capsys.readouterr().err

"""`manage.py reconcile`: what went past the services is found, named and made equal; nothing else is touched."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import House, at, collected_woman, fresh, plan
from tests.flushing import unaudited
from tracker.audit.triggers import install
from tracker.models import Alert, AuditEvent, Notification, Participant, TrackedDeadline
from tracker.services import deadlines, drift
from workflow.stages import Step

NOW = at("2026-04-18 10:00")


@pytest.fixture
def women(house: House) -> list[Participant]:
    """Three whose reminder two days before the first dose was raised an hour ago."""
    found = [collected_woman(house, f"RJ-{number:03}") for number in (1, 2, 3)]
    for woman in found:
        plan(woman, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-15 10:00")
    while Participant.objects.filter(reassess_after__lte=NOW).exists():
        deadlines.sweep(min(Participant.objects.values_list("reassess_after", flat=True)))
    assert Alert.objects.count() >= 3
    return found


def reconciled(*words: str) -> tuple[list[str], str]:
    """The lines that `manage.py reconcile` prints an hour later, and what it ends with."""
    out, ending = StringIO(), ""
    with time_machine.travel(NOW, tick=False):
        try:
            call_command("reconcile", *words, stdout=out, stderr=StringIO())
        except CommandError as error:
            ending = str(error)
    return out.getvalue().splitlines(), ending


def planted(table: str, change: str, where: str) -> None:
    """Change a row behind the back of every service."""
    with unaudited(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE tracker_{table} SET {change} WHERE {where}")
    install()


def lost(woman: Participant) -> None:
    """A deadline that is gone, and with it what was told of it."""
    row = woman.deadlines.filter(alerts=None, status="met").first()
    assert row is not None
    with unaudited(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracker_trackeddeadline WHERE id = %s", [row.pk])
    install()


def state() -> list[Any]:
    return [
        *TrackedDeadline.objects.order_by("participant", "clause", "occurrence").values_list(
            "participant", "clause", "status", "due_at"
        ),
        *Participant.objects.order_by("pk").values_list("pk", "reassess_after"),
        *Alert.objects.order_by("pk").exclude(status="resolved").values_list("deadline__participant", "rung"),
    ]


def test_where_nothing_went_past_the_services_nothing_differs(women: list[Participant]) -> None:
    events = AuditEvent.objects.count()
    assert reconciled("--check") == (["3 compared, 0 differ, 0 cannot be reassessed, 0 wait for the sweep"], "")
    assert reconciled()[1] == ""
    assert AuditEvent.objects.count() == events


HERS = "participant_id = {0} AND clause = 'hcg_48h_ld'"


@pytest.mark.parametrize(
    ("table", "change", "where", "said"),
    [
        ("trackeddeadline", "status = 'met'", HERS, r"deadline hcg_48h_ld 1 \| status: met should be \w+"),
        ("trackeddeadline", "due_at = '2027-01-01 00:00Z'", HERS, r"deadline hcg_48h_ld 1 \| .*due_at: 2027"),
        ("participant", "reassess_after = '2031-01-01 00:00Z'", "id = {0}", r"participant \| reassess_after: 2031"),
        (
            "participant",
            "reassess_after = NULL",
            "id = {0}",
            r"participant \| reassess_after: None should be 2026-04-1",
        ),
    ],
)
def test_a_row_that_was_changed_is_named_and_made_equal(
    women: list[Participant], table: str, change: str, where: str, said: str
) -> None:
    before, notified = state(), Notification.objects.count()
    planted(table, change, where.format(women[1].pk))
    differing = state()
    lines, ending = reconciled("--check")
    assert any(re.search(rf"^RJ-002 \| {said}", line) for line in lines), lines
    assert not any(line.startswith(("RJ-001", "RJ-003")) for line in lines)
    assert ending == "1 of 3 are not what the protocol answers"
    assert state() == differing
    assert reconciled()[0][-1].startswith("3 compared, 1 differed and were made equal")
    assert reconciled("--check")[1] == ""
    if "due_at" not in change:
        assert (state(), Notification.objects.count()) == (before, notified)


def test_a_deadline_that_is_gone_is_there_again(women: list[Participant]) -> None:
    before = state()
    lost(women[0])
    lines, _ending = reconciled("--check")
    assert [line for line in lines if re.search(r"^RJ-001 \| deadline \w+ 1 \| is missing$", line)]
    reconciled()
    assert state() == before


def test_an_alert_that_somebody_resolved_by_hand_is_raised_again(women: list[Participant]) -> None:
    alert = Alert.objects.exclude(status="resolved").filter(deadline__participant=women[2]).get()
    planted("alert", "status = 'resolved', resolution = 'done', resolved_at = raised_at", f"id = {alert.pk}")
    assert f"RJ-003 | alert {alert.rung} | is missing" in reconciled("--check", "RJ-003")[0]
    assert reconciled("--check", "RJ-001", "RJ-002")[1] == ""
    reconciled()
    assert Alert.objects.exclude(status="resolved").filter(deadline__participant=women[2]).count() == 1


def test_whom_the_sweep_has_not_come_to_is_counted_and_no_drift(women: list[Participant]) -> None:
    planted("participant", "reassess_after = '2026-04-18 00:00Z'", f"id = {women[0].pk}")
    lines, ending = reconciled("--check")
    assert (lines[-1], ending) == ("3 compared, 0 differ, 0 cannot be reassessed, 1 wait for the sweep", "")


def test_who_cannot_be_reassessed_is_named_and_the_others_are_compared(women: list[Participant]) -> None:
    planted("recordedfact", "value = 'many'", f"participant_id = {women[0].pk} AND concept = 'weight'")
    planted("participant", "reassess_after = NULL", f"id = {women[1].pk}")
    lines, ending = reconciled()
    assert any(re.search(r"^RJ-001 \| cannot be reassessed: InvalidOperation at ", line) for line in lines)
    assert "many" not in "".join(lines)
    assert ending == "2 of 3 are not what the protocol answers"
    assert fresh(women[1]).reassess_after is not None


def test_the_number_of_queries_does_not_grow_with_the_participants(women: list[Participant]) -> None:
    keys = [woman.pk for woman in women]
    counts = []
    for some in (keys[:1], keys):
        with CaptureQueriesContext(connection) as seen:
            assert list(drift.find(some, NOW + timedelta(minutes=1))) == []
        counts.append(len(seen))
    assert counts[0] == counts[1]

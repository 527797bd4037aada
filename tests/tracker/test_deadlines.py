"""Deadlines: rows equal to the answer, made once, reassessed when their time comes."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import (
    ENROLLED,
    House,
    a_participant,
    at,
    collected_woman,
    fresh,
    plan,
    record,
    screened_woman,
)
from tests.flushing import unaudited
from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Heartbeat, Notification, Participant, TrackedDeadline
from tracker.services import deadlines, facts
from workflow.stages import Step

WRITES = ("INSERT", "UPDATE", "DELETE")


def rows(participant: Participant) -> dict[str, str]:
    return dict(participant.deadlines.values_list("clause", "status"))


def test_the_rows_are_what_the_protocol_answers(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    answered = evaluate_participant(fresh(participant), as_of=at("2026-04-10 09:00")).deadlines
    # What is answered no longer, like the expiry of evidence that served, stays as a cancelled row.
    kept = TrackedDeadline.objects.filter(participant=participant).exclude(status="cancelled")
    names = ("clause", "occurrence", "status", "opens_at", "due_at", "valid_until", "required_through", "raised_at")
    assert {tuple(getattr(row, name) for name in names) for row in kept} == {
        tuple(getattr(deadline, name) for name in names) for deadline in answered
    }


def test_doing_it_twice_writes_nothing_the_second_time(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-18 09:00")
    assert Alert.objects.count() == 1
    with CaptureQueriesContext(
        connection,
    ) as queries:
        deadlines.reconcile(fresh(participant), at("2026-04-18 09:00"))
    assert [each["sql"] for each in queries if each["sql"].startswith(WRITES)] == []


def test_the_number_of_queries_does_not_grow_with_the_record(house: House) -> None:
    participant = collected_woman(house)
    row = fresh(participant)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            deadlines.reconcile(row, at("2026-04-18 09:00"))
        return len(captured)

    queries()
    before = queries()
    for day in range(1, 18):
        record(participant, "weight", f"2026-04-{day:02d} 08:00", "61", by=house["crc"])
    assert queries() == before <= 7


def test_a_rescheduled_step_moves_its_deadline_at_once(house: House) -> None:
    participant = collected_woman(house)
    for day, reason in (("20", ""), ("24", "No bed")):
        plan(
            participant, Step.LYMPHODEPLETION, f"2026-04-{day} 09:00", by=house["crc"], now="2026-04-10 09:00",
            reason=reason,
        )  # fmt: skip
    row = participant.deadlines.get(clause="hcg_48h_ld")
    assert (row.opens_at, row.due_at) == (at("2026-04-22 09:00"), at("2026-04-24 09:00"))


def test_a_cancelled_plan_leaves_an_obligation_without_times(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    facts.cancel_plan(
        participant=participant, step=Step.LYMPHODEPLETION, reason="Fever", by=house["crc"], now=at("2026-04-11 09:00")
    )
    row = participant.deadlines.get(clause="hcg_48h_ld")
    assert (row.status, row.opens_at, row.due_at) == ("upcoming", None, None)


def test_an_obligation_that_is_answered_no_more_is_cancelled_and_kept(house: House) -> None:
    participant = a_participant(house)
    gone = TrackedDeadline.objects.create(
        participant=participant, clause="hcg_48h_ld", occurrence=7, status="open", due_at=at(ENROLLED),
        updated_at=at(ENROLLED),
    )  # fmt: skip
    deadlines.reconcile(fresh(participant), at(ENROLLED))
    gone.refresh_from_db()
    assert (gone.status, gone.due_at) == ("cancelled", None)


def test_time_alone_opens_a_window_through_the_sweep(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    assert rows(participant)["hcg_48h_ld"] == "upcoming"
    while (wakes := fresh(participant).reassess_after) is not None and wakes <= at("2026-04-18 09:00"):
        assert deadlines.sweep(wakes) == 1
    assert rows(participant)["hcg_48h_ld"] == "open"


def test_the_sweep_leaves_its_heartbeat(house: House) -> None:
    for now in (at(ENROLLED), at(ENROLLED) + timedelta(seconds=20)):
        deadlines.sweep(now)
    assert Heartbeat.objects.get().at == at(ENROLLED) + timedelta(seconds=20)
    assert house.study.participants.count() == 0


def test_one_record_that_cannot_be_read_never_stops_the_others(house: House, caplog: pytest.LogCaptureFixture) -> None:
    bad, good = screened_woman(house, "RJ-001"), collected_woman(house, "RJ-002")
    plan(good, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    record(bad, "anc", "2026-03-08 08:00", "3.2", unit="10*9/L", by=house["crc"])
    with unaudited(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracker_recordedfact SET value = 'a secret' WHERE concept = 'anc' AND participant_id = %s", [bad.pk]
        )
    now = at("2026-04-20 10:00")
    Participant.objects.filter(pk=bad.pk).update(reassess_after=now - timedelta(days=30))
    with caplog.at_level(logging.ERROR):
        assert deadlines.sweep(now) == 2
    assert (fresh(bad).reassess_after, fresh(bad).set_aside_since) == (now + timedelta(hours=1), now)
    assert fresh(good).set_aside_since is None
    assert rows(good)["hcg_48h_ld"] == "overdue"
    assert f"participant {bad.pk} could not be reassessed: InvalidOperation" in caplog.text
    assert "secret" not in caplog.text
    assert "RJ-001" not in caplog.text


def test_who_was_set_aside_stays_so_since_the_first_failure_until_she_can_be_read_again(house: House) -> None:
    woman = screened_woman(house, "RJ-001")
    first, later = at("2026-04-20 10:00"), at("2026-04-20 11:00")
    with unaudited(), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_recordedfact SET value = 'unreadable' WHERE concept = 'anc'")
    Participant.objects.update(reassess_after=first)
    deadlines.sweep(first)
    deadlines.sweep(later)
    assert (fresh(woman).set_aside_since, fresh(woman).reassess_after) == (first, later + timedelta(hours=1))
    with unaudited(), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_recordedfact SET value = '3.2' WHERE concept = 'anc'")
    deadlines.sweep(later + timedelta(hours=1))
    assert fresh(woman).set_aside_since is None


def test_nothing_is_told_twice_when_nothing_changed(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-18 10:00")
    told = Notification.objects.count()
    for hour in range(11, 16):
        deadlines.reconcile(fresh(participant), at(f"2026-04-18 {hour}:00"))
    assert Notification.objects.count() == told == 2

"""What was known when: the past can be asked, and every decision comes out again."""

import re

import pytest
from django.utils import translation

from tests.builders import (
    COLLECTED,
    ENROLLED,
    House,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    hcg,
    plan,
    record,
    screened_woman,
    take,
)
from tests.stories.seen import finding, owed, stops
from tracker.errors import StepRefused
from tracker.evaluation import evaluate_participant, protocol_of
from tracker.models import Alert, Notification, RecordedFact, StepRecord
from tracker.replaying.decisions import decisions
from tracker.services import deadlines, facts
from tracker.services.facts import FactEntry
from tracker.services.steps import gate_at
from tracker.wording import describe
from workflow.site_calendar import TICK
from workflow.stages import Stage, Step


def test_what_was_known_at_an_earlier_time_can_be_asked_at_any_later_one(house: House) -> None:
    participant = enrolled_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-11 09:00")

    def invalid(known: str) -> bool:
        row = fresh(participant)
        evaluation = evaluate_participant(row, as_of=at("2026-03-12 09:00"), known=at(known))
        return not all(gate.allowed for gate in evaluation.passed)

    assert [invalid(known) for known in ("2026-03-10 09:00", "2026-03-11 08:59", "2026-03-11 09:00")] == [
        False, False, True,
    ]  # fmt: skip


def test_every_past_decision_replays_to_the_same_answer(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    take(
        participant, Step.ENROL, ENROLLED, by=house["pi"], known="2026-03-09 12:00", reported_afterwards=True,
        reason="Signed on paper",
    )  # fmt: skip
    transfusion = RecordedFact.objects.get(concept="transfusion")
    facts.withdraw_fact(fact=transfusion, reason="Another's", by=house["crc"], now=at("2026-03-10 09:00"))
    anc = RecordedFact.objects.get(concept="anc")
    low = FactEntry(concept="anc", at=anc.at, value="0.4", unit="10*9/L", resulted_at=anc.resulted_at)
    facts.correct_fact(fact=anc, entry=low, reason="Wrong tube", by=house["crc"], now=at("2026-03-11 09:00"))
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(
        participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"], known="2026-03-16 10:00",
        reported_afterwards=True, reason="Already running",
    )  # fmt: skip
    facts.correct_fact(
        fact=RecordedFact.objects.get(key=anc.key, version=2), reason="It was the right tube", by=house["crc"],
        entry=FactEntry(concept="anc", at=anc.at, value="3.2", unit="10*9/L", resulted_at=anc.resulted_at),
        now=at("2026-03-17 09:00"),
    )  # fmt: skip
    enrol, leukapheresis = StepRecord.objects.order_by("pk")
    said = {each["clause"]: each["outcome"] for each in leukapheresis.evidence}
    assert [each["clause"] for each in enrol.evidence if each["outcome"] == "fail"] == ["no_transfusion_7d"]
    assert said["anc"] == "fail"
    assert [each.difference for each in decisions(StepRecord.objects.all())] == ["", ""]


def test_the_ward_charts_in_the_evening_what_the_laboratory_had_at_noon(house: House) -> None:
    participant = collected_woman(house)
    sample = record(participant, "serum_hcg", "2026-04-08 10:00", by=house["crc"])
    facts.record_result(
        fact=sample, value="negative", resulted_at=at("2026-04-08 12:00"), by=house["ward_nurse"],
        now=at("2026-04-09 20:00"),
    )  # fmt: skip
    take(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["ward_nurse"], known="2026-04-09 20:05")
    assert fresh(participant).stage == Stage.LYMPHODEPLETION


def test_a_result_that_was_out_after_the_start_does_not_count_for_it(house: House) -> None:
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-09 09:01")
    assert stops(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00") == {"hcg_48h_ld": "pending"}
    with pytest.raises(StepRefused):
        take(participant, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["ward_nurse"], known="2026-04-09 20:00")
    assert stops(participant, Step.LYMPHODEPLETION, "2026-04-09 09:01") == {}


def test_until_the_next_reassessment_nothing_changes_by_itself(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    now, visited = at("2026-04-10 09:00"), 0
    while (wakes := fresh(participant).reassess_after) is not None and wakes < at("2026-04-21 09:00"):
        row = fresh(participant)
        here = evaluate_participant(row, as_of=now)
        moments = (now + (wakes - TICK - now) * part / 7 for part in range(1, 8))
        assert all(evaluate_participant(row, as_of=moment) == here for moment in moments)
        facts_before = RecordedFact.objects.count()
        now, visited = wakes, visited + 1
        deadlines.sweep(now)
        assert RecordedFact.objects.count() == facts_before
    assert visited >= 6


def test_gate_deadline_alert_and_message_are_readings_of_one_answer(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-18 10:00")
    gate = gate_at(fresh(participant), Step.LYMPHODEPLETION, at("2026-04-20 09:00"))
    row, alert = owed(participant, "hcg_48h_ld"), Alert.objects.get()
    assert gate is not None
    assert [finding.clause for finding in gate.blocking] == [row.clause]
    assert (row.status, row.due_at) == ("open", at("2026-04-20 09:00"))
    assert (alert.deadline, alert.due_at, alert.say) == (row, row.due_at, Notification.objects.first().alert.say)  # type: ignore[union-attr]
    for message in Notification.objects.all():
        assert alert.say.rstrip(".") in message.subject
        assert "Clause: hcg_48h_ld" in message.text_body
        assert "Mon 20 Apr 2026 09:00" in message.text_body
    hcg(participant, house, "2026-04-18 11:00", "2026-04-18 15:00")
    assert stops(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00") == {}
    assert (owed(participant, "hcg_48h_ld").status, Alert.objects.get().resolution) == ("met", "done")
    assert {message.status for message in Notification.objects.all()} == {"withdrawn"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_explanation_names_instants_and_never_how_long_ago(house: House, language: str) -> None:
    participant = collected_woman(house)
    protocol, sentences = protocol_of(house.study), set()
    for asked in ("2026-04-09 09:00", "2026-04-19 09:00"):
        stale = finding(participant, Step.LYMPHODEPLETION, asked, "hcg_48h_ld")
        with translation.override(language):
            words = describe(stale, protocol, participant.zone, language, at(asked))
        sentences.add((words.evidence, words.clear))
    ((evidence, _clear),) = sentences
    assert ("Wed 4 Mar 08:00" if language == "en" else "3月4日 周三 08:00") in evidence
    assert not re.search(r"ago|days old|天前|小时前", evidence)

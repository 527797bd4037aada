"""From a fact to a person: rows made equal to the answer, messages written once, and sent only while they hold."""

import re
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from tests.builders import House, a_participant, at, collected_woman, fresh, hcg, plan, record, screened_woman
from tests.stories.seen import live_until, owed, standing
from tracker.evaluation import protocol_of
from tracker.models import Alert, Heartbeat, Notification, Participant, RecordedFact, TrackedDeadline
from tracker.services import deadlines, facts, notifications
from workflow.stages import Step

DOSE = "2026-04-20 09:00"


def planned(house: House, number: str = "RJ-001") -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house, number)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


def rows(participant: Participant) -> list[Any]:
    return list(participant.deadlines.order_by("clause").values_list("clause", "occurrence", "status", "due_at"))


def newest(participant: Participant) -> list[str]:
    return [rung for rung, _since in standing(participant)]


@pytest.fixture
def mailbox(settings: Any) -> list[Any]:
    """What a mail server took."""
    settings.MAIL_CONFIGURED, settings.EMAIL_BACKEND = True, "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def test_lost_sweeps_do_no_harm(house: House) -> None:
    watched, left_alone = planned(house), planned(house, "RJ-002")
    Participant.objects.filter(pk=left_alone.pk).update(reassess_after=None)
    live_until(watched, "2026-04-19 15:00")
    Participant.objects.filter(pk=left_alone.pk).update(reassess_after=at("2026-04-17 09:00"))
    deadlines.sweep(at("2026-04-19 15:00"))
    assert rows(left_alone) == rows(watched)
    assert newest(left_alone) == newest(watched) == ["no_sample"]
    assert fresh(left_alone).reassess_after is not None


def test_doubled_sweeps_tell_nobody_twice(house: House) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-18 09:00")
    before = list(Notification.objects.order_by("pk").values()), list(Alert.objects.order_by("pk").values())
    for now in ("2026-04-18 09:00", "2026-04-18 09:00", "2026-04-18 10:00"):
        Participant.objects.update(reassess_after=at(now))
        assert deadlines.sweep(at(now)) == 1
    assert (list(Notification.objects.order_by("pk").values()), list(Alert.objects.order_by("pk").values())) == before


def test_the_sweep_reads_only_those_whose_time_has_come(house: House) -> None:
    planned(house)
    a_participant(house, "RJ-002")
    assert deadlines.sweep(at("2026-04-10 10:00")) == 0
    assert deadlines.sweep(at("2026-04-20 10:00")) == 1


def test_the_next_escalation_wakes_the_sweep(house: House) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-17 09:00")
    assert fresh(participant).reassess_after == at("2026-04-17 21:00") == Alert.objects.get().escalates_at


def test_the_database_itself_holds_each_obligation_alert_and_message_once(house: House) -> None:
    live_until(planned(house), "2026-04-17 09:00")
    for kind in (TrackedDeadline, Alert, Notification):
        again = kind.objects.order_by("pk").first()
        assert again is not None
        again.pk = None
        if isinstance(again, Notification):
            again.message_id = "<another@127.0.0.1>"
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save(force_insert=True)


def test_a_fact_and_its_messages_are_written_together_or_not_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    before = RecordedFact.objects.count()

    def break_down(*_arguments: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("tracker.services.notifications.tell_of", break_down)
        with pytest.raises(RuntimeError):
            record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    assert (RecordedFact.objects.count(), Alert.objects.count()) == (before, 0)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00")
    assert Notification.objects.count() == 2


def test_after_an_outage_only_the_newest_rung_is_told(house: House) -> None:
    participant = planned(house)
    deadlines.sweep(at("2026-04-19 15:00"))
    assert standing(participant) == [("no_sample", at("2026-04-19 15:00"))]
    assert Alert.objects.count() == 1


def test_what_is_no_longer_owed_is_never_sent(house: House, mailbox: list[Any], settings: Any) -> None:
    participant = planned(house)
    live_until(participant, "2026-04-18 09:00")
    settings.MAIL_CONFIGURED = False
    notifications.deliver_due(at("2026-04-18 09:01"))
    hcg(participant, house, "2026-04-18 10:00", "2026-04-18 13:00")
    settings.MAIL_CONFIGURED = True
    assert notifications.deliver_due(at("2026-04-18 13:01")) == 0
    assert mailbox == []
    assert set(Notification.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_a_message_goes_out_once_as_it_was_written_in_its_readers_language(house: House, mailbox: list[Any]) -> None:
    house["crc"].language = "zh-hans"
    house["crc"].save()
    participant = planned(house)
    live_until(participant, "2026-04-17 09:00")
    queued = Notification.objects.get()
    for now in ("2026-04-17 09:01", "2026-04-17 20:00"):
        notifications.deliver_due(at(now))
    (sent,) = mailbox
    assert (sent.subject, sent.extra_headers["Message-ID"]) == (queued.subject, queued.message_id)
    assert "请开具血清检查单" in sent.subject
    assert Heartbeat.objects.get(name="deliver").at == at("2026-04-17 20:00")


def test_no_message_ever_holds_anything_clinical(house: House) -> None:
    participant = screened_woman(house)
    plan(participant, Step.ENROL, "2026-03-10 10:00", by=house["crc"], now="2026-03-09 10:00")
    record(
        participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-09 11:00",
        detail="red cells 2 U, Mrs Li",
    )  # fmt: skip
    collected = collected_woman(house, "RJ-002")
    plan(collected, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-17 09:00")
    for now in ("2026-04-18 09:00", "2026-04-19 09:00"):
        deadlines.sweep(at(now))
    hcg(collected, house, "2026-04-19 10:00", "2026-04-19 12:00", "positive")
    deadlines.sweep(at(DOSE))
    Notification.objects.filter(status="pending").update(status="sent", sent_at=at(DOSE))
    plan(collected, Step.LYMPHODEPLETION, "2026-05-20 09:00", by=house["crc"], now=DOSE, reason="positive")
    facts.withdraw_fact(
        fact=participant.facts.get(concept="transfusion"), reason="Mrs Li was another", by=house["crc"],
        now=at("2026-03-09 12:00"),
    )  # fmt: skip
    protocol = protocol_of(house.study)
    recorded = [concept for concept in protocol.concepts.values() if concept.kind not in ("event", "date")]
    words = {concept.label for concept in recorded} | {concept.label_zh for concept in recorded}
    words |= {answer.label_zh for answer in protocol.answers.values() if len(answer.label_zh) > 1}
    words |= {"transfusion", "positive", "negative", "Mrs Li", "1990", "hCG", "pregnancy", "sclerosis", "3.2", "输血"}
    assert {row.kind for row in Notification.objects.all()} == {"first", "escalated", "withdrawn"}
    assert owed(collected, "serum_hcg_review").status == "open"
    for message in Notification.objects.all():
        clause = message.alert.deadline.clause if message.alert else ""
        text = f"{message.subject}\n{message.text_body}\n{message.html_body}".replace(clause, "")
        said = [word for word in words if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text, re.IGNORECASE)]
        assert said == []

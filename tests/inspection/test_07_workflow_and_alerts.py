"""Row 7: from an alert to what was done: moves, blocks, acknowledgements, mail sent and failed are on record."""

from smtplib import SMTPDataError

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from tests.builders import House, at, collected_woman, fresh, plan
from tests.tracker.audit.everything import one_of_everything
from tracker.errors import StepRefused
from tracker.models import AuditEvent, Deviation
from tracker.services import delivery, steps
from tracker.services.signatures import Signing
from workflow.stages import Step


def changes(table: str, column: str) -> list[str]:
    """What a column became, in order."""
    events = AuditEvent.objects.filter(table=f"tracker_{table}").order_by("pk")
    return [event.new[column] for event in events if event.new and column in event.new]


def test_every_move_of_a_participant_is_on_record_with_who_made_it(house: House) -> None:
    one_of_everything(house)
    assert changes("participant", "stage") == ["screening", "enrolled", "leukapheresis", "lymphodepletion"]
    moves = AuditEvent.objects.filter(table="tracker_participant", operation="update")
    by = {event.new["stage"]: event.actor for event in moves if event.new and "stage" in event.new}
    assert by["lymphodepletion"] == house["ward_nurse"].pk


def test_a_block_is_on_record_through_the_gate_that_can_be_asked_again_and_the_step_that_went_past_it(
    house: House,
) -> None:
    woman = collected_woman(house)
    plan(woman, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["crc"], now="2026-04-07 09:00")
    with pytest.raises(StepRefused):
        steps.take_step(
            participant=woman, step=Step.LYMPHODEPLETION, happened_at=at("2026-04-09 09:00"), by=house["ward_nurse"],
            now=at("2026-04-09 09:00"), signature=Signing(house["ward_nurse"]),
        )  # fmt: skip
    assert fresh(woman).stage == "leukapheresis"
    gate = steps.gate_at(fresh(woman), Step.LYMPHODEPLETION, at("2026-04-09 09:00"))
    assert gate is not None
    assert [finding.clause for finding in gate.blocking]
    one = one_of_everything(house, "RJ-002")
    assert Deviation.objects.filter(participant=one).exists()
    assert "draft" in changes("deviation", "status")


def test_raising_acknowledging_and_resolving_an_alert_are_on_record(house: House) -> None:
    one_of_everything(house)
    kinds = changes("alertevent", "kind")
    assert {"raised", "acknowledged", "resolved"} <= set(kinds)
    assert {"raised", "acknowledged", "resolved"} <= set(changes("alert", "status"))
    acknowledged = AuditEvent.objects.filter(table="tracker_alert", new__status="acknowledged").first()
    assert acknowledged is not None
    assert acknowledged.new is not None
    assert acknowledged.new["acknowledged_by_id"] == house["crc"].pk


def test_a_mail_that_is_sent_and_one_that_fails_are_on_record(
    house: House, post: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    woman = collected_woman(house)
    plan(woman, Step.LYMPHODEPLETION, "2026-04-09 09:00", by=house["crc"], now="2026-04-07 09:00")
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", _refused)
        delivery.deliver_due(at("2026-04-07 09:01"))
    assert "failed" in changes("notification", "status")
    delivery.deliver_due(at("2026-04-07 10:30"))
    assert post
    assert changes("notification", "status")[-1] == "sent"


def _refused(*_anything: object) -> int:
    raise SMTPDataError(451, b"later")

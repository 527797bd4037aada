"""Row 21: what must not be there is taken out by two people; the act is on record, the value nowhere."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField, QuerySet, TextField

from tests.builders import House, a_participant, at, employ, record, screened_woman
from tests.flushing import unaudited
from tracker.audit.belonging import OF_A_PARTICIPANT
from tracker.audit.proving import everything_wrong
from tracker.audit.sealing import published, seal
from tracker.errors import NotAllowed, NotTheirsToSign, RedactionInvalid
from tracker.models import (
    Alert,
    AuditEvent,
    CalendarEntry,
    Deviation,
    Notification,
    Outlook,
    Participant,
    RecordedFact,
    Redaction,
    Signature,
    StepRecord,
    TrackedDeadline,
    WorkItem,
)
from tracker.services import facts, redactions

NAME = "Zhang Example, bed 7"
NOW = at("2026-03-10 09:00")
TABLE = "tracker_recordedfact"


@pytest.fixture
def named(house: House, audit_heads: Path) -> RecordedFact:
    """A fact with a name in it, corrected once, so that two versions have it; sealed and published."""
    woman = screened_woman(house)
    first = record(woman, "weight", "2026-03-09 08:00", "61", unit="kg", detail=NAME, by=house["crc"])
    entry = facts.FactEntry(concept="weight", at=first.at, value="63", unit="kg", detail=NAME)
    facts.correct_fact(fact=first, entry=entry, reason=NAME, by=house["crc"], now=at("2026-03-09 09:00"))
    seal(NOW)
    return first


def wrong(heads: Path) -> list[str]:
    return list(everything_wrong(NOW, published(heads)))


def asked(house: House, fact: RecordedFact, column: str = "detail") -> Redaction:
    return redactions.ask(
        table=TABLE, row=fact.pk, column=column, reason="a name was typed", by=house["data_manager"], now=NOW
    )


def everything_written() -> str:
    """Every column of every audit event and of every fact, as text."""
    said = [*AuditEvent.objects.values(), *RecordedFact.objects.values(), *Redaction.objects.values()]
    return str(said)


def test_the_value_is_nowhere_any_more_and_the_chain_holds_with_all_published_heads(
    named: RecordedFact, house: House, audit_heads: Path
) -> None:
    redactions.confirm(redaction=asked(house, named), by=house["pi"], now=NOW)
    corrected = RecordedFact.objects.get(key=named.key, version=2)
    redactions.confirm(redaction=asked(house, corrected, "reason"), by=house["pi"], now=NOW)
    assert NAME not in everything_written()
    assert wrong(audit_heads) == []
    seal(NOW)
    assert wrong(audit_heads) == []
    versions = RecordedFact.objects.filter(key=named.key).order_by("version")
    assert [row.detail for row in versions] == ["[redacted 1]"] * 2 or all(
        row.detail.startswith("[redacted ") for row in versions
    )
    assert [row.value for row in versions] == ["61", "63"]


def corrected(woman: Participant, house: House, reason: str) -> RecordedFact:
    """A weight of hers that was corrected for this reason: the second version."""
    first = record(woman, "weight", "2026-03-09 08:00", "61", unit="kg", by=house["crc"])
    entry = facts.FactEntry(concept="weight", at=first.at, value="63", unit="kg")
    return facts.correct_fact(fact=first, entry=entry, reason=reason, by=house["crc"], now=at("2026-03-09 09:00"))


def test_what_is_on_record_about_others_stays_and_both_copies_hold(
    house: House, audit_heads: Path, tmp_path: Path
) -> None:
    """The same words were typed as a reason for somebody else: that is asked for by itself."""
    hers, others = (corrected(a_participant(house, number), house, NAME) for number in ("RJ-001", "RJ-002"))
    seal(NOW)
    redactions.confirm(redaction=asked(house, hers, "reason"), by=house["pi"], now=NOW)
    reasons = {row: list(_reasons(row)) for row in (hers, others)}
    assert all(said.startswith('{"redacted"') for said in reasons[hers] if said != "redaction 1")
    assert set(reasons[others]) == {NAME}
    assert wrong(audit_heads) == []
    for number in ("RJ-001", "RJ-002"):
        path = tmp_path / f"{number}.zip"
        call_command("export_participant", number, to=path, stdout=StringIO())
        out = StringIO()
        call_command("compare_participant", path, stdout=out, stderr=StringIO())
        assert "read back equal" in out.getvalue()


def _reasons(row: RecordedFact) -> Iterator[str]:
    redacted = AuditEvent.objects.filter(table="tracker_redaction").values("reason")
    events = AuditEvent.objects.filter(table=TABLE, row=str(row.pk)).exclude(reason__in=redacted)
    yield from events.values_list("reason", flat=True)


@pytest.mark.parametrize("text", ['Zhang "Bed 7"', r"Zhang\Example", "Zhang\nExample", "张某"])
def test_a_text_is_found_beside_whatever_it_is_written_with(house: House, text: str) -> None:
    woman = a_participant(house)
    weighed = record(woman, "weight", "2026-03-09 08:00", "61", unit="kg", detail=text, by=house["crc"])
    again = record(
        woman, "weight", "2026-03-09 18:00", "62", unit="kg", detail=f"as said: {text}", by=house["crc"]
    )  # fmt: skip
    assert list(redactions.places_beside(asked(house, weighed))) == [f"{TABLE} {again.pk} detail"]


def test_the_dose_and_the_route_of_a_medicine_are_typed_freely_and_are_taken_out(house: House) -> None:
    woman = a_participant(house)
    given = record(woman, "growth_factor", "2026-03-09 08:00", dose=NAME, route=NAME, by=house["crc"])
    for column in ("dose", "route"):
        redactions.confirm(redaction=asked(house, given, column), by=house["pi"], now=NOW)
    assert NAME not in everything_written()


NOT_TYPED_FREELY = {
    Participant: {"subject_number", "dose_level", "protocol_id", "first_protocol_id"},
    RecordedFact: {"concept", "value", "unit", "comparator", "upper_limit", "typed", "questioned"},
    StepRecord: {"protocol_version", "protocol_hash"},
    Deviation: {"clause", "protocol_version", "protocol_hash"},
    Signature: {"role", "content_hash", "evaluation_hash"},
    TrackedDeadline: {"clause"},
    Alert: {"rung", "say", "say_zh", "fault"},
    Notification: {"role", "language", "subject", "text_body", "html_body", "message_id", "last_error", "fault"},
    Outlook: {"next_step", "worst"},
    WorkItem: {"step", "subject", "row", "state", "roles"},
    CalendarEntry: {"source"},
}
"""Written by the program, or read by the rules: what is wrong there is corrected, not taken out."""


def test_whatever_somebody_may_type_about_a_participant_can_be_taken_out() -> None:
    for model in OF_A_PARTICIPANT:
        texts = {
            field.name for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField) and not field.choices
        }  # fmt: skip
        free = {name for name in redactions.FREE_TEXTS.get(model, ()) if name in texts}
        assert texts - free == NOT_TYPED_FREELY.get(model, set()), model
        assert not free & NOT_TYPED_FREELY.get(model, set()), model


def test_the_act_is_on_record_with_both_people_and_why(named: RecordedFact, house: House) -> None:
    done = redactions.confirm(redaction=asked(house, named), by=house["pi"], now=NOW)
    acts = AuditEvent.objects.filter(table="tracker_redaction", row=str(done.pk)).order_by("pk")
    assert {event.actor for event in acts} == {house["data_manager"].pk, house["pi"].pk}
    assert (done.asked_by, done.confirmed_by, done.reason) == (house["data_manager"], house["pi"], "a name was typed")
    changed = AuditEvent.objects.filter(table=TABLE, operation="update")
    assert {event.reason for event in changed} == {f"redaction {done.pk}"}


def test_whoever_asked_does_not_confirm_and_neither_does_anybody_but_a_pi_of_the_site(
    named: RecordedFact, house: House
) -> None:
    by_the_pi = redactions.ask(table=TABLE, row=named.pk, column="detail", reason="a name", by=house["pi"], now=NOW)
    for who in (house["pi"], house["data_manager"], house["sub_i"], house["monitor"]):
        with pytest.raises(NotTheirsToSign):
            redactions.confirm(redaction=by_the_pi, by=who, now=NOW)
    assert RecordedFact.objects.get(pk=named.pk).detail == NAME
    redactions.confirm(redaction=by_the_pi, by=employ(house, "pi", "rj-other-pi"), now=NOW)
    with pytest.raises(RedactionInvalid):
        redactions.confirm(redaction=by_the_pi, by=house["pi"], now=NOW)


@pytest.mark.parametrize("role", ["crc", "sub_i", "ward_nurse", "monitor", "sponsor"])
def test_not_everybody_asks(role: str, named: RecordedFact, house: House) -> None:
    with pytest.raises(NotAllowed):
        redactions.ask(table=TABLE, row=named.pk, column="detail", reason="a name", by=house[role], now=NOW)


def test_the_reason_must_not_repeat_the_value_and_what_the_rules_read_is_no_free_text(
    named: RecordedFact, house: House
) -> None:
    by = house["data_manager"]
    with pytest.raises(RedactionInvalid) as repeated:
        redactions.ask(table=TABLE, row=named.pk, column="detail", reason=f"it says {NAME}", by=by, now=NOW)
    assert "reason" in repeated.value.errors
    for table, column in ((TABLE, "value"), ("tracker_participant", "subject_number"), ("nothing", "detail")):
        with pytest.raises(RedactionInvalid):
            redactions.ask(table=table, row=named.pk, column=column, reason="a name", by=by, now=NOW)


def test_without_two_people_the_database_changes_nothing(named: RecordedFact, house: House) -> None:
    waiting = asked(house, named)
    for statement in (
        f"UPDATE {TABLE} SET detail = '' WHERE id = {named.pk}",
        f"UPDATE tracker_auditevent SET reason = '' WHERE \"row\" = '{named.pk}'",
        f"UPDATE tracker_redaction SET confirmed_by_id = asked_by_id WHERE id = {waiting.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    done = redactions.confirm(redaction=waiting, by=house["pi"], now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE tracker_redaction SET done_at = NULL WHERE id = {done.pk}")


def test_beside_the_one_value_everything_is_still_proven(named: RecordedFact, house: House, audit_heads: Path) -> None:
    redactions.confirm(redaction=asked(house, named), by=house["pi"], now=NOW)
    event = AuditEvent.objects.get(table=TABLE, row=str(named.pk), operation="insert")
    assert event.new is not None
    forged = {**event.new, "value": "16"}
    with unaudited():
        _rewrite(event, new=forged)
        assert any(f"event {event.pk} ({TABLE} {named.pk}) was changed" in line for line in wrong(audit_heads))


def test_a_value_that_one_person_takes_out_with_sql_is_found(
    named: RecordedFact, house: House, audit_heads: Path
) -> None:
    redactions.confirm(redaction=asked(house, named), by=house["pi"], now=NOW)
    with unaudited(), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_redaction SET done_at = NULL")
        found = wrong(audit_heads)
    assert any("was taken out, and no redaction by two people says so" in line for line in found)


def _rewrite(event: AuditEvent, **columns: object) -> None:
    QuerySet(model=AuditEvent).filter(pk=event.pk).update(**columns)


def test_the_command_asks_for_both_passwords_and_says_where_else_it_stands(
    named: RecordedFact, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("data_manager", "pi"):
        house[role].set_password(role)
        house[role].save()
    typed = iter(["wrong", "data_manager", "pi"])
    monkeypatch.setattr("tracker.management.commands.redact.getpass", lambda _prompt: next(typed))
    words = ["redact", "ask", TABLE, str(named.pk), "detail", "--reason", "a name", "--by", "rj-data_manager"]
    with pytest.raises(CommandError, match="do not belong together"):
        call_command(*words)
    out = StringIO()
    call_command(*words, stdout=out)
    assert "the same text also stands in tracker_recordedfact" in out.getvalue()
    number = str(Redaction.objects.latest("pk").pk)
    call_command("redact", "confirm", number, "--by", "rj-pi", stdout=out)
    call_command("redact", "list", stdout=out)
    assert "confirmed by rj-pi" in out.getvalue()
    assert NAME not in out.getvalue()

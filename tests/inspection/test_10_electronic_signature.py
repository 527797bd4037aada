"""Row 10, electronic signatures: name, time and meaning; two components at each signing; bound to what was signed."""

import hashlib
import json
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from tests.builders import House, at, fresh, record, screened_man, take
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.errors import SignatureMissing
from tracker.models import AppendOnly, Deviation, Participant, RecordedFact, Signature, StepRecord
from tracker.services import deviations, facts, participants
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing, changed_since
from workflow.stages import Stage, Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(house: House) -> Participant:
    """A man whom nothing keeps from being enrolled."""
    return screened_man(house)


def enrol(client: Client, participant: Participant, **typed: str) -> HttpResponse:
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    start = {"happened_at_0": "2026-03-09", "happened_at_1": "10:00"}
    form = {**start, "expected_stage": "screening", "password": PASSWORD}
    response: HttpResponse = client.post(url, form | typed)  # type: ignore[assignment]
    return response


def page_of(client: Client, participant: Participant) -> str:
    return client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()


@pytest.mark.requirement("SIGN-01")
def test_a_signature_shows_who_signed_as_what_when_and_meaning_what(
    house: House, enter: Enter, ready: Participant
) -> None:
    house["pi"].first_name, house["pi"].last_name = "Demo", "Investigator"
    client = enter(house["pi"])
    assert enrol(client, ready).status_code == 302
    page = page_of(client, ready)
    shown = page[page.index('id="sg"') :]
    assert "Demo Investigator (Principal investigator)" in shown
    assert "Mon 9 Mar 10:00" in shown
    assert "“I have checked the criteria and enrol this participant”" in shown


@pytest.mark.requirement("SIGN-01")
def test_what_is_signed_says_its_meaning_before_it_is_signed(crc: Client, ready: Participant) -> None:
    page = crc.get(reverse("admin:tracker_step", args=[ready.pk, "enrol"])).content.decode()
    assert "I have checked the criteria and enrol this participant" in page
    assert 'autocomplete="current-password"' in page


@pytest.mark.requirement("SIGN-01")
def test_it_takes_the_session_and_the_password(crc: Client, house: House, enter: Enter, ready: Participant) -> None:
    stranger = enrol(Client(), ready)
    assert (stranger.status_code, "/login/" in stranger["Location"]) == (302, True)
    house["pi"].set_password("another long password")
    house["pi"].save()
    for typed in ("", "guessed", "another long password"):
        assert enrol(crc, ready, password=typed).status_code == 422
    assert fresh(ready).stage == Stage.SCREENING
    assert not Signature.objects.exists()


@pytest.mark.requirement("SIGN-01")
def test_a_wrong_password_is_refused_in_words_and_logged(crc: Client, house: House, ready: Participant) -> None:
    assert "This is not your password." in enrol(crc, ready, password="guessed").content.decode()
    kept = AccessAttempt.objects.get()
    assert (kept.username, kept.attempt_time) == (house["crc"].username, at("2026-03-09 10:00"))
    assert "guessed" not in kept.post_data
    assert not StepRecord.objects.exists()


@pytest.mark.requirement("SIGN-01")
def test_the_password_is_asked_again_at_each_signing(crc: Client, house: House, ready: Participant) -> None:
    other = screened_man(house, "RJ-002")
    assert enrol(crc, ready).status_code == 302
    assert enrol(crc, other, password="").status_code == 422
    assert enrol(crc, other).status_code == 302


@pytest.mark.requirement("SIGN-01")
def test_no_service_takes_a_step_that_is_signed_without_the_signature(house: House, ready: Participant) -> None:
    now = at("2026-03-09 10:00")
    for signature in (None, Signing(house["crc"])):
        with pytest.raises(SignatureMissing):
            participants.take_step(
                participant=ready, step=Step.ENROL, happened_at=now, by=house["pi"], now=now, signature=signature
            )


@pytest.mark.requirement("SIGN-02")
def test_a_signature_is_bound_to_the_hash_of_what_was_signed(crc: Client, ready: Participant) -> None:
    enrol(crc, ready)
    signature, step = Signature.objects.get(), StepRecord.objects.get()
    text = json.dumps(signature.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert signature.content_hash == hashlib.sha256(text.encode()).hexdigest()
    content = signature.content
    assert (content["subject"], content["step"], content["protocol_hash"]) == ("RJ-001", "enrol", step.protocol_hash)
    assert content["evidence"] == step.evidence


@pytest.mark.requirement("SIGN-02")
def test_a_later_change_shows_that_the_signature_no_longer_covers(
    crc: Client, house: House, ready: Participant, clock: Traveller
) -> None:
    enrol(crc, ready)
    assert "signature no longer covers" not in page_of(crc, ready)
    hb = RecordedFact.objects.get(concept="hb")
    entry = FactEntry(concept="hb", at=hb.at, value="118", unit="g/L", resulted_at=hb.resulted_at)
    facts.correct_fact(fact=hb, entry=entry, reason="misread", by=house["crc"], now=at("2026-03-09 10:00"))
    assert "signature no longer covers: Haemoglobin" in page_of(crc, ready)


@pytest.mark.requirement("SIGN-02")
def test_nobody_changes_a_signature_not_even_by_sql(crc: Client, ready: Participant) -> None:
    enrol(crc, ready)
    signature = Signature.objects.get()
    for refused in (signature.save, signature.delete, lambda: Signature.objects.update(role="pi")):
        with pytest.raises(AppendOnly):
            refused()
    for statement in ("UPDATE tracker_signature SET role = 'pi'", "DELETE FROM tracker_signature"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert changed_since(Signature.objects.get()) == ()


@pytest.mark.requirement("SIGN-03")
def test_what_is_signed_is_what_was_shown(crc: Client, house: House, ready: Participant) -> None:
    page = crc.get(reverse("admin:tracker_step", args=[ready.pk, "enrol"])).content.decode()
    shown = page.split('name="shown" value="')[1].split('"')[0]
    record(ready, "anc", "2026-03-09 08:00", "3.1", unit="10*9/L", by=house["crc"])
    assert enrol(crc, ready, shown=shown).status_code == 422
    assert not Signature.objects.exists()


@pytest.mark.requirement("DEV-03")
def test_a_deviation_is_closed_by_a_signature_with_a_meaning_of_its_own(house: House, ready: Participant) -> None:
    record(ready, "transfusion", "2026-03-08 09:00", by=house["crc"])
    said: dict[str, Any] = {"reported_afterwards": True, "reason": "Not seen in time"}
    step = take(ready, Step.ENROL, "2026-03-09 10:00", by=house["sub_i"], **said)
    assert step.signatures.get().meaning == "reported"
    deviation, now = Deviation.objects.get(), at("2026-03-10 09:00")
    deviations.complete(deviation=deviation, cause="Haste", impact="None", action="Told", by=house["crc"], now=now)
    deviations.close(deviation=deviation, by=house["pi"], now=now, signing=Signing(house["pi"]))
    signature = Signature.objects.get(deviation=deviation)
    assert str(signature.get_meaning_display()) == "I have reviewed this deviation and close it"
    assert (signature.signer, signature.role, signature.signed_at) == (house["pi"], "pi", now)
    Deviation.objects.update(cause="Malice")
    assert changed_since(signature) == ("cause",)

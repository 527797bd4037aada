"""Signing on the pages: the password, the lock-out, what the signature covers, and when it covers it no longer."""

import pytest
import time_machine
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.builders import House, at, employ, fresh, record, screened_man
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.errors import SignatureMissing
from tracker.models import AppendOnly, Participant, RecordedFact, Signature, StepRecord
from tracker.services import facts, participants, signatures
from tracker.services.facts import FactEntry
from workflow.stages import Stage, Step


@pytest.fixture
def ready(house: House) -> Participant:
    return screened_man(house)


def enrol(client: Client, participant: Participant, **typed: str) -> HttpResponse:
    url = reverse("admin:tracker_step", args=[participant.pk, "enrol"])
    form = {
        "happened_at_0": "2026-03-09", "happened_at_1": "10:00", "expected_stage": "screening", "reason": "as agreed",
        "password": PASSWORD,
    }  # fmt: skip
    response: HttpResponse = client.post(url, form | typed)  # type: ignore[assignment]
    return response


def test_enrolment_is_signed_by_whoever_records_it(crc: Client, house: House, ready: Participant) -> None:
    page = crc.get(reverse("admin:tracker_step", args=[ready.pk, "enrol"])).content.decode()
    assert "I have checked the criteria and enrol this participant" in page
    assert enrol(crc, ready).status_code == 302
    signature, step = Signature.objects.get(), StepRecord.objects.get()
    assert (signature.signer, signature.role, signature.step_record) == (house["crc"], "crc", step)
    assert (signature.meaning, signature.signed_at) == ("enrol", at("2026-03-09 10:00"))
    assert signature.content["subject"] == "RJ-001"
    assert signatures.still_covers(signature)


@pytest.mark.parametrize("typed", ["", "guessed"])
def test_without_the_password_nothing_is_written_and_the_rest_is_kept(
    crc: Client, ready: Participant, typed: str
) -> None:
    response = enrol(crc, ready, password=typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert "as agreed" in html
    assert PASSWORD not in html
    assert "guessed" not in html
    assert not StepRecord.objects.exists()
    assert not Signature.objects.exists()


def test_another_persons_password_is_not_ones_own(crc: Client, house: House, enter: Enter, ready: Participant) -> None:
    house["pi"].set_password("another long password")
    house["pi"].save()
    assert "This is not your password." in enrol(crc, ready, password="another long password").content.decode()


def test_five_wrong_passwords_lock_out_in_words_and_keep_what_was_typed(
    crc: Client, ready: Participant, clock: time_machine.Traveller
) -> None:
    for _attempt in range(4):
        assert "This is not your password." in enrol(crc, ready, password="guessed").content.decode()
    for password in ("guessed", PASSWORD):
        html = enrol(crc, ready, password=password).content.decode()
        assert "Too many wrong passwords" in html
        assert "for 15 minutes" in html
        assert "as agreed" in html
    assert fresh(ready).stage == Stage.SCREENING
    clock.shift(15 * 60 + 1)
    assert enrol(crc, ready).status_code == 302


def test_of_a_failed_signature_nothing_is_kept_but_that_it_failed(crc: Client, ready: Participant) -> None:
    enrol(crc, ready, password="guessed")
    kept = AccessAttempt.objects.get()
    assert "guessed" not in kept.post_data
    assert "as agreed" not in kept.post_data


def test_a_right_password_forgives_the_wrong_ones_before_it(crc: Client, ready: Participant, house: House) -> None:
    for _attempt in range(4):
        enrol(crc, ready, password="guessed")
    assert enrol(crc, ready).status_code == 302
    other = screened_man(house, "RJ-002")
    assert "This is not your password." in enrol(crc, other, password="guessed").content.decode()


def test_what_is_signed_is_what_was_shown(crc: Client, house: House, ready: Participant) -> None:
    page = crc.get(reverse("admin:tracker_step", args=[ready.pk, "enrol"])).content.decode()
    shown = page.split('name="shown" value="')[1].split('"')[0]
    record(ready, "anc", "2026-03-09 08:00", "3.1", unit="10*9/L", by=house["crc"])
    response = enrol(crc, ready, shown=shown)
    assert response.status_code == 422
    html = response.content.decode()
    assert "This reads otherwise than it was shown to you." in html
    assert enrol(crc, ready, shown=html.split('name="shown" value="')[1].split('"')[0]).status_code == 302
    assert Signature.objects.get().evaluation_hash != shown


def test_asking_for_another_time_writes_nothing_and_keeps_what_was_typed(crc: Client, ready: Participant) -> None:
    response = enrol(crc, ready, happened_at_0="2026-03-07", show="1")
    html = response.content.decode()
    assert response.status_code == 200
    assert "a start on Sat 7 Mar 10:00" in html
    assert "as agreed" in html
    assert PASSWORD not in html
    assert not StepRecord.objects.exists()


def test_a_step_that_the_protocol_does_not_ask_to_sign_asks_no_password(crc: Client, ready: Participant) -> None:
    enrol(crc, ready)
    page = crc.get(reverse("admin:tracker_step", args=[ready.pk, "leukapheresis"])).content.decode()
    assert 'name="password"' not in page


def test_a_signed_step_is_refused_without_a_signature(house: House, ready: Participant) -> None:
    now = at("2026-03-09 10:00")
    for signing in (None, signatures.Signing(house["crc"])):
        with pytest.raises(SignatureMissing):
            participants.take_step(
                participant=ready, step=Step.ENROL, happened_at=now, by=house["pi"], now=now, signature=signing
            )
    assert fresh(ready).stage == Stage.SCREENING


def test_a_correction_of_what_was_signed_ends_its_cover(crc: Client, house: House, ready: Participant) -> None:
    enrol(crc, ready)
    signature = Signature.objects.get()
    hb = RecordedFact.objects.get(concept="hb")
    entry = FactEntry(concept="hb", at=hb.at, value="118", unit="g/L", resulted_at=hb.resulted_at)
    facts.correct_fact(fact=hb, entry=entry, reason="misread", by=house["crc"], now=at("2026-03-10 09:00"))
    assert signatures.changed_since(signature) == ("hb",)
    page = crc.get(reverse("admin:tracker_participant_change", args=[ready.pk])).content.decode()
    assert "signature no longer covers: Haemoglobin" in page


def test_a_fact_that_the_gate_did_not_look_at_leaves_the_cover(house: House, crc: Client, ready: Participant) -> None:
    enrol(crc, ready)
    record(ready, "weight", "2026-03-10 08:00", "61", by=house["crc"])
    assert signatures.still_covers(Signature.objects.get())
    page = crc.get(reverse("admin:tracker_participant_change", args=[ready.pk])).content.decode()
    assert "signature no longer covers" not in page


def test_a_signature_is_never_changed_and_its_content_is_sealed(crc: Client, ready: Participant, house: House) -> None:
    enrol(crc, ready)
    signature = Signature.objects.get()
    for act in (
        signature.save,
        signature.delete,
        Signature.objects.all().delete,
        lambda: Signature.objects.update(role="pi"),
    ):
        with pytest.raises(AppendOnly):
            act()
    signature.content = {**signature.content, "subject": "RJ-999"}
    assert signatures.changed_since(signature) == ("signature",)


def test_an_investigator_signs_as_such_whatever_else_they_are(house: House, enter: Enter, ready: Participant) -> None:
    both = employ(house, "crc", "both")
    both.assignments.create(study=house.study, site=house.site, role="pi", valid_from=at("2026-01-01 00:00").date())
    enrol(enter(both), ready)
    assert Signature.objects.get().role == "pi"

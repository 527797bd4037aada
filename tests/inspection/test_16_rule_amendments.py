"""Row 16, rule amendments: which version applied? The one that she consented to, until she consents to another."""

from datetime import time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from tests.amended import AMENDED, FIRST
from tests.builders import (
    CONDITIONED,
    ENROLLED,
    House,
    a_participant,
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
from tests.inspection.amending import ADOPTED, RECONSENTED, adopt, explained, offered, reconsent
from tests.tracker.admin.conftest import Enter
from tracker.admin.plan_choices import Ahead
from tracker.errors import FactInvalid, NotAllowed, StepRefused, StudyInvalid
from tracker.evaluation import evaluate_participant, protocol_of
from tracker.models import AuditEvent, Deviation, Participant, RecordedFact, StepRecord, User
from tracker.services import deadlines, facts, versions
from tracker.services.forecast import forecast
from tracker.services.signatures import changed_since
from tracker.wording import Voice
from workflow.stages import Step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_versions")]


def test_a_study_never_goes_back_to_an_earlier_version(house: House, chief: User, root: Client) -> None:
    page = reverse("admin:tracker_study_change", args=[house.study.pk])
    assert offered(root, page) == [FIRST, AMENDED]
    adopt(house, chief)
    with pytest.raises(StudyInvalid) as invalid:
        adopt(house, chief, name=FIRST)
    assert invalid.value.errors == {"protocol_id": [f"“{FIRST}” is not one of: {AMENDED}."]}
    assert offered(root, page) == [AMENDED]


def test_whoever_consented_keeps_her_version_until_she_consents_to_the_new_one(house: House, chief: User) -> None:
    woman = collected_woman(house)
    adopt(house, chief)
    assert fresh(woman).protocol_id == FIRST
    assert evaluate_participant(fresh(woman), as_of=at(ADOPTED)).version == "1"
    reconsent(woman, house)
    assert fresh(woman).protocol_id == AMENDED
    assert evaluate_participant(fresh(woman), as_of=at(RECONSENTED)).version == "2"


def test_new_participants_consent_to_the_study_s_version(house: House, chief: User) -> None:
    waiting = a_participant(house, "RJ-010")
    adopt(house, chief)
    new = a_participant(house, "RJ-011", now="2026-04-06 08:00")
    assert [fresh(waiting).protocol_id, new.protocol_id] == [AMENDED, AMENDED]
    consent = record(new, "consent", "2026-04-06 09:00", by=house["pi"])
    assert (consent.value, fresh(new).protocol_id) == ("2", AMENDED)


def test_who_signed_the_old_form_before_the_amendment_is_under_the_old_version(house: House, chief: User) -> None:
    waiting = a_participant(house, "RJ-010")
    adopt(house, chief)
    record(waiting, "consent", "2026-04-04 09:00", "1", by=house["pi"], known="2026-04-06 09:00")
    assert fresh(waiting).protocol_id == FIRST


def test_two_versions_guard_two_participants_of_one_study_at_once(house: House, chief: User) -> None:
    old, new = collected_woman(house, "RJ-001"), collected_woman(house, "RJ-002")
    adopt(house, chief)
    reconsent(new, house)
    for woman in (old, new):
        hcg(woman, house, "2026-04-08 10:00", "2026-04-08 13:00")
    assert take(old, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"]).protocol_version == "1"
    with pytest.raises(StepRefused, match="dose_confirmed_ld"):
        take(new, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    record(new, "dose_confirmed", "2026-04-09 08:00", "yes", by=house["crc"])
    step = take(new, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    assert (step.protocol_version, step.protocol_hash) == ("2", protocol_of(fresh(new)).hash)


def test_deadlines_follow_in_the_transaction_of_the_consent(house: House, chief: User) -> None:
    woman = collected_woman(house)
    plan(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["crc"], now="2026-04-04 09:00")
    adopt(house, chief)
    assert woman.deadlines.get(clause="hcg_48h_ld").opens_at == at("2026-04-07 09:00")
    reconsent(woman, house)
    assert woman.deadlines.get(clause="hcg_48h_ld").opens_at == at("2026-04-08 09:00")


def test_a_re_consent_entered_in_error_puts_her_back(house: House, chief: User) -> None:
    woman = collected_woman(house)
    adopt(house, chief)
    fact = reconsent(woman, house)
    facts.withdraw_fact(fact=fact, reason="Another woman's", by=house["crc"], now=at("2026-04-06 10:00"))
    assert fresh(woman).protocol_id == FIRST


def test_past_decisions_keep_their_version_and_come_out_the_same(house: House, chief: User) -> None:
    woman = collected_woman(house)
    signed = [step.signatures.get() for step in StepRecord.objects.all() if step.signatures.exists()]
    adopt(house, chief)
    reconsent(woman, house)
    assert set(StepRecord.objects.values_list("protocol_version", flat=True)) == {"1"}
    assert not Deviation.objects.exists()
    assert signed
    assert [changed_since(signature) for signature in signed] == [()] * len(signed)
    out = StringIO()
    call_command("replay_decisions", stdout=out)
    assert out.getvalue().splitlines()[-1] == "2 passed, 0 failed"


def test_what_was_asked_then_is_answered_by_the_version_of_then(house: House, chief: User) -> None:
    woman = collected_woman(house)
    adopt(house, chief)
    reconsent(woman, house)
    first, second = (each.hash for each in reversed(protocol_of(fresh(woman)).lineage))
    assert f"version 1, rules {first}" in explained(woman, ADOPTED)
    assert "dose_confirmed_ld" not in explained(woman, ADOPTED)
    assert f"version 2, rules {second}" in explained(woman, "2026-04-06 10:00")
    assert "dose_confirmed_ld" in explained(woman, "2026-04-06 10:00")


def test_a_deviation_from_a_clause_that_fell_away_keeps_its_version_and_title(
    house: House, chief: User, enter: Enter, clock: Traveller
) -> None:
    woman = collected_woman(house)
    adopt(house, chief)
    reconsent(woman, house)
    access = RecordedFact.objects.get(concept="vascular_access")
    entry = facts.FactEntry(concept="vascular_access", at=access.at, value="inadequate")
    now = at("2026-04-06 12:00")
    facts.correct_fact(fact=access, entry=entry, reason="Misread", by=house["crc"], now=now)
    deviation = Deviation.objects.get()
    assert (deviation.clause, deviation.protocol_version) == ("vascular_access", "1")
    assert deviation.protocol_hash == protocol_of(fresh(woman)).lineage[-1].hash
    assert "Vascular access adequate" in deviation.description
    clock.move_to(at("2026-04-06 12:00"))
    client = enter(house["pi"])
    page = client.get(reverse("admin:tracker_deviation_change", args=[deviation.pk])).content.decode()
    assert "Vascular access adequate" in page
    assert f"protocol version 1 ({deviation.protocol_hash[:12]})" in page


def test_every_page_shows_which_version_applies(house: House, chief: User, enter: Enter, clock: Traveller) -> None:
    old, new = enrolled_woman(house, "RJ-001"), enrolled_woman(house, "RJ-002")
    adopt(house, chief)
    reconsent(new, house)
    clock.move_to(at("2026-04-06 12:00"))
    client = enter(house["pi"])
    shown = {}
    for woman in (old, new):
        page = client.get(reverse("admin:tracker_participant_change", args=[woman.pk])).content.decode()
        shown[woman.pk] = [version for version in ("v1", "v2") if f"relma-cel-ssc {version} (" in page]
        assert "protocol version 1 (" in page
        stages = page[page.index('class="dm-steps"') :]
        assert "Mon 2 Mar 09:00" in stages[: stages.index("</li>")], "a re-consent begins no screening"
    assert shown == {old.pk: ["v1"], new.pk: ["v2"]}
    for name in ("index", "tracker_participant_changelist", "tracker_hand_over", "tracker_screening_log"):
        assert client.get(reverse(f"admin:{name}")).status_code == 200
    address = reverse("admin:tracker_participant_change", args=[new.pk])
    page = client.get(address, {"known": at(ENROLLED).isoformat()}).content.decode()
    assert "relma-cel-ssc v1 (" in page
    assert "dose_confirmed" not in page


def test_sweep_and_forecast_take_both_versions_in_one_batch(house: House, chief: User) -> None:
    old, new = collected_woman(house, "RJ-001"), collected_woman(house, "RJ-002")
    adopt(house, chief)
    reconsent(new, house)
    for woman in (old, new):
        plan(woman, Step.LYMPHODEPLETION, "2026-04-12 09:00", by=house["crc"], now="2026-04-06 10:00")
    told = {
        woman.pk: forecast(fresh(woman), now=at("2026-04-06 10:00"), until=at("2026-04-12 09:00"))
        for woman in (old, new)
    }
    assert all(told.values())
    Participant.objects.update(reassess_after=at("2026-04-09 12:00"))
    assert deadlines.sweep(at("2026-04-09 12:00") + timedelta(minutes=1)) == 2
    opens = {row.participant_id: row.opens_at for row in old.deadlines.model.objects.filter(clause="hcg_48h_ld")}
    assert opens == {old.pk: at("2026-04-10 09:00"), new.pk: at("2026-04-11 09:00")}


def test_what_lies_ahead_is_judged_by_the_version_of_each_consent(house: House, chief: User) -> None:
    woman = collected_woman(house)
    hb = RecordedFact.objects.get(concept="anc")
    entry = facts.FactEntry(concept="anc", at=hb.at, value="1.2", unit="10*9/L", resulted_at=hb.resulted_at)
    facts.correct_fact(fact=hb, entry=entry, reason="Misread", by=house["crc"], now=at("2026-04-04 09:00"))
    adopt(house, chief)
    reconsent(woman, house)
    woman = fresh(woman)
    voice = Voice(protocol_of(woman), woman.zone, "en", at("2026-04-07 09:00"))
    ahead = Ahead.of(woman, voice, at("2026-04-07 09:00"))
    stands = ahead.prospect(Step.LYMPHODEPLETION, at(CONDITIONED), {})
    assert "dose_confirmed_ld" in {finding.clause for finding in stands.owes}
    assert "anc" not in {finding.clause for finding in stands.findings if not finding.outcome.passes}
    assert ahead.search(time(9), at(CONDITIONED), {}).versions.keys() == {"1", "2"}


def test_a_version_never_goes_back(house: House, chief: User) -> None:
    woman = collected_woman(house)
    adopt(house, chief)
    reconsent(woman, house)
    with pytest.raises(FactInvalid) as refusal:
        record(woman, "consent", "2026-04-08 09:00", "1", by=house["pi"])
    assert "2026-04-06" in str(refusal.value)
    assert "version 2" in str(refusal.value)
    with pytest.raises(FactInvalid):
        record(woman, "consent", "2026-02-20 09:00", "2", by=house["pi"], known="2026-04-08 09:00")
    with pytest.raises(FactInvalid, match="not one of"):
        record(woman, "consent", "2026-04-08 09:00", "3", by=house["pi"])


def test_a_consent_can_only_be_to_what_the_study_has_come_to(house: House) -> None:
    woman = screened_woman(house)
    with pytest.raises(FactInvalid):
        reconsent(woman, house)
    assert RecordedFact.objects.filter(concept="consent").count() == 1


def test_only_a_superuser_adopts_an_amendment_and_only_with_a_reason(house: House, chief: User) -> None:
    with pytest.raises(NotAllowed):
        versions.adopt(study=house.study, protocol_id=AMENDED, reason="Approved", by=house["pi"], now=at(ADOPTED))
    with pytest.raises(StudyInvalid) as refusal:
        versions.adopt(study=house.study, protocol_id="another", reason=" ", by=chief, now=at(ADOPTED))
    assert refusal.value.errors.keys() == {"protocol_id", "reason"}
    adopt(house, chief, reason="Approved on 2026-04-02, IRB 17")
    event = AuditEvent.objects.filter(table="tracker_study", operation="update").latest("pk")
    assert (event.actor, event.reason) == (chief.pk, "Approved on 2026-04-02, IRB 17")
    assert event.new == {"protocol_id": AMENDED}


def test_the_set_up_page_offers_the_trial_s_versions_and_asks_for_the_reason(
    house: House, chief: User, enter: Enter, clock: Traveller
) -> None:
    clock.move_to(at("2026-04-06 12:00"))
    client = enter(chief)
    url = reverse("admin:tracker_study_change", args=[house.study.pk])
    assert f"{AMENDED}: protocol version 2 (" in client.get(url).content.decode()
    typed = {
        "code": "RELMA", "title": "Relma-cel", "protocol_id": AMENDED, "target_number": "6", "levels": "1\n2",
        "reason": "",
    }  # fmt: skip
    answer = client.post(url, typed)
    assert answer.status_code == 200
    assert "Give the reason." in answer.content.decode()
    house.study.refresh_from_db()
    assert house.study.protocol_id == FIRST
    assert client.post(url, typed | {"reason": "Approved on 2026-04-02"}).status_code == 302
    house.study.refresh_from_db()
    assert house.study.protocol_id == AMENDED
    assert AuditEvent.objects.filter(table="tracker_study", reason="Approved on 2026-04-02").exists()


def test_the_consent_form_offers_the_versions_and_the_newest_is_chosen(
    house: House, chief: User, enter: Enter, clock: Traveller
) -> None:
    woman = collected_woman(house)
    adopt(house, chief)
    clock.move_to(at("2026-04-06 12:00"))
    client = enter(house["crc"])
    url = reverse("admin:tracker_fact_add", args=[woman.pk, "consent"])
    page = client.get(url).content.decode()
    assert page.index('<option value="2"') < page.index('<option value="1"')
    answer = client.post(url, {"at_0": "2026-04-06", "at_1": "09:00", "value": "2", "detail": "ICF 2.0"})
    assert answer.status_code == 302, answer.content.decode()
    assert fresh(woman).protocol_id == AMENDED
    assert "to protocol version 2" in client.get(answer["Location"]).content.decode()

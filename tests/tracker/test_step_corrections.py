"""A step recorded at a wrong time: moved with a reason, and judged again."""

import pytest

from tests.builders import (
    COLLECTED,
    CONDITIONED,
    ENROLLED,
    House,
    at,
    collected_woman,
    enrolled_woman,
    fresh,
    record,
    screened_man,
    screened_woman,
    take,
)
from tests.tracker.corrections import close, everything_replays, last, move, stopped, undo
from tracker.errors import (
    CorrectedByAnother,
    FactInvalid,
    GateReadsOtherwise,
    NotAllowed,
    NotTheirsToSign,
    SignatureMissing,
    StepInvalid,
    StepRefused,
)
from tracker.models import Alert, Deviation, DeviationStatus, Participant, RecordedFact
from tracker.services import facts, signatures, step_corrections
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.stages import Stage, Step


def test_a_corrected_time_is_a_row_of_its_own_and_the_old_one_stays(house: House) -> None:
    participant = enrolled_woman(house)
    old = last(participant)
    new = move(old, "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00")
    assert [row.pk for row in participant.steps.standing()] == [new.pk]
    assert [row.pk for row in participant.steps.all()] == [old.pk, new.pk]
    assert (new.corrects, new.original, new.reason) == (old, old, "The clock was misread")
    assert (new.fact.key, new.fact.version, new.fact.at) == (old.fact.key, 2, at("2026-03-09 09:30"))
    assert old.fact.at == old.happened_at == at(ENROLLED)
    assert fresh(participant).stage == Stage.ENROLLED
    assert not Deviation.objects.exists()
    assert everything_replays() == 2


def test_a_time_is_corrected_as_often_as_it_takes(house: House) -> None:
    participant = enrolled_woman(house)
    first = last(participant)
    second = move(first, "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00")
    third = move(second, "2026-03-09 09:45", by=house["pi"], now="2026-03-11 09:00")
    assert list(participant.steps.standing()) == [third]
    assert (third.corrects, third.original, third.fact.version) == (second, first, 3)
    assert everything_replays() == 3


def test_a_corrected_enrolment_that_leaves_the_pregnancy_test_too_old_drafts_a_deviation(
    misdated: Participant, house: House
) -> None:
    enrolment = misdated.steps.standing()[0]
    assert stopped(misdated, Step.LYMPHODEPLETION, CONDITIONED) == set()
    new = move(enrolment, "2026-03-12 10:00", by=house["sub_i"], now="2026-04-08 15:00")
    drafted = Deviation.objects.get(clause="hcg_7d_enrol")
    assert (drafted.step_record, drafted.reported_by, drafted.status) == (new, house["sub_i"], DeviationStatus.DRAFT)
    assert {alert.deadline.clause for alert in Alert.objects.filter(rung="reported")} >= {"hcg_7d_enrol"}
    with pytest.raises(StepRefused):
        take(misdated, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-09 08:00")
    take(misdated, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    assert everything_replays() == 4


def test_whoever_corrected_the_time_does_not_sign_what_it_brought_to_light(misdated: Participant, house: House) -> None:
    move(misdated.steps.standing()[0], "2026-03-12 10:00", by=house["pi"], now="2026-04-08 15:00")
    with pytest.raises(NotTheirsToSign):
        close(Deviation.objects.get(clause="hcg_7d_enrol"), house, "pi", now="2026-04-08 16:00")


def test_a_corrected_time_that_keeps_every_clause_drafts_nothing_and_holds_nothing(
    misdated: Participant, house: House
) -> None:
    move(misdated.steps.standing()[0], "2026-03-09 09:30", by=house["sub_i"], now="2026-04-08 15:00")
    assert not Deviation.objects.exists()
    assert stopped(misdated, Step.LYMPHODEPLETION, CONDITIONED) == set()


def test_a_step_moved_later_is_not_out_of_order_with_itself(house: House) -> None:
    participant = enrolled_woman(house)
    new = move(last(participant), "2026-03-09 10:20", by=house["pi"], now="2026-03-10 09:00")
    assert {each["outcome"] for each in new.evidence} == {"met"}
    assert not Deviation.objects.exists()


def test_a_corrected_enrolment_drafts_at_once_although_the_next_step_judges_it_again(house: House) -> None:
    participant = screened_woman(house)
    take(participant, Step.ENROL, ENROLLED, by=house["pi"], known="2026-03-12 12:00")
    move(last(participant), "2026-03-12 10:00", by=house["sub_i"], now="2026-03-13 09:00")
    drafted = Deviation.objects.get(clause="hcg_7d_enrol")
    assert "At the corrected time of Enrol this was not met" in drafted.description
    assert {"hold", "hcg_7d_enrol"} <= stopped(participant, Step.LEUKAPHERESIS, COLLECTED)


def test_a_step_later_than_the_corrected_one_keeps_its_place(misdated: Participant, house: House) -> None:
    move(misdated.steps.standing()[0], "2026-03-09 09:30", by=house["sub_i"], now="2026-04-08 15:00")
    assert [row.step for row in misdated.steps.standing()] == ["enrol", "leukapheresis"]
    assert fresh(misdated).stage == Stage.LEUKAPHERESIS


def test_what_was_drafted_before_still_holds_after_the_time_was_corrected(house: House) -> None:
    participant = collected_woman(house)
    step = take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True,
        reason="Given before the test",
    )  # fmt: skip
    drafted = set(Deviation.objects.values_list("clause", flat=True))
    assert drafted
    record(participant, "lymphodepletion_completed", "2026-04-11 12:00", by=house["ward_nurse"])
    moved = move(step, "2026-04-09 09:40", by=house["ward_nurse"], now="2026-04-11 13:00")
    assert set(Deviation.objects.values_list("clause", flat=True)) == drafted
    assert not Deviation.objects.filter(step_record=moved).exists()
    assert "hold" in stopped(participant, Step.INFUSION, "2026-04-14 10:00")
    assert not Alert.objects.filter(deadline__clause="held_lymphodepletion").exists()
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-12 09:00")
    assert set(Deviation.objects.values_list("clause", "status")) == {(clause, "closed") for clause in drafted}
    assert not Alert.objects.filter(rung="reported", resolved_at=None).exists()
    assert stopped(participant, Step.INFUSION, "2026-04-14 10:00") == set()
    assert everything_replays() == 4


def test_what_was_signed_for_another_time_is_drafted_anew(house: House) -> None:
    participant = collected_woman(house)
    step = take(
        participant, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"], reported_afterwards=True,
        reason="Given before the test",
    )  # fmt: skip
    for each in Deviation.objects.all():
        close(each, house, "pi", now="2026-04-10 09:00")
    moved = move(step, "2026-04-09 09:40", by=house["ward_nurse"], now="2026-04-11 13:00")
    assert Deviation.objects.filter(step_record=moved, status=DeviationStatus.DRAFT).exists()


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-04-08 15:01", "future"),
        ("1990-01-14 10:00", "date of birth"),
        ("2026-03-16 09:01", "after the step that came after it: Leukapheresis"),
        (ENROLLED, "the time on record"),
    ],
)
def test_a_time_at_which_the_step_cannot_have_happened_is_refused(
    misdated: Participant, house: House, when: str, said: str
) -> None:
    with pytest.raises(StepInvalid, match=said):
        move(misdated.steps.standing()[0], when, by=house["sub_i"], now="2026-04-08 15:00")
    assert misdated.steps.count() == 2


def test_a_step_is_not_moved_before_the_one_before_it(misdated: Participant, house: House) -> None:
    with pytest.raises(StepInvalid, match="before the step that came before it: Enrol"):
        move(last(misdated), "2026-03-09 09:59", by=house["apheresis_nurse"], now="2026-04-08 15:00")


@pytest.mark.parametrize(("reason", "said"), [("  ", "Give the reason"), ("x" * 501, "At most 500")])
def test_a_correction_needs_a_reason_of_reasonable_length(house: House, reason: str, said: str) -> None:
    participant = enrolled_woman(house)
    with pytest.raises(StepInvalid, match=said):
        move(last(participant), "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00", reason=reason)
    with pytest.raises(StepInvalid, match=said):
        undo(last(participant), by=house["pi"], now="2026-03-10 09:00", reason=reason)


def test_a_correction_takes_the_right_that_the_step_took(conditioned: Participant, house: House) -> None:
    for role in ("monitor", "sponsor", "pharmacist", "apheresis_nurse", "cell_lab"):
        with pytest.raises(NotAllowed):
            move(last(conditioned), "2026-04-09 09:10", by=house[role], now="2026-04-09 12:00")
        with pytest.raises(NotAllowed):
            undo(last(conditioned), by=house[role], now="2026-04-09 12:00")


def test_a_signed_step_is_corrected_with_a_signature_that_says_so(conditioned: Participant, house: House) -> None:
    step = last(conditioned)
    signed = step.signatures.get()
    with pytest.raises(SignatureMissing):
        step_corrections.correct_time(
            record=step, happened_at=at("2026-04-09 09:10"), reason="r", by=house["pi"], now=at("2026-04-09 12:00")
        )
    with pytest.raises(GateReadsOtherwise):
        step_corrections.correct_time(
            record=step, happened_at=at("2026-04-09 09:10"), reason="r", by=house["pi"], now=at("2026-04-09 12:00"),
            signature=Signing(house["pi"], "another gate"),
        )  # fmt: skip
    assert signatures.still_covers(signed)
    moved = move(step, "2026-04-09 09:10", by=house["pi"], now="2026-04-09 12:00")
    given = moved.signatures.get()
    assert (given.meaning, given.signer) == ("correction", house["pi"])
    assert set(signatures.changed_since(signed)) == {"lymphodepletion_started", "happened_at"}
    assert signatures.still_covers(given)


def test_a_step_that_is_not_signed_is_corrected_without_a_password(misdated: Participant, house: House) -> None:
    nurse = house["apheresis_nurse"]
    step_corrections.correct_time(
        record=last(misdated), happened_at=at("2026-03-16 09:20"), reason="r", by=nurse, now=at("2026-04-08 15:00")
    )
    assert last(misdated).happened_at == at("2026-03-16 09:20")


def test_two_people_correct_the_same_record_and_one_is_told(house: House) -> None:
    participant = enrolled_woman(house)
    seen = last(participant)
    move(seen, "2026-03-09 09:30", by=house["pi"], now="2026-03-10 09:00")
    before = RecordedFact.objects.count()
    with pytest.raises(CorrectedByAnother):
        move(seen, "2026-03-09 09:45", by=house["crc"], now="2026-03-10 09:00")
    with pytest.raises(CorrectedByAnother):
        undo(seen, by=house["crc"], now="2026-03-10 09:00")
    assert RecordedFact.objects.count() == before


def test_the_time_of_a_step_is_not_corrected_behind_its_back(house: House) -> None:
    participant = screened_man(house)
    take(participant, Step.SCREEN_FAIL, ENROLLED, by=house["pi"], reason="ALT")
    consent = take(participant, Step.RESCREEN, "2026-06-01 09:00", by=house["crc"]).fact
    entry = FactEntry(concept="consent", at=at("2026-06-01 08:00"))
    with pytest.raises(FactInvalid, match="correct the step"):
        facts.correct_fact(fact=consent, entry=entry, reason="r", by=house["crc"], now=at("2026-06-02 09:00"))
    with pytest.raises(FactInvalid, match="take the step back"):
        facts.withdraw_fact(fact=consent, reason="r", by=house["crc"], now=at("2026-06-02 09:00"))

"""Recording facts: taken exactly as typed, or refused with what is wrong; never changed, only followed by a version."""

from datetime import date

import pytest

from tests.builders import (
    ENROLLED,
    MEASURED,
    RESULTED,
    House,
    a_house,
    a_participant,
    at,
    enrolled_woman,
    hcg,
    record,
    screened_man,
    take,
)
from tracker.errors import FactInvalid, NotAllowed
from tracker.models import AppendOnly, FactStatus, Participant, RecordedFact
from tracker.services import facts
from tracker.services.facts import FactEntry
from workflow.stages import Step

NOW = at("2026-03-05 09:00")


@pytest.fixture
def participant(house: House) -> Participant:
    return a_participant(house)


def refused(participant: Participant, house: House, **typed: object) -> dict[str, list[str]]:
    """What the service says of an entry."""
    entry = FactEntry(**{"concept": "anc", "at": at(MEASURED), "unit": "10*9/L", **typed})  # type: ignore[arg-type]
    with pytest.raises(FactInvalid) as invalid:
        facts.record_fact(participant=participant, entry=entry, by=house["crc"], now=NOW)
    assert not RecordedFact.objects.exists()
    return invalid.value.errors


def taken(participant: Participant, house: House, **typed: object) -> RecordedFact:
    """What the service records."""
    entry = FactEntry(**{"concept": "anc", "at": at(MEASURED), "unit": "10*9/L", **typed})  # type: ignore[arg-type]
    return facts.record_fact(participant=participant, entry=entry, by=house["crc"], now=NOW)


def test_a_decimal_comma_is_refused_with_the_way_to_write_it(participant: Participant, house: House) -> None:
    assert refused(participant, house, value="12,5") == {"value": ["“12,5”: The decimal mark is a point. Write 12.5."]}


def test_an_unknown_unit_is_refused_with_the_units_expected(participant: Participant, house: House) -> None:
    assert refused(participant, house, value="3.2", unit="bananas") == {
        "unit": ["“bananas” is not a known unit. Expected: 10*9/L, 10*3/uL, /uL."]
    }


def test_a_unit_that_may_mean_two_things_is_refused_with_the_meanings(participant: Participant, house: House) -> None:
    assert refused(participant, house, value="3.2", unit="K/uL") == {
        "unit": ["“K/uL” is not a known unit. Expected: 10*3/uL."]
    }


def test_a_unit_of_something_else_is_refused(participant: Participant, house: House) -> None:
    assert refused(participant, house, value="3.2", unit="kg") == {
        "unit": ["“kg” does not measure this. Expected: 10*9/L, 10*3/uL, /uL."]
    }


def test_a_missing_unit_is_asked_for_and_never_guessed(participant: Participant, house: House) -> None:
    assert refused(participant, house, value="3.2", unit="") == {"unit": ["Give the unit: 10*9/L, 10*3/uL, /uL."]}


def test_a_unit_without_alternative_need_not_be_typed(participant: Participant, house: House) -> None:
    assert taken(participant, house, concept="weight", value="61", unit="").unit == "kg"


def test_units_are_kept_as_their_code_and_numbers_digit_for_digit(participant: Participant, house: House) -> None:
    fact = taken(participant, house, value="3.20", unit="x10^9/L")
    assert (fact.value, fact.unit) == ("3.20", "10*9/L")


def test_a_future_collection_is_refused(participant: Participant, house: House) -> None:
    errors = refused(participant, house, value="3.2", at=at("2026-03-05 09:01"))
    assert errors["at"] == ["This time lies in the future. Record it when it has happened."]


def test_a_result_before_its_collection_is_refused(participant: Participant, house: House) -> None:
    errors = refused(participant, house, value="3.2", resulted_at=at("2026-03-04 07:59"))
    assert errors == {"resulted_at": ["The result cannot be out before the sample was collected."]}


def test_a_result_from_the_future_is_refused(participant: Participant, house: House) -> None:
    assert "resulted_at" in refused(participant, house, value="3.2", resulted_at=at("2026-03-05 09:01"))


def test_a_value_that_no_body_can_have_is_refused(participant: Participant, house: House) -> None:
    assert refused(participant, house, concept="weight", value="6100", unit="kg") == {
        "value": ["Not possible: the bound is 400 kg."]
    }


def test_several_mistakes_are_told_together(participant: Participant, house: House) -> None:
    errors = refused(
        participant, house, value="3,2", unit="bananas", at=at("2026-03-06 08:00"), upper_limit="-4", detail="x" * 501
    )
    assert set(errors) == {"value", "unit", "at", "upper_limit", "detail"}


def test_something_before_the_birth_is_refused(participant: Participant, house: House) -> None:
    errors = refused(participant, house, concept="consent", value="", unit="", at=date(1990, 1, 14))
    assert errors == {"at": ["This lies before the date of birth."]}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"concept": "height", "value": "170"}, "concept"),
        ({"concept": "crcl", "value": "60"}, "concept"),
        ({"concept": "enrolment", "unit": ""}, "concept"),
        ({"concept": "death", "unit": ""}, "concept"),
        ({"concept": "study_end", "unit": "", "at": date(2027, 4, 30)}, "concept"),
        ({"concept": "serum_hcg", "value": "negativ", "unit": ""}, "value"),
        ({"concept": "wocbp", "value": "", "unit": ""}, "value"),
        ({"concept": "weight", "value": "", "unit": "kg"}, "value"),
        ({"concept": "transfusion", "value": "red cells", "unit": ""}, "value"),
        ({"concept": "transfusion", "unit": "", "until": at(RESULTED)}, "until"),
        ({"concept": "systemic_infection", "unit": "", "until": at("2026-03-04 07:00")}, "until"),
        ({"value": "3.2", "upper_limit": "0"}, "upper_limit"),
        ({"value": "3.2", "comparator": "~"}, "comparator"),
        ({"value": "", "resulted_at": at(RESULTED)}, "value"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    participant: Participant, house: House, typed: dict[str, object], field: str
) -> None:
    assert field in refused(participant, house, **typed)


def test_a_comparator_may_be_typed_with_its_number(participant: Participant, house: House) -> None:
    fact = taken(participant, house, value="<0.2")
    assert (fact.comparator, fact.value) == ("<", "0.2")


def test_a_bound_typed_on_a_chinese_keyboard_is_the_same_bound(participant: Participant, house: House) -> None:
    fact = taken(participant, house, value="＜＝ ０．２")
    assert (fact.comparator, fact.value) == ("<=", "0.2")


def test_a_date_without_a_time_stays_a_date_of_the_site(participant: Participant, house: House) -> None:
    fact = taken(participant, house, concept="transfusion", unit="", at=date(2026, 3, 4))
    assert RecordedFact.objects.get(pk=fact.pk).moment == date(2026, 3, 4)


def test_a_laboratory_result_without_its_time_was_out_only_now(participant: Participant, house: House) -> None:
    assert taken(participant, house, value="3.2").resulted_at == NOW


def test_a_sample_waits_for_its_result_which_needs_no_reason(house: House, participant: Participant) -> None:
    sample = record(participant, "serum_hcg", "2026-03-04 08:00", by=house["crc"])
    assert (sample.value, sample.resulted_at) == ("", None)
    result = facts.record_result(
        fact=sample, value="negative", resulted_at=at("2026-03-04 12:00"), by=house["crc"], now=NOW
    )
    assert (result.key, result.version, result.value, result.reason) == (sample.key, 2, "negative", "")
    with pytest.raises(FactInvalid, match="correct it"):
        facts.record_result(fact=result, value="positive", by=house["crc"], now=NOW)


def test_a_panel_is_recorded_as_a_whole_or_not_at_all(house: House, participant: Participant) -> None:
    entries = [
        FactEntry(concept="anc", at=at(MEASURED), value="3.2", unit="10*9/L"),
        FactEntry(concept="hb", at=at(MEASURED), value="12,8", unit="g/dL"),
        FactEntry(concept="alt", at=at(MEASURED), value="22", unit="U"),
    ]
    with pytest.raises(FactInvalid) as invalid:
        facts.record_panel(participant=participant, entries=entries, by=house["crc"], now=NOW)
    assert set(invalid.value.errors) == {"hb.value", "alt.unit"}
    assert not RecordedFact.objects.exists()


def test_an_infection_ends_by_its_next_version(house: House, participant: Participant) -> None:
    infection = record(participant, "systemic_infection", "2026-03-01 08:00", by=house["sub_i"])
    ended = facts.end_interval(fact=infection, until=date(2026, 3, 4), by=house["sub_i"], now=NOW)
    assert (ended.version, ended.until_moment) == (2, date(2026, 3, 4))


def test_a_correction_keeps_both_versions_and_demands_a_reason(house: House, participant: Participant) -> None:
    wrong = taken(participant, house, value="32")
    entry = FactEntry(concept="anc", at=at(MEASURED), value="3.2", unit="10*9/L")
    with pytest.raises(FactInvalid, match="reason"):
        facts.correct_fact(fact=wrong, entry=entry, reason="  ", by=house["crc"], now=NOW)
    right = facts.correct_fact(fact=wrong, entry=entry, reason="Decimal point lost", by=house["crc"], now=NOW)
    assert [row.value for row in RecordedFact.objects.filter(key=wrong.key)] == ["32", "3.2"]
    assert (right.reason, right.recorded_by) == ("Decimal point lost", house["crc"])


def test_a_version_made_meanwhile_is_not_overwritten(house: House, participant: Participant) -> None:
    wrong = taken(participant, house, value="32")
    facts.withdraw_fact(fact=wrong, reason="Wrong person", by=house["crc"], now=NOW)
    entry = FactEntry(concept="anc", at=at(MEASURED), value="3.2", unit="10*9/L")
    with pytest.raises(FactInvalid, match="by another person meanwhile"):
        facts.correct_fact(fact=wrong, entry=entry, reason="Decimal point lost", by=house["crc"], now=NOW)


def test_what_was_entered_in_error_stays_readable_and_counts_no_more(house: House) -> None:
    participant = screened_man(house)
    transfusion = record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    gone = facts.withdraw_fact(fact=transfusion, reason="Wrong person", by=house["crc"], now=at("2026-03-09 09:00"))
    assert (gone.status, gone.version, gone.at) == (FactStatus.ENTERED_IN_ERROR, 2, transfusion.at)
    take(participant, Step.ENROL, ENROLLED, by=house["pi"])


def test_what_a_step_recorded_is_not_withdrawn_behind_its_back(house: House) -> None:
    participant = enrolled_woman(house)
    enrolment = participant.steps.get().fact
    with pytest.raises(FactInvalid, match="recorded by a step"):
        facts.withdraw_fact(fact=enrolment, reason="Oops", by=house["pi"], now=at("2026-03-10 09:00"))


def test_a_recorded_row_can_neither_be_changed_nor_deleted(house: House, participant: Participant) -> None:
    fact = taken(participant, house, value="3.2")
    fact.value = "4.2"
    for attempt in (fact.save, fact.delete, RecordedFact.objects.all().delete):
        with pytest.raises(AppendOnly):
            attempt()
    with pytest.raises(AppendOnly):
        RecordedFact.objects.update(value="4.2")
    assert RecordedFact.objects.get().value == "3.2"


@pytest.mark.parametrize("role", ["monitor", "sponsor", "pharmacist"])
def test_who_only_reads_records_nothing(house: House, participant: Participant, role: str) -> None:
    with pytest.raises(NotAllowed):
        record(participant, "transfusion", "2026-03-04 14:00", by=house[role])
    assert not RecordedFact.objects.exists()


def test_staff_of_another_site_record_nothing(house: House, participant: Participant) -> None:
    elsewhere = a_house("ZS", study=house.study)
    with pytest.raises(NotAllowed):
        record(participant, "transfusion", "2026-03-04 14:00", by=elsewhere["pi"])


def test_a_consent_after_a_screen_failure_is_a_step(house: House) -> None:
    participant = screened_man(house)
    take(participant, Step.SCREEN_FAIL, ENROLLED, by=house["pi"])
    with pytest.raises(FactInvalid, match="taking the step"):
        record(participant, "consent", "2026-06-01 09:00", by=house["crc"])


def test_the_end_of_the_study_is_a_date_of_the_study_and_moves(house: House) -> None:
    for day, now in ((date(2027, 4, 30), "2026-03-10 09:00"), (date(2027, 6, 30), "2026-11-02 09:00")):
        entry = FactEntry(concept="study_end", at=day)
        fact = facts.record_fact(study=house.study, entry=entry, by=house["pi"], now=at(now), reason="amended")
    assert (fact.version, fact.moment, fact.status) == (2, date(2027, 6, 30), FactStatus.PLANNED)


def test_a_positive_result_can_be_recorded_like_any_other(house: House, participant: Participant) -> None:
    assert hcg(participant, house, "2026-03-04 08:00", "2026-03-04 12:00", "positive").value == "positive"

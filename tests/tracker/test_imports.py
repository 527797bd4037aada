"""What is pasted: judged line by line, recorded as a whole, and what is set aside waits to be mended or dismissed."""

from datetime import datetime

import pytest

from tests.builders import House, a_house, a_participant, at, record
from tracker.errors import FactInvalid, NotAllowed, ReadsOtherwise, Refused
from tracker.models import Fate, Import, ImportLine, Laboratory, Outcome, Participant, RecordedFact, UpperLimit, User
from tracker.services import facts, imports, pastes
from tracker.services.entries import FactEntry

NOW = at("2026-03-09 10:00")
HEADER = "subject\ttest\tvalue\tunit\tcollected\n"
ACCEPTED, DUPLICATE, QUARANTINED = Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.QUARANTINED


@pytest.fixture
def woman(house: House) -> Participant:
    return a_participant(house)


def row(
    test: str = "ANC", value: str = "3.2", unit: str = "10*9/L", when: str = "2026-03-04 08:00", subject: str = ""
) -> str:
    return f"{subject}\t{test}\t{value}\t{unit}\t{when}"


def judged(woman: Participant, by: User, *rows: str, collected: datetime | None = None) -> list[pastes.Judged]:
    return pastes.judge(pastes.Sheet(woman, HEADER + "\n".join(rows), collected), by=by, now=NOW)


def outcomes(woman: Participant, by: User, *rows: str) -> list[Outcome]:
    return [each.outcome for each in judged(woman, by, *rows)]


def pasted(woman: Participant, by: User, *rows: str) -> Import:
    sheet = pastes.Sheet(woman, HEADER + "\n".join(rows))
    return imports.take_in(sheet, seen=pastes.digest(pastes.judge(sheet, by=by, now=NOW)), by=by, now=NOW)


def why(woman: Participant, by: User, line: str) -> str:
    (only,) = judged(woman, by, line)
    assert only.outcome is QUARANTINED
    return only.why


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (row(test="CRP"), "Not a known test: “CRP”."),
        (row(unit=""), "There is no unit."),
        (row(unit="spoons"), "“spoons” is not a known unit"),
        (row(value=""), "There is no value."),
        (row(value="3,2"), "The decimal mark is a point. Write 3.2."),
        (row(value="haemolysed"), "Expected a plain number"),
        (row(value="950"), "950 ×10⁹/L? People usually have 0.01–50 ×10⁹/L."),
        (row(when="04/03/2026"), "Not a date that is understood: “04/03/2026”."),
        (row(when=""), "It is not said when it was collected."),
        (row(when="2026-03-10 08:00"), "This time lies in the future"),
        (row(when="1980-01-01"), "before the date of birth"),
        (row(subject="RJ-999"), "This subject is not known here: RJ-999."),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_set_aside_with_the_reason(
    house: House, woman: Participant, line: str, said: str
) -> None:
    assert said in why(woman, house["crc"], line)


def test_another_sites_subject_is_answered_like_one_that_nobody_knows(house: House, woman: Participant) -> None:
    other = a_house("SHB", study=house.study)
    a_participant(other, "SHB-001")
    said = [why(woman, house["crc"], row(subject=number)) for number in ("SHB-001", "SHB-002")]
    assert said[0].replace("SHB-001", "SHB-002") == said[1]


def test_a_subject_of_another_study_is_not_known_in_this_one(house: House, woman: Participant) -> None:
    with pytest.raises(FactInvalid):
        imports.subject_of(house.study, "RJ-404", by=house["crc"], now=NOW)
    assert imports.subject_of(house.study, " rj-001 ", by=house["crc"], now=NOW) == woman


def test_several_subjects_are_taken_from_one_paste_by_whoever_may_see_them(house: House, woman: Participant) -> None:
    a_participant(house, "RJ-002")
    batch = pasted(
        woman,
        house["crc"],
        row(),
        row(subject="RJ-002", value="＜０．１"),
        row(subject="rj-001", test="Hb", value="128", unit="g/L"),
    )
    assert (batch.lines_in, batch.accepted) == (3, 3)
    told = RecordedFact.objects.values_list("participant__subject_number", "concept", "comparator", "value", "typed")
    assert sorted(told) == [
        ("RJ-001", "anc", "=", "3.2", "3.2"), ("RJ-001", "hb", "=", "128", "128"),
        ("RJ-002", "anc", "<", "0.1", "＜０．１"),
    ]  # fmt: skip


def test_what_is_on_record_already_is_not_recorded_twice(house: House, woman: Participant) -> None:
    known = record(woman, "anc", "2026-03-04 08:00", "3.20", by=house["crc"], unit="10*9/L")
    batch = pasted(
        woman, house["crc"], row(), row(test="中性粒细胞"), row(test="ALC", value="1.1"), row(test="LYM", value="1.10")
    )
    assert [line.outcome for line in batch.lines.all()] == [DUPLICATE, DUPLICATE, ACCEPTED, DUPLICATE]
    assert (batch.accepted, batch.duplicate) == (1, 3)
    lines = list(batch.lines.all())
    assert lines[0].fact == known
    assert lines[3].fact == lines[2].fact
    assert RecordedFact.objects.count() == 2


def test_a_paste_taken_twice_records_nothing_more(house: House, woman: Participant) -> None:
    rows = (row(), row(test="Hb", value="128", unit="g/L"))
    assert pasted(woman, house["crc"], *rows).accepted == 2
    assert pasted(woman, house["crc"], *rows).duplicate == 2
    assert RecordedFact.objects.count() == 2


def test_another_value_of_the_same_sample_is_nobodys_to_guess(house: House, woman: Participant) -> None:
    record(woman, "anc", "2026-03-04 08:00", "3.2", by=house["crc"], unit="10*9/L")
    assert "Another value of this sample is on record: 3.2" in why(woman, house["crc"], row(value="2.3"))
    assert outcomes(woman, house["crc"], row(test="ALC", value="1.1"), row(test="ALC", value="1.2")) == [
        ACCEPTED,
        QUARANTINED,
    ]


def test_what_was_entered_in_error_is_no_duplicate(house: House, woman: Participant) -> None:
    known = record(woman, "anc", "2026-03-04 08:00", "3.2", by=house["crc"], unit="10*9/L")
    facts.withdraw_fact(fact=known, reason="another subject's", by=house["crc"], now=NOW)
    assert outcomes(woman, house["crc"], row()) == [ACCEPTED]


def test_nothing_is_recorded_that_was_not_shown(house: House, woman: Participant) -> None:
    sheet = pastes.Sheet(woman, HEADER + row())
    seen = pastes.digest(pastes.judge(sheet, by=house["crc"], now=NOW))
    record(woman, "anc", "2026-03-04 08:00", "3.2", by=house["crc"], unit="10*9/L")
    with pytest.raises(ReadsOtherwise):
        imports.take_in(sheet, seen=seen, by=house["crc"], now=NOW)
    assert not Import.objects.exists()


def test_judging_writes_nothing(house: House, woman: Participant) -> None:
    judged(woman, house["crc"], row(), row(test="CRP"))
    assert not RecordedFact.objects.exists()
    assert not ImportLine.objects.exists()


@pytest.mark.parametrize("text", ["", "\n \n", HEADER])
def test_a_paste_without_a_line_is_refused(house: House, woman: Participant, text: str) -> None:
    with pytest.raises(Refused, match="no line"):
        pastes.judge(pastes.Sheet(woman, text), by=house["crc"], now=NOW)


def test_a_paste_of_too_many_lines_is_refused(house: House, woman: Participant) -> None:
    with pytest.raises(Refused, match="At most 500"):
        judged(woman, house["crc"], *[row()] * 501)


def test_who_may_not_record_takes_nothing_in(house: House, woman: Participant) -> None:
    sheet = pastes.Sheet(woman, HEADER + row())
    with pytest.raises(NotAllowed):
        imports.take_in(sheet, seen="", by=house["monitor"], now=NOW)
    assert "Your roles" in why(woman, house["monitor"], row())


def test_a_laboratorys_upper_limit_is_taken_where_the_sheet_names_none(house: House, woman: Participant) -> None:
    laboratory = Laboratory.objects.create(site=house.site, name="Own")
    UpperLimit.objects.create(
        laboratory=laboratory, concept="alt", sex="female", value="35", unit="U/L", valid_from="2026-01-01",
        entered_at=NOW, entered_by=house["crc"],
    )  # fmt: skip
    sheet = pastes.Sheet(woman, HEADER + row(test="ALT", value="22", unit="U/l"), laboratory=laboratory)
    (line,) = pastes.judge(sheet, by=house["crc"], now=NOW)
    assert line.entry is not None
    assert (line.entry.upper_limit, line.entry.laboratory) == ("35", laboratory)


def waiting(house: House, woman: Participant) -> ImportLine:
    return pasted(woman, house["crc"], row(test="Hb", value="90", unit="g/dL")).lines.get()


def test_a_line_that_was_set_aside_is_mended_and_keeps_how_it_came(house: House, woman: Participant) -> None:
    line = waiting(house, woman)
    entry = FactEntry(concept="hb", at=at("2026-03-04 08:00"), value="90", unit="g/L")
    imports.mend(line=line, participant=woman, entry=entry, reason="wrong unit", by=house["crc"], now=NOW)
    mended = ImportLine.objects.get()
    assert (mended.fate, mended.outcome, mended.typed["unit"]) == (Fate.MENDED, QUARANTINED, "g/dL")
    assert mended.fact == RecordedFact.objects.get(concept="hb", unit="g/L")
    assert Import.objects.get().quarantined == 1
    with pytest.raises(Refused, match="another person"):
        imports.dismiss(line=line, reason="twice", by=house["crc"], now=NOW)


def test_a_line_is_dismissed_only_with_a_reason(house: House, woman: Participant) -> None:
    line = waiting(house, woman)
    with pytest.raises(FactInvalid):
        imports.dismiss(line=line, reason=" ", by=house["crc"], now=NOW)
    imports.dismiss(line=line, reason="another patient", by=house["crc"], now=NOW)
    assert (ImportLine.objects.get().fate, ImportLine.objects.get().reason) == (Fate.DISMISSED, "another patient")


def test_a_line_that_cannot_be_recorded_after_all_goes_on_waiting(house: House, woman: Participant) -> None:
    line = waiting(house, woman)
    entry = FactEntry(concept="hb", at=at("2026-03-10 08:00"), value="90", unit="g/L")
    with pytest.raises(FactInvalid):
        imports.mend(line=line, participant=woman, entry=entry, reason="", by=house["crc"], now=NOW)
    assert ImportLine.objects.get().fate == Fate.WAITING

"""Pasted text comes apart into lines: whatever it is, nothing crashes and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.builders import RELMA
from tracker.services.pasting import Line, Names, lines_of, moment_of

NAMES = Names(RELMA)


def cells(text: str) -> list[tuple[str, ...]]:
    return [tuple(filter(None, line.cells().values())) for line in lines_of(text, NAMES)]


@pytest.mark.parametrize("mark", ["\t", ";", "；", ",", "，"])
def test_a_table_under_english_headers_is_read_whatever_separates_its_cells(mark: str) -> None:
    rows = [
        ["Subject No.", "Test", "Result", "Units", "Collection time"],
        ["RJ-001", "ANC", "3.2", "10^9/L", "2026-03-04"],
    ]
    text = "\n".join(mark.join(row) for row in rows)
    assert lines_of(text, NAMES) == [Line(1, "RJ-001", "ANC", "3.2", "10^9/L", "2026-03-04")]


def test_a_table_under_chinese_headers_is_read_in_any_order_of_its_columns() -> None:
    header = "结果\t检验项目\t单位\t采样时间\t报告时间\t正常值上限\t受试者编号"
    text = f"{header}\n22\tALT\tU/L\t2026年3月4日 8:00\t2026/3/4 12:00\t40\tRJ-001"
    assert lines_of(text, NAMES) == [Line(1, "RJ-001", "ALT", "22", "U/L", "2026年3月4日 8:00", "2026/3/4 12:00", "40")]


def test_without_headers_the_usual_order_is_taken() -> None:
    assert cells("ANC\t3.2\t10^9/L") == [("ANC", "3.2", "10^9/L")]
    assert lines_of("RJ-001\tANC\t3.2\t10^9/L", NAMES)[0].subject == "RJ-001"


def test_one_test_a_column_becomes_one_line_for_each_filled_cell() -> None:
    text = "受试者\t采样时间\tANC (10^9/L)\tHb（g/L）\tPLT\nRJ-001\t2026-03-04\t3.2\t\t210\nRJ-002\t2026-03-05\t\t\t"
    lines = lines_of(text, NAMES)
    assert [(line.subject, line.analyte, line.value, line.unit) for line in lines] == [
        ("RJ-001", "ANC", "3.2", "10^9/L"), ("RJ-001", "PLT", "210", ""), ("RJ-002", "", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("anc", "anc"), ("ANC", "anc"), ("ＡＮＣ", "anc"), ("Neut#", "anc"), ("中性粒细胞绝对值", "anc"),
        ("751-8", "anc"), ("Hemoglobin", "hb"),
        ("Absolute neutrophil count", "anc"), ("hgb", "hb"), ("血红蛋白", "hb"), ("谷丙转氨酶", "alt"),
        ("T-BIL", "tbil"),
        ("Serum creatinine", "creatinine"), ("肌酐", "creatinine"), ("国际标准化比值", "inr"), ("凝血酶原时间", "pt"),
    ],
)  # fmt: skip
def test_tests_go_by_the_names_that_laboratories_use(name: str, concept: str) -> None:
    found = NAMES.find(name)
    assert found is not None
    assert found.id == concept


@pytest.mark.parametrize("name", ["", " ", "CRP", "neut%", "serum β-hCG", "#"])
def test_what_is_no_number_of_this_protocol_goes_by_no_name(name: str) -> None:
    assert NAMES.find(name) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04", "2026-03-04"), ("2026/3/4", "2026-03-04"), ("2026.03.04", "2026-03-04"),
        ("2026年3月4日", "2026-03-04"), ("20260304", "2026-03-04"), ("２０２６－０３－０４", "2026-03-04"),
        ("2026-03-04 08:05", "2026-03-04 08:05:00"), ("2026-03-04T08:05:30", "2026-03-04 08:05:30"),
        ("2026/3/4 8:05", "2026-03-04 08:05:00"), ("2026年3月4日8时5分", "2026-03-04 08:05:00"),
        ("2026年3月4日 8时", "2026-03-04 08:00:00"), ("20260304 0805", "2026-03-04 08:05:00"),
        ("2026年3月4日 08：05", "2026-03-04 08:05:00"),
        ("04/03/2026", "None"), ("3/4/26", "None"), ("2026-13-01", "None"), ("2026-02-29", "None"),
        ("2026-03-04 25:00", "None"),
        ("yesterday", "None"), ("", "None"), ("0001-01-01", "None"), ("9999-12-31", "None"), ("46085", "None"),
    ],
)  # fmt: skip
def test_days_and_times_are_read_with_the_year_first_and_never_guessed(text: str, moment: str) -> None:
    assert str(moment_of(text)) == moment


table = st.lists(
    st.lists(
        st.sampled_from(["ANC", "Hb", "Test", "结果", "单位", "3.2", "12,5", "＜０．１", '"', "g/L", "", "RJ-001"]),
        min_size=1, max_size=8,
    ),
    max_size=8,
)  # fmt: skip


@given(st.text(max_size=300))
def test_any_text_comes_apart_into_numbered_lines(text: str) -> None:
    lines = lines_of(text, NAMES)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@given(table, st.sampled_from(["\t", ";", ","]))
def test_every_row_under_a_header_gives_at_least_one_line(rows: list[list[str]], mark: str) -> None:
    text = "\n".join(mark.join(row) for row in rows)
    kept = [line for line in text.splitlines() if line.strip()]
    assert len(lines_of(text, NAMES)) >= len(kept) - 1


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    found = moment_of(text)
    assert found is None or found.year >= 1900

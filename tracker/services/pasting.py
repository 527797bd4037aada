"""Pasting: text from a spreadsheet, taken apart into one line for each value. Nothing is judged, nothing is lost."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time

from workflow.concepts import Concept
from workflow.protocol import Protocol
from workflow.units import UnitError, normalise

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "subject": ("subject", "subjectno", "subjectnumber", "subjectid", "participant", "patient", "受试者", "受试者编号",
                "受试者号", "筛选号", "编号"),
    "analyte": ("test", "analyte", "item", "parameter", "testname", "项目", "检验项目", "检查项目", "项目名称", "指标"),
    "value": ("value", "result", "results", "结果", "检验结果", "检测结果", "测定值", "数值", "值"),
    "unit": ("unit", "units", "单位"),
    "collected": ("collected", "collectedat", "collection", "collectiontime", "collectiondate", "sampled", "drawn",
                  "date", "采样时间", "采集时间", "采血时间", "采样日期", "采集日期", "标本采集时间", "日期"),
    "resulted": ("resulted", "resultedat", "resulttime", "reported", "reportedat", "reporttime", "resultout",
                 "报告时间", "结果时间", "审核时间", "报告日期", "出结果时间"),
    "upper_limit": ("uln", "upperlimit", "upperlimitofnormal", "upper", "上限", "正常值上限", "参考上限", "参考值上限"),
}  # fmt: skip
"""What columns are called, in both languages, without spaces and punctuation."""

_BY_NAME = {name: column for column, names in _COLUMNS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Line:
    """One value as it came, every cell exactly as pasted; "" where there is none."""

    number: int
    subject: str = ""
    analyte: str = ""
    value: str = ""
    unit: str = ""
    collected: str = ""
    resulted: str = ""
    upper_limit: str = ""

    def cells(self) -> dict[str, str]:
        """The cells by column."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "number"}


class Names:
    """What concepts are called: by id, label, LOINC code, and the names that laboratories' lists use."""

    def __init__(self, protocol: Protocol) -> None:
        self._known: dict[str, Concept] = {}
        for concept in protocol.concepts.values():
            if concept.kind == "quantity":
                for name in filter(None, map(plain, _names_of(concept))):
                    self._known.setdefault(name, concept)

    def find(self, name: str) -> Concept | None:
        """The concept that is meant; None where none is."""
        return self._known.get(plain(name)) or self._known.get(plain(_without_brackets(name)))


def lines_of(text: str, names: Names) -> list[Line]:
    """Every value of a pasted text, in its order.

    A table has one value a row, under headers or in the usual order (subject, test, value, unit, time), or one test a
    column. Text of any form comes apart somehow: whoever judges the lines says what is wrong with them.
    """
    rows = _rows(text)
    if not rows:
        return []
    columns = _header(rows[0], names)
    if columns is None:
        found = [_in_usual_order(row, names) for row in rows]
    elif "analyte" in columns or not any(isinstance(names.find(cell), Concept) for cell in rows[0]):
        found = [_under(columns, row) for row in rows[1:]]
    else:
        found = [line for row in rows[1:] for line in _across(rows[0], columns, row, names)]
    return [replace(line, number=number) for number, line in enumerate(found, start=1)]


def moment_of(text: str) -> datetime | date | None:
    """A day, or a wall-clock time without a zone, in a common form with the year first; None for any other text."""
    plain_text = unicodedata.normalize("NFKC", text).strip()
    found = _MOMENT.fullmatch(plain_text) or _DIGITS.fullmatch(plain_text)
    if found is None or not _YEARS[0] <= int(found["y"]) <= _YEARS[1]:
        return None
    try:
        day = date(int(found["y"]), int(found["m"]), int(found["d"]))
        if found["h"] is None:
            return day
        return datetime.combine(day, time(int(found["h"]), int(found["min"] or 0), int(found["s"] or 0)))
    except ValueError:
        return None


def plain(name: str) -> str:
    """A name for comparing: no width, no case, no spaces, no punctuation but `#` and `%`, which tell counts apart."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum() or letter in "#%")


_YEARS = (1900, 2200)
_MOMENT = re.compile(
    r"(?P<y>[0-9]{4})(?:[-/.]|年)(?P<m>[0-9]{1,2})(?:[-/.]|月)(?P<d>[0-9]{1,2})日?"
    r"(?:[T\s]*(?P<h>[0-9]{1,2})(?::|时|点)(?:(?P<min>[0-9]{1,2})分?)?(?::?(?P<s>[0-9]{1,2})秒?)?)?"
)
_DIGITS = re.compile(
    r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?:[T\s]?(?P<h>[0-9]{2}):?(?P<min>[0-9]{2})(?::?(?P<s>[0-9]{2}))?)?"
)
_BRACKETS = re.compile(r"[(（\[]([^)）\]]*)[)）\]]")
_SPACES = re.compile(r"\s{2,}")


def _names_of(concept: Concept) -> Iterator[str]:
    yield from (concept.id, concept.loinc, *concept.also_called)
    for label in (concept.label, concept.label_zh):
        yield label
        yield _without_brackets(label)
        yield from _BRACKETS.findall(label)


def _without_brackets(name: str) -> str:
    return _BRACKETS.sub("", name)


def _rows(text: str) -> list[list[str]]:
    """The cells of every row that is not blank."""
    kept = [line for line in text.replace("\0", "").splitlines() if line.strip()]
    mark = next((mark for mark in ("\t", ";", "；", ",", "，") if any(mark in line for line in kept)), "")
    return [[cell.strip() for cell in _split(line, mark)] for line in kept]


def _split(line: str, mark: str) -> list[str]:
    if not mark:
        return _SPACES.split(line.strip())
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return line.split(mark)


def _header(row: Sequence[str], names: Names) -> dict[str, int] | None:
    """Where each column stands; None where the first row is no header."""
    columns: dict[str, int] = {}
    for index, cell in enumerate(row):
        if column := _BY_NAME.get(plain(_without_brackets(cell))):
            columns.setdefault(column, index)
    tests = sum(1 for cell in row if names.find(cell))
    return columns if len(columns) >= 2 or (columns and tests) or tests >= 2 else None


def _under(columns: Mapping[str, int], row: Sequence[str]) -> Line:
    return Line(0, **{column: row[index] for column, index in columns.items() if index < len(row)})


def _across(header: Sequence[str], columns: Mapping[str, int], row: Sequence[str], names: Names) -> Iterator[Line]:
    """One line for every filled cell under a test; one without a value where none is, so that the row is not lost."""
    shared = _under({name: index for name, index in columns.items() if name not in {"value", "unit"}}, row)
    filled = [
        replace(shared, analyte=_without_brackets(title).strip(), value=cell, unit=_unit_in(title))
        for title, cell in zip(header, row, strict=False)
        if cell and names.find(title)
    ]
    yield from filled or [shared]


def _unit_in(title: str) -> str:
    """The unit that a header names in brackets: `Hb (g/L)`."""
    for inside in _BRACKETS.findall(title):
        try:
            normalise(inside)
        except UnitError:
            continue
        return str(inside).strip()
    return ""


def _in_usual_order(row: Sequence[str], names: Names) -> Line:
    names_a_subject = len(row) > 1 and not names.find(row[0]) and names.find(row[1]) is not None
    order = ["analyte", "value", "unit", "collected", "resulted", "upper_limit"]
    return _under({name: index for index, name in enumerate(["subject", *order] if names_a_subject else order)}, row)

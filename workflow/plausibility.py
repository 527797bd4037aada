"""Plausibility: numbers that people rarely have. They are asked about, never refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import PlainValidator, WithJsonSchema

from workflow.bounds import Span, span
from workflow.concepts import Concept
from workflow.decimals import fraction
from workflow.rules.condition import Definition
from workflow.units import UnitError, convert

_LINE = re.compile(r"(?P<low>\d+(?:\.\d+)?) to (?P<high>\d+(?:\.\d+)?)(?: (?P<unit>\S+))?")
_SLIPS = (1, -1)
"""By how many places the point slips, as what somebody may have meant instead."""


@dataclass(frozen=True, slots=True)
class Range:
    """`30 to 250 g/L`: both ends are plausible. `unit` is a UCUM code."""

    text: str
    low: Decimal
    high: Decimal
    unit: str

    @classmethod
    def parse(cls, text: object) -> "Range":
        """Read a range line. Raises ValueError that says what was expected."""
        found = _LINE.fullmatch(text.strip()) if isinstance(text, str) else None
        if not found:
            raise ValueError(f"{text!r} is not a range: expected a line like '30 to 250 g/L'")
        low, high = Decimal(found["low"]), Decimal(found["high"])
        if low >= high:
            raise ValueError(f"{text!r} is not a range: its first number is not below its second")
        return cls(found[0], low, high, found["unit"] or "")


RangeLine = Annotated[
    Range, PlainValidator(Range.parse), WithJsonSchema({"type": "string", "examples": ["30 to 250 g/L"]})
]


class Questioned(Definition):
    """What is asked about when it is entered: a number `outside` these ranges. `basis` says where they come from."""

    basis: Literal["protocol", "site practice", "reading"]
    outside: Mapping[str, RangeLine]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A number that people rarely have.

    `low` and `high` bound what they do have, in the unit that was typed. `meant` is the number and the unit that may
    have been meant: the same digits in another unit, or with the point in another place; None where neither would do.
    """

    low: Fraction
    high: Fraction
    unit: str
    meant: tuple[Decimal, str] | None = None


def doubt(concept: Concept, usual: Range, number: Decimal, unit: str, comparator: str = "=") -> Doubt | None:
    """Why a number is asked about; None for one that is plausible, or does not compare with the range.

    Of a bound, it is enough that any number that it stands for is plausible.
    """
    found = _in(concept, usual, unit)
    if found is None or found.meets(span(fraction(number), comparator)):
        return None
    high = found.low if found.high is None else found.high
    return Doubt(found.low, high, unit, next(_meant(concept, usual, number, unit, comparator), None))


def _meant(
    concept: Concept, usual: Range, number: Decimal, unit: str, comparator: str
) -> Iterator[tuple[Decimal, str]]:
    others = [(number, other) for other in concept.units if other != unit]
    slipped = [(Decimal(f"{number.scaleb(places):f}"), unit) for places in _SLIPS]
    for other, its_unit in others + slipped:
        range_there = _in(concept, usual, its_unit)
        if range_there and range_there.meets(span(fraction(other), comparator)):
            yield other, its_unit


def _in(concept: Concept, usual: Range, unit: str) -> Span | None:
    """The range in another unit; None where the units do not convert."""
    try:
        low, high = (
            convert(fraction(end), usual.unit or concept.unit, unit, concept.bridge) for end in (usual.low, usual.high)
        )
    except UnitError:
        return None
    return Span(low, high)

"""Limits as the protocol prints them: a number with a unit, a multiple of the upper limit of normal, a percentage."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_LINE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?:\s*(?P<uln>x ULN)|\s+(?P<unit>\S+))?")


class Comparison(StrEnum):
    """How a number is held against a limit. The first two include the limit itself, the last two do not."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"

    @property
    def symbol(self) -> str:
        """The comparison as it is written before a limit."""
        return {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<"}[self.value]


@dataclass(frozen=True, slots=True)
class Limit:
    """`1000 /uL`, `3 x ULN`, `5 %` or `3`: exact, never rounded. `unit` is a UCUM code; "" where there is none."""

    text: str
    number: Decimal
    unit: str = ""
    times_upper_limit: bool = False

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read a limit line. Raises ValueError that says what was expected."""
        found = _LINE.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a limit: expected '1000 /uL', '3 x ULN', '5 %' or a plain number")
        return cls(text.strip(), Decimal(found["number"]), found["unit"] or "", bool(found["uln"]))

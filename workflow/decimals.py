"""Numbers as people type them: plain decimal notation, kept digit for digit, or refused with the way to write it."""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache


class NumberFault(StrEnum):
    """Why text is not a number in plain decimal notation, as the words that tell it."""

    DECIMAL_MARK = "the decimal mark is a point"
    GROUPED = "digits are written without spaces or separators between them"
    EXPONENT = "powers of ten are written out"
    NEGATIVE = "a number below 0 is not possible here"
    NOT_PLAIN = "expected a plain number like 12.5"


class NotANumber(ValueError):
    """Text that is not a number in plain decimal notation.

    `value` as typed, `fault` what is wrong with it, `write` how to write it instead; empty where that is not clear.
    """

    def __init__(self, value: str, fault: NumberFault, write: str = "") -> None:
        self.value = value
        self.fault = fault
        self.write = write
        super().__init__(f"{value!r}: {fault.value}" + (f"; write {write}" if write else ""))


def exact(text: str, *, negative: bool = False) -> Decimal:
    """The number that was typed, digit for digit: `12.5`, `1.50` (which stays 1.50), full-width `１２．５`.

    Plain decimal notation only, up to 15 digits on either side of the point. `12,5`, `1 000`, `1e3`, `.5`, `NaN` are
    refused, each with the way to write it, and so is a number below 0 unless `negative`. Raises NotANumber.
    """
    typed = text.strip().translate(_FULL_WIDTH)
    if not _PLAIN_NUMBER.fullmatch(typed):
        raise _not_a_number(text.strip(), typed)
    if typed.startswith("-") and not negative:
        raise NotANumber(text.strip(), NumberFault.NEGATIVE)
    return Decimal(typed)


@lru_cache(maxsize=4096)
def fraction(number: Decimal) -> Fraction:
    """The same number, for calculating without ever rounding. Kept, since making one takes longer than using it."""
    return Fraction(number)


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－−", "0123456789.,--")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+")
_SPACED = re.compile(r"-?[0-9]+(?:[\s'_\u2019][0-9]+)+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:[\s'_\u2019][0-9]{3})+(?:\.[0-9]+)?")
_OTHER_MARK = re.compile(r"(-?[0-9]+)[,。｡·٫]([0-9]+)")
_EXPONENT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_BARE_POINT = re.compile(r"(-?)([0-9]*)\.([0-9]*)")


def _not_a_number(value: str, typed: str) -> NotANumber:
    if _GROUPED.fullmatch(typed):
        joined = typed.replace(",", "")
        # One comma before three digits: thousands in one country, decimals in another.
        write = f"{joined} or {typed.replace(',', '.')}" if typed.count(",") == 1 else joined
        return NotANumber(value, NumberFault.GROUPED, write)
    if found := _OTHER_MARK.fullmatch(typed):
        return NotANumber(value, NumberFault.DECIMAL_MARK, f"{found[1]}.{found[2]}")
    if _SPACED.fullmatch(typed):
        joined = re.sub(r"[\s'_\u2019]", "", typed)
        return NotANumber(value, NumberFault.GROUPED, joined if _THOUSANDS.fullmatch(typed) else "")
    if _EXPONENT.fullmatch(typed):
        return NotANumber(value, NumberFault.EXPONENT)
    if (found := _BARE_POINT.fullmatch(typed)) and (found[2] or found[3]):
        write = f"{found[1]}{found[2] or 0}" + (f".{found[3]}" if found[3] else "")
        # What has too many digits is refused again: it is no way to write it.
        return NotANumber(value, NumberFault.NOT_PLAIN, write if _PLAIN_NUMBER.fullmatch(write) else "")
    return NotANumber(value, NumberFault.NOT_PLAIN)

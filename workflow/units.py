"""Units of measurement: an exact table keyed by UCUM code, and how people write those units."""

import re
import unicodedata
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from workflow.decimals import NotANumber, exact

__all__ = [
    "UNITS", "Dimension", "NotANumber", "UnitDoesNotConvert", "UnitError", "UnknownUnit",
    "convert", "exact", "normalise", "split_quantity",
]  # fmt: skip


class Dimension(StrEnum):
    """What a unit measures. Units convert within a dimension, in its base unit's multiples (named after each)."""

    NUMBER = "number concentration"  # /L
    MASS_CONCENTRATION = "mass concentration"  # mg/dL
    SUBSTANCE_CONCENTRATION = "substance concentration"  # umol/L
    CATALYTIC = "catalytic concentration"  # U/L
    ARBITRARY = "arbitrary concentration"  # [IU]/L
    FRACTION = "fraction"  # 1
    COAGULATION_RATIO = "international normalised ratio"  # {INR}
    TIME = "time"  # s
    MASS = "mass"  # kg
    FLOW = "volume per time"  # mL/min
    INDEXED_FLOW = "volume per time and body surface"  # mL/min/{1.73_m2}
    SCORE = "score"  # {score}


_TABLE: dict[Dimension, dict[str, Fraction | int]] = {
    Dimension.NUMBER: {
        "/L": 1, "/mL": 10**3, "/uL": 10**6, "10*3/uL": 10**9, "10*6/uL": 10**12, "10*3/mL": 10**6, "10*6/mL": 10**9,
        "10*6/L": 10**6, "10*9/L": 10**9, "10*12/L": 10**12,
    },
    Dimension.MASS_CONCENTRATION: {
        "g/L": 100, "g/dL": 1000, "g/mL": 10**5, "mg/dL": 1, "mg/L": Fraction(1, 10), "mg/mL": 100,
        "ug/dL": Fraction(1, 10**3), "ug/L": Fraction(1, 10**4), "ug/mL": Fraction(1, 10),
        "ng/mL": Fraction(1, 10**4), "ng/L": Fraction(1, 10**7), "pg/mL": Fraction(1, 10**7),
    },
    Dimension.SUBSTANCE_CONCENTRATION: {
        "mol/L": 10**6, "mmol/L": 10**3, "umol/L": 1, "nmol/L": Fraction(1, 10**3), "pmol/L": Fraction(1, 10**6),
    },
    Dimension.CATALYTIC: {
        "U/L": 1, "kU/L": 10**3, "U/mL": 10**3, "ukat/L": 60, "nkat/L": Fraction(6, 100),
    },
    Dimension.ARBITRARY: {"[IU]/L": 1, "m[IU]/mL": 1, "m[IU]/L": Fraction(1, 10**3), "[IU]/mL": 10**3},
    Dimension.FRACTION: {"1": 1, "%": Fraction(1, 100)},
    Dimension.COAGULATION_RATIO: {"{INR}": 1, "1": 1},
    Dimension.TIME: {"s": 1, "ms": Fraction(1, 10**3), "min": 60, "h": 3600},
    Dimension.MASS: {"kg": 1, "g": Fraction(1, 10**3)},
    Dimension.FLOW: {"mL/min": 1, "L/min": 10**3, "mL/s": 60},
    Dimension.INDEXED_FLOW: {"mL/min/{1.73_m2}": 1},
    Dimension.SCORE: {"{score}": 1},
}  # fmt: skip
# "1" stands in two dimensions: an INR is reported as a plain ratio, and so may any fraction be. "%" stands only in one:
# a prothrombin activity in per cent is no INR, and 80 % must never be read as an INR of 0.8.

UNITS: frozenset[str] = frozenset(code for codes in _TABLE.values() for code in codes)
"""Every unit known here, as UCUM codes."""

_ALIASES = {
    "ratio": "1", "INR": "{INR}", "score": "{score}", "points": "{score}",
    "sec": "s", "seconds": "s", "秒": "s", "公斤": "kg", "千克": "kg", "克": "g",
    "IU/mL": "[IU]/mL", "mIU/mL": "m[IU]/mL", "mIU/L": "m[IU]/L",
    "mL/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/1.73m^2": "mL/min/{1.73_m2}",
}  # fmt: skip

_DOUBTFUL = {
    "K/uL": ("10*3/uL",), "k/uL": ("10*3/uL",), "M/uL": ("10*6/uL",),  # kelvin or thousand, mega or million
    "G/L": ("10*9/L", "g/L"), "T/L": ("10*12/L",),  # giga (thousand million cells) or gram, tera or tesla
    "10E9/L": ("10*9/L",), "10e9/L": ("10*9/L",), "10E3/uL": ("10*3/uL",), "10e3/uL": ("10*3/uL",),  # 10e9 is 10^10
    "IU/L": ("U/L", "[IU]/L"),  # enzymes are measured in U/L, hormones in [IU]/L
    "Mg/dL": ("mg/dL",), "gm/dL": ("g/dL",), "gm/L": ("g/L",), "mM": ("mmol/L",), "uM": ("umol/L",),
}  # fmt: skip


class UnitError(ValueError):
    """A unit that nothing may be calculated with."""


class UnknownUnit(UnitError):
    """A unit that is not in the table. `value` is what was written, `close` the units it may have meant."""

    def __init__(self, value: str, close: tuple[str, ...] = ()) -> None:
        self.value = value
        self.close = close
        meant = f"; if you mean {' or '.join(close)}, write that" if close else ""
        super().__init__(f"{value!r} is not a known unit{meant}" if value else "no unit is given")


class UnitDoesNotConvert(UnitError):
    """Two known units that measure different things."""

    def __init__(self, source: str, target: str) -> None:
        self.source = source
        self.target = target
        super().__init__(f"{source} does not convert to {target}: they measure different things")


@lru_cache(maxsize=1024)
def normalise(text: str) -> str:
    """The UCUM code for a unit as people and laboratories write it: `x10^9/L`, `×10⁹/L`, `µmol/L`, `mg/dl`, `ratio`.

    Letters' case is kept, except for the litre's, because case tells units apart (g and G, m and M). What can mean two
    things is refused with the candidates, never guessed: `K/uL`, `10e9/L`, and `IU/L`, which is U/L for an enzyme and
    [IU]/L for a hormone. Raises UnknownUnit.
    """
    code = _plain(text)
    code = _ALIASES.get(code, code)
    if code in UNITS:
        return code
    raise UnknownUnit(text.strip(), _DOUBTFUL.get(code) or tuple(get_close_matches(code, sorted(UNITS), cutoff=0.75)))


def convert(value: Fraction, source: str, target: str, bridge: Fraction | None = None) -> Fraction:
    """The same quantity in another unit, exact.

    `bridge` is how many umol/L one mg/dL of the analyte is (creatinine 88.4, bilirubin 17.1): without it mass does not
    convert to amount of substance. Both units may be written as `normalise` takes them. Raises UnknownUnit,
    UnitDoesNotConvert, and ValueError for a bridge that is not above 0.
    """
    factor = _factor(source, target, bridge)
    return value if factor == 1 else value * factor


@lru_cache(maxsize=1024)
def _factor(source: str, target: str, bridge: Fraction | None) -> Fraction:
    """How many of the target one of the source is."""
    if bridge is not None and bridge <= 0:
        raise ValueError(f"bridge is {bridge}: expected umol/L per mg/dL, above 0")
    held, wanted = normalise(source), normalise(target)
    shared = next((codes for codes in _TABLE.values() if held in codes and wanted in codes), None)
    if shared:
        return Fraction(shared[held]) / shared[wanted]
    mass, substance = _TABLE[Dimension.MASS_CONCENTRATION], _TABLE[Dimension.SUBSTANCE_CONCENTRATION]
    if bridge and held in mass and wanted in substance:
        return mass[held] * bridge / substance[wanted]
    if bridge and held in substance and wanted in mass:
        return substance[held] / bridge / mass[wanted]
    raise UnitDoesNotConvert(held, wanted)


def split_quantity(text: str, *, negative: bool = False) -> tuple[Decimal, str]:
    """A number and the UCUM code of its unit: `1000 /uL`, `75 x 10^9/L`, `55 %` or `55%`.

    A space stands between the two, except before a per cent sign. Raises NotANumber, or UnknownUnit when the unit is
    not known or not there.
    """
    number, _, unit = text.strip().replace("%", " %").partition(" ")
    return exact(number, negative=negative), normalise(unit)


_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_COUNTED = re.compile(r"(?:\{?cells?\}?|个|#)(?=/)")
_POWER = re.compile(r"[xX×*]?10[\^*]([0-9]+)(?=/)")
_LITRE_BELOW = re.compile(r"(?<=/)([dmunp]?)l(?=$|/)")
_LITRE_ABOVE = re.compile(r"^([dmu]?)l(?=/)")


def _plain(text: str) -> str:
    # Superscripts first: compatibility normalisation would turn 10⁹ into 109.
    text = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run[0].translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("∕", "/")
    text = re.sub(r"mc(?=g|mol|l\b|L\b)", "u", "".join(text.split()))
    text = _LITRE_ABOVE.sub(r"\1L", _LITRE_BELOW.sub(r"\1L", text))
    text = re.sub(r"/mm\^?3$", "/uL", _COUNTED.sub("", text))
    return _POWER.sub(r"10*\1", text)

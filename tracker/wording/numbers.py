"""Numbers and units as staff read them: exact, and never rounded across a limit."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from workflow.limits import Limit

_UNITS = {"1": "", "{score}": "", "{INR}": ""}
_MOST_PLACES = 12


def unit_words(unit: str | None) -> str:
    """A UCUM code as it is printed: `×10⁹/L`, `µmol/L`, `/µL`; "" for plain numbers and scores."""
    if not unit or unit in _UNITS:
        return ""
    shown = unit.replace("10*12", "×10¹²").replace("10*9", "×10⁹").replace("10*6", "×10⁶").replace("10*3", "×10³")
    shown = shown.replace("/u", "/µ").replace("{1.73_m2}", "1.73 m²").replace("[IU]", "IU")
    return "µ" + shown[1:] if shown.startswith("u") else shown


def with_unit(number: str, unit: str | None) -> str:
    """`0.95 ×10⁹/L`, `55 %`, `1000 /µL`, `22`."""
    return f"{number} {unit_words(unit)}".strip()


def is_exact(number: Fraction) -> bool:
    """Whether the number can be written out in full, in at most twelve decimals."""
    scaled: Fraction = number * 10**_MOST_PLACES
    return scaled.denominator == 1


def number_words(number: Fraction, limit: Fraction | None = None) -> str:
    """The number in full where it ends; else two decimals, or as many as keep it on its own side of the limit.

    `49.67` for 49.668… beside the limit 50, `49.998` for 49.9978… which two decimals would make the limit itself.
    """
    if is_exact(number):
        return _plain(_decimal(number, _MOST_PLACES, ROUND_DOWN))
    for places in range(2, _MOST_PLACES):
        shown = _decimal(number, places, ROUND_HALF_EVEN)
        if limit is None or _side(Fraction(shown), limit) == _side(number, limit):
            return str(shown)
    return str(_decimal(number, _MOST_PLACES, ROUND_DOWN))


def limit_words(text: str) -> str:
    """A limit as the protocol file has it, printed: `≥ 1000 /µL`, `≤ 3 × ULN`, `≥ 75 ×10⁹/L`."""
    symbol, _, rest = text.partition(" ")
    try:
        limit = Limit.parse(rest)
    except ValueError:
        return text
    return (
        f"{symbol} {limit.number} × ULN"
        if limit.times_upper_limit
        else f"{symbol} {with_unit(str(limit.number), limit.unit)}"
    )


def _side(number: Fraction, limit: Fraction) -> int:
    return (number > limit) - (number < limit)


def _decimal(number: Fraction, places: int, rounding: str) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(number.numerator) / Decimal(number.denominator)
        return exact.quantize(Decimal(1).scaleb(-places), rounding=rounding)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Numbers and units as people type them: taken exactly, or refused with how to write them."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from workflow.concepts import Concept
from workflow.decimals import NotANumber, NumberFault, exact
from workflow.units import UnitDoesNotConvert, UnknownUnit, convert, normalise


def read_number(text: str) -> tuple[Decimal | None, str]:
    """The number digit for digit and no message; or None and the message that says how to write it."""
    try:
        return exact(text), ""
    except NotANumber as error:
        return None, _number_message(error)


def read_unit(text: str, concept: Concept) -> tuple[str, str]:
    """The UCUM code of a unit that fits the concept and no message; or no code and the message."""
    if not text.strip():
        return "", _("Give the unit: %(units)s.") % {"units": ", ".join(concept.units)}
    try:
        unit = normalise(text)
        convert(Fraction(1), unit, concept.unit, concept.bridge)
    except UnknownUnit as error:
        meant = error.close or concept.units
        return "", _("“%(unit)s” is not a known unit. Expected: %(units)s.") % {
            "unit": text.strip(), "units": ", ".join(meant)
        }  # fmt: skip
    except UnitDoesNotConvert:
        return "", _("“%(unit)s” does not measure this. Expected: %(units)s.") % {
            "unit": text.strip(), "units": ", ".join(concept.units)
        }  # fmt: skip
    return unit, ""


def _number_message(error: NotANumber) -> str:
    said = {
        NumberFault.DECIMAL_MARK: _("The decimal mark is a point."),
        NumberFault.GROUPED: _("Write the digits without spaces or separators between them."),
        NumberFault.EXPONENT: _("Write powers of ten out."),
        NumberFault.NEGATIVE: _("A number below 0 is not possible here."),
        NumberFault.NOT_PLAIN: _("Expected a plain number like 12.5."),
    }[error.fault]
    write = _("Write %(number)s.") % {"number": error.write} if error.write else ""
    return f"“{error.value}”: {said} {write}".strip()

"""Formulas that turn facts into the numbers the protocol asks about, exact and never rounded."""

from datetime import date
from fractions import Fraction

FEMALE_FACTOR = Fraction(85, 100)
"""What Cockcroft and Gault multiply by for women."""


def cockcroft_gault(age_years: int, weight_kg: Fraction, creatinine_mg_per_dl: Fraction, *, female: bool) -> Fraction:
    """Creatinine clearance in mL/min, unrounded, and not per 1.73 m² of body surface.

    (140 - age) x weight / (72 x serum creatinine), x 0.85 for women. Cockcroft DW, Gault MH. Prediction of creatinine
    clearance from serum creatinine. Nephron 1976;16:31-41. Age in completed years, actual body weight in kg. Raises
    ValueError for a weight or a creatinine that is not above 0, and for an age outside 0 to 140.
    """
    if not 0 <= age_years <= 140:
        raise ValueError(f"age_years is {age_years}: expected 0 to 140 completed years")
    for name, value in (("weight_kg", weight_kg), ("creatinine_mg_per_dl", creatinine_mg_per_dl)):
        if value <= 0:
            raise ValueError(f"{name} is {value}: expected a number above 0")
    clearance = (140 - age_years) * Fraction(weight_kg) / (72 * Fraction(creatinine_mg_per_dl))
    return clearance * FEMALE_FACTOR if female else clearance


def completed_years(birth: date, on: date) -> int:
    """How many years somebody has completed on a day; born on 29 February, on 1 March in common years.

    Raises ValueError for a day before the birth.
    """
    if on < birth:
        raise ValueError(f"on is {on}: expected the day of birth, {birth}, or a later one")
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))

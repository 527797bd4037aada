"""Readings: the number that counts for a concept, measured or calculated, or why there is none."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from workflow.context import Context
from workflow.decimals import fraction
from workflow.facts import Fact, Sex
from workflow.findings import Outcome, Reason
from workflow.formulas import cockcroft_gault, completed_years
from workflow.units import UnitDoesNotConvert, UnknownUnit, convert
from workflow.vocabulary import Derivation


class Reading(NamedTuple):
    """The latest number of a concept in the current episode. `outcome` is met when it can be compared with a limit."""

    outcome: Outcome
    reason: Reason
    subject: str
    evidence: tuple[Fact, ...] = ()
    number: Fraction | None = None
    unit: str = ""
    comparator: str = "="
    upper_limit: Fraction | None = None


def latest_reading(concept: str, context: Context) -> Reading:
    """The most recently collected value of the episode; a later sample without its result is pending."""
    if derivation := context.vocabulary.derivation_of(concept):
        return _FORMULAS[derivation.formula](concept, derivation, context)
    latest = context.latest(concept)
    if latest is None:
        earlier = tuple(context.facts(concept)[-1:])
        outcome, reason = (
            (Outcome.STALE, Reason.OUTSIDE_WINDOW) if earlier else (Outcome.MISSING, Reason.NOTHING_RECORDED)
        )
        return Reading(outcome, reason, concept, earlier)
    return reading_of(latest, context)


def reading_of(fact: Fact, context: Context) -> Reading:
    """One fact as a number, or pending while its result is not out."""
    is_out = fact.resulted_at is None or context.horizon.reached(fact.resulted_at)
    if not isinstance(fact.value, Decimal) or not is_out:
        return Reading(Outcome.PENDING, Reason.WAITING_FOR_RESULT, fact.concept, (fact,))
    upper_limit = None if fact.upper_limit is None else fraction(fact.upper_limit)
    return Reading(
        Outcome.MET, Reason.WITHIN_LIMIT, fact.concept, (fact,), fraction(fact.value), fact.unit or "",
        fact.comparator, upper_limit,
    )  # fmt: skip


def in_unit(reading: Reading, unit: str, context: Context, concept: str) -> Fraction | None:
    """The reading's number in another unit; None when the units do not convert, never a guess."""
    if reading.number is None:
        return None
    try:
        return convert(reading.number, reading.unit, unit, context.vocabulary.bridge_of(concept))
    except (UnitDoesNotConvert, UnknownUnit):
        return None


def _cockcroft_gault(concept: str, derivation: Derivation, context: Context) -> Reading:
    """Creatinine clearance by actual body weight and the age on the day the creatinine was collected."""
    creatinine, weight = (latest_reading(derivation.inputs[name], context) for name in ("creatinine", "weight"))
    for reading in (creatinine, weight):
        if reading.outcome is not Outcome.MET:
            return reading
    evidence = creatinine.evidence + weight.evidence
    mg_per_dl = in_unit(creatinine, "mg/dL", context, derivation.inputs["creatinine"])
    kg = in_unit(weight, "kg", context, derivation.inputs["weight"])
    if not creatinine.comparator == weight.comparator == "=":
        return Reading(Outcome.MISSING, Reason.CANNOT_TELL_FROM_COMPARATOR, concept, evidence)
    if not mg_per_dl or not kg:
        return Reading(Outcome.MISSING, Reason.UNIT_DOES_NOT_CONVERT, concept, evidence)
    subject = context.timeline.subject
    collected = context.calendar.first_day(creatinine.evidence[0].at)
    try:
        age = completed_years(subject.birth_date, collected)
        clearance = cockcroft_gault(age, kg, mg_per_dl, female=subject.sex is Sex.FEMALE)
    except ValueError:  # a birth date or a number that cannot be: no clearance is known, and none is guessed
        return Reading(Outcome.MISSING, Reason.INPUT_MISSING, concept, evidence)
    return Reading(Outcome.MET, Reason.WITHIN_LIMIT, concept, evidence, clearance, "mL/min")


_FORMULAS = {"cockcroft_gault": _cockcroft_gault}
FORMULAS = {"cockcroft_gault": ("creatinine", "weight")}
"""The formulas a protocol may name, with their inputs."""

"""A participant's record of any length, always the same for the same length, in the mix that a site produces."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain, count, islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from workflow.facts import Fact, FactStatus, Sex, Subject
from workflow.timeline import Timeline

SITE = ZoneInfo("Asia/Shanghai")
CONSENTED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LABORATORY = {
    "anc": ("3.2", "10*9/L", ""), "alc": ("1.1", "10*9/L", ""), "hb": ("128", "g/L", ""), "plt": ("210", "10*9/L", ""),
    "creatinine": ("62", "umol/L", ""), "alt": ("22", "U/L", "40"), "ast": ("24", "U/L", "40"),
    "tbil": ("11.0", "umol/L", "20"), "inr": ("1.02", "1", "1.2"), "pt": ("11.8", "s", "13.0"),
}  # fmt: skip
MEASUREMENTS = {"weight": ("61", "kg"), "mrss": ("22", "{score}"), "fvc_pct_pred": ("68", "%"), "lvef": ("63", "%")}
ANSWERS = {
    "diffuse_ssc": "yes", "refractory": "yes", "vascular_access": "adequate", "gilbert_syndrome": "no", "wocbp": "yes",
    "lactating": "no", "contraception_agreed": "yes",
}  # fmt: skip


class Record(NamedTuple):
    """What is known, and an instant at which to ask."""

    timeline: Timeline
    as_of: datetime


def record_of(length: int, *, late_fact: bool = False) -> Record:
    """A woman with so many facts who waits for lymphodepletion: a visit a week, and the plan moved after each.

    A length below SHORTEST raises ValueError. A late fact is a transfusion shortly before her enrolment that becomes
    known in the end: the earlier gate no longer holds, and it has to be found out since when that was known.
    """
    if length < SHORTEST:
        raise ValueError(f"length is {length}: expected at least {SHORTEST} facts")
    visits = chain.from_iterable(_visit(number) for number in count(1))
    facts = [*_OPENING, *islice(visits, length - SHORTEST)]
    as_of = max(fact.recorded_at for fact in facts) + timedelta(hours=1)
    plan = _plan(as_of + timedelta(days=1), recorded_at=as_of - timedelta(minutes=30), version=length)
    if late_fact:
        facts[-1] = replace(_fact("transfusion", _at(day=5)), recorded_at=as_of - timedelta(minutes=20))
    return Record(Timeline(Subject(Sex.FEMALE, date(1988, 11, 30)), [*facts, plan], SITE), as_of)


def _visit(week: int) -> Iterator[Fact]:
    """Blood and look-backs; a serum test, a transfusion and an infection every few weeks; the plan moved."""
    at = _at(day=21 + 7 * week)
    yield from _laboratory(at)
    yield from _reviews(at + timedelta(hours=6))
    yield _plan(at + timedelta(days=10), recorded_at=at + timedelta(hours=7), version=week)
    if week % 2 == 0:
        yield _fact("serum_hcg", at, value="negative", resulted_at=at + timedelta(hours=4))
    if week % 3 == 0:
        yield _fact("transfusion", at + timedelta(hours=5))
    if week % 4 == 0:
        yield from _measurements(at + timedelta(hours=1))
    if week % 8 == 0:
        yield _fact("systemic_infection", at, until=at + timedelta(days=4))


def _screening() -> Iterator[Fact]:
    yield _fact("consent", _at(day=0))
    yield from (_fact(concept, _at(day=0, hour=1), value=answer) for concept, answer in ANSWERS.items())
    yield from _laboratory(_at(day=2))
    yield from _measurements(_at(day=2, hour=1))
    yield _fact("serum_hcg", _at(day=2), value="negative", resulted_at=_at(day=2, hour=4))
    yield from _reviews(_at(day=7))


def _journey() -> Iterator[Fact]:
    yield _fact("enrolment", _at(day=7, hour=2))
    yield _fact("infection_review", _at(day=14))
    yield _fact("leukapheresis_started", _at(day=14, hour=1))
    yield _fact("leukapheresis_completed", _at(day=14, hour=5))


def _laboratory(at: datetime) -> Iterator[Fact]:
    for concept, (value, unit, limit) in LABORATORY.items():
        upper_limit = Decimal(limit) if limit else None
        out = at + timedelta(hours=4)
        yield _fact(concept, at, value=Decimal(value), unit=unit, upper_limit=upper_limit, resulted_at=out)


def _measurements(at: datetime) -> Iterator[Fact]:
    return (_fact(concept, at, value=Decimal(value), unit=unit) for concept, (value, unit) in MEASUREMENTS.items())


def _reviews(at: datetime) -> Iterator[Fact]:
    return (_fact(f"{of}_review", at) for of in ("transfusion", "growth_factor", "infection"))


def _fact(concept: str, at: datetime, **more: Any) -> Fact:
    """Something that happened, recorded when its result was out."""
    return Fact(f"{concept} {at}", concept, at, recorded_at=more.get("resulted_at") or at, **more)


def _plan(at: datetime, *, recorded_at: datetime, version: int) -> Fact:
    return Fact("plan", "lymphodepletion_started", at, recorded_at, status=FactStatus.PLANNED, version=version)


def _at(day: int, hour: int = 0) -> datetime:
    return CONSENTED + timedelta(days=day, hours=hour)


_OPENING = (*_screening(), *_journey())

SHORTEST = len(_OPENING) + 1
"""The facts of a woman who has just been collected, and her plan."""

"""Random histories: usual stories with things left out, changed, withdrawn and added, near the edges that matter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.workflow.builders import (
    CONDITIONED,
    CONSENTED,
    ENROLLED,
    INFUSED,
    STARTS,
    Person,
    an_eligible_man,
    an_eligible_woman,
    at,
    collected,
    conditioned,
    enrolled,
    infused,
)  # fmt: skip
from workflow.facts import Fact, FactStatus, Moment
from workflow.site_calendar import TICK

ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe",
        "America/Santiago", "Asia/Kathmandu",
    )
]  # fmt: skip
"""With summer time and without, half and quarter hours, a summer time of 30 minutes, one that skips midnight."""

zones = st.sampled_from(ZONES)

_FIRST, _LAST = at("2026-02-01 00:00"), at("2026-05-31 00:00")
_STEPS = [at(text) for text in (CONSENTED, ENROLLED, "2026-03-16 09:00", CONDITIONED, INFUSED)]
_OFFSETS = [timedelta(hours=hours) for hours in (-336, -168, -72, -48, -24, -6, 0, 6, 48, 168)]
_EDGES = [step + offset + tick for step in _STEPS for offset in _OFFSETS for tick in (-TICK, timedelta(0), TICK)]


def _minutes(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    minutes = int((last - first).total_seconds()) // 60
    return st.integers(0, minutes).map(lambda passed: first + timedelta(minutes=passed))


instants = _minutes(_FIRST, _LAST) | st.sampled_from(_EDGES)
"""Any minute of the story, and the edges of the windows around its steps to the microsecond."""

moments: st.SearchStrategy[Moment] = instants | instants.map(lambda instant: instant.date())

_VALUES: dict[str, st.SearchStrategy[Decimal | str | None]] = {
    "serum_hcg": st.sampled_from(["negative", "positive", "indeterminate", "rejected", None]),
    "wocbp": st.sampled_from(["yes", "no"]),
    "partner_of_childbearing_potential": st.sampled_from(["yes", "no"]),
    "gilbert_syndrome": st.sampled_from(["yes", "no"]),
    "anc": st.sampled_from([Decimal("0.5"), Decimal("1.0"), None]),
    "mrss": st.integers(0, 51).map(Decimal),
    "weight": st.integers(1, 200).map(Decimal),
}
_UNITS = {"anc": "10*9/L", "mrss": "{score}", "weight": "kg"}
_EVENTS = [
    "transfusion", "growth_factor", "systemic_infection", "transfusion_review", "infection_review", "consent",
    "screen_failed", "consent_withdrawn", "death", "manufacturing_failed", "infusion_cancelled", "enrolment",
    "leukapheresis_started", "leukapheresis_completed", "lymphodepletion_started", "lymphodepletion_completed",
    "infusion_completed", "study_end", "hold",
]  # fmt: skip


@st.composite
def happenings(draw: st.DrawFn) -> Fact:
    """Anything that the protocol asks about, at any time, recorded then or later, out then or later."""
    concept = draw(st.sampled_from([*_VALUES, *_EVENTS]))
    when = draw(moments)
    is_timed = concept in {"serum_hcg", "anc"} and draw(st.booleans())
    return Fact(
        key=f"{concept} {draw(st.integers(0, 10**6))}", concept=concept, at=when, recorded_at=draw(instants),
        value=draw(_VALUES[concept]) if concept in _VALUES else None, unit=_UNITS.get(concept),
        until=draw(st.none() | moments) if concept in {"systemic_infection", "hold"} else None,
        resulted_at=draw(instants) if is_timed else None,
        status=FactStatus.PLANNED if concept == "study_end" else FactStatus.DONE,
    )  # fmt: skip


@st.composite
def plans(draw: st.DrawFn) -> Fact:
    """The plan of a step, in one of the versions that its key has had."""
    concept = draw(st.sampled_from(list(STARTS.values())))
    status = draw(st.sampled_from([FactStatus.PLANNED, FactStatus.PLANNED, FactStatus.CANCELLED]))
    return Fact(
        key=f"plan of {concept}", concept=concept, at=draw(moments), recorded_at=draw(instants), status=status,
        version=draw(st.integers(1, 9)),
    )  # fmt: skip


_SO_FAR: list[Callable[[Person], Person]] = [lambda person: person, enrolled, collected, conditioned, infused]


@st.composite
def people(draw: st.DrawFn) -> Person:
    """A usual story up to some step, with up to four facts left out or withdrawn and up to seven added."""
    somebody = draw(st.sampled_from([an_eligible_man, an_eligible_woman]))()
    person = draw(st.sampled_from(_SO_FAR))(somebody)
    places = st.sets(st.integers(0, len(person.facts) - 1), max_size=2)
    left_out, in_error = draw(places), draw(places)
    withdrawn = [
        replace(person.facts[place], version=2, status=FactStatus.ENTERED_IN_ERROR, recorded_at=draw(instants))
        for place in sorted(in_error)
    ]
    kept = [entry for place, entry in enumerate(person.facts) if place not in left_out]
    added = draw(st.lists(happenings() | plans(), max_size=7, unique_by=lambda entry: (entry.key, entry.version)))
    return replace(person, facts=(*kept, *withdrawn, *added), zone=draw(zones))

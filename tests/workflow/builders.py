"""Small builders for stories about one participant: a fact, a person, and people whom the protocol lets enrol."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from workflow.answers import Evaluation, Gate
from workflow.concepts import Concept
from workflow.evaluation import evaluate
from workflow.facts import Fact, FactStatus, Moment, Sex, Subject
from workflow.findings import Finding, Outcome
from workflow.loading import shipped_protocol
from workflow.protocol import Protocol
from workflow.stages import Step
from workflow.timeline import Timeline

RELMA = shipped_protocol("relma-cel-ssc")
SHANGHAI = ZoneInfo("Asia/Shanghai")

CONSENTED = "2026-03-02 09:00"
MEASURED = "2026-03-04 08:00"
REVIEWED = "2026-03-09 08:30"
ENROLLED = "2026-03-09 10:00"
COLLECTED = "2026-03-16 09:00"
RELEASED = "2026-04-03 10:00"
CONDITIONED = "2026-04-09 09:00"
INFUSED = "2026-04-14 10:00"
"""The instants of the usual story: consent, blood, look-backs, the start of each step and the release, in Shanghai."""

STARTS = {
    Step.ENROL: "enrolment", Step.LEUKAPHERESIS: "leukapheresis_started",
    Step.LYMPHODEPLETION: "lymphodepletion_started", Step.INFUSION: "infusion_started",
}  # fmt: skip


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The instant of a wall-clock time at the site, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def moment(text: str, zone: ZoneInfo = SHANGHAI) -> Moment:
    """A day where the text has no time, else an instant."""
    return at(text, zone) if " " in text else date.fromisoformat(text)


def fact(
    concept: str, when: str, value: str | None = None, *, upper_limit: str | None = None, until: str | None = None,
    resulted: str | None = None, recorded: str | None = None, status: FactStatus = FactStatus.DONE, version: int = 1,
    key: str = "", comparator: str = "=", zone: ZoneInfo = SHANGHAI,
) -> Fact:  # fmt: skip
    """A fact as told in a story: `fact("anc", "2026-03-04 08:00", "3.2 10*9/L")`, recorded when it was out.

    A quantity is written with its unit. A date without a time is recorded at 20:00 of its day.
    """
    number, unit = _quantity(RELMA.concepts[concept], value)
    known = recorded or resulted or (when if " " in when else f"{when} 20:00")
    return Fact(
        key=key or f"{concept} {when}", concept=concept, at=moment(when, zone), recorded_at=at(known, zone),
        value=number, unit=unit, comparator=comparator, upper_limit=Decimal(upper_limit) if upper_limit else None,
        until=moment(until, zone) if until else None, resulted_at=at(resulted, zone) if resulted else None,
        status=status, version=version,
    )  # fmt: skip


def later(when: str, **length: int) -> str:
    """A wall-clock time so much later: `later(ENROLLED, days=1, hours=2)`."""
    return f"{datetime.fromisoformat(when) + timedelta(**length):%Y-%m-%d %H:%M}"


def _quantity(concept: Concept, value: str | None) -> tuple[Decimal | str | None, str | None]:
    if value is None or concept.kind != "quantity":
        return value, None
    number, _, unit = value.partition(" ")
    return Decimal(number), unit or concept.unit


def plan(step: Step, when: str, *, recorded: str, version: int = 1, cancelled: bool = False, key: str = "") -> Fact:
    """The plan to start a step; a further version of the same key moves or cancels it."""
    status = FactStatus.CANCELLED if cancelled else FactStatus.PLANNED
    return fact(STARTS[step], when, recorded=recorded, status=status, version=version, key=key or f"plan of {step}")


def withdrawn(entry: Fact, recorded: str) -> Fact:
    """The same fact, entered in error."""
    known = at(recorded)
    return replace(entry, status=FactStatus.ENTERED_IN_ERROR, version=entry.version + 1, recorded_at=known)


def corrected(entry: Fact, recorded: str, **changes: object) -> Fact:
    """The next version of a fact."""
    return replace(entry, version=entry.version + 1, recorded_at=at(recorded), **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Person:
    """One participant's story so far; every method tells a new story and leaves this one alone."""

    sex: Sex
    facts: tuple[Fact, ...] = ()
    born: date = date(1980, 6, 15)
    zone: ZoneInfo = field(default=SHANGHAI)

    def having(self, *facts: Fact) -> "Person":
        """With these facts as well."""
        return replace(self, facts=(*self.facts, *facts))

    def without(self, *concepts: str) -> "Person":
        """With nothing recorded about these concepts."""
        unknown = set(concepts) - RELMA.concepts.keys()
        if unknown:
            raise KeyError(f"no such concept: {unknown}")
        return replace(self, facts=tuple(entry for entry in self.facts if entry.concept not in concepts))

    def but(self, *facts: Fact) -> "Person":
        """With these facts in place of all others about the same concepts."""
        return self.without(*{entry.concept for entry in facts}).having(*facts)

    def timeline(self) -> Timeline:
        """Everything that is known."""
        return Timeline(Subject(self.sex, self.born), self.facts, self.zone)

    def evaluation(self, when: str | datetime, protocol: Protocol = RELMA) -> Evaluation:
        """What the protocol says at an instant, over all that the story tells."""
        return evaluate(protocol, self.timeline(), when if isinstance(when, datetime) else at(when, self.zone))

    def gate(self, step: Step, when: str | datetime, protocol: Protocol = RELMA) -> Gate:
        """The gate of a step that is asked to start at an instant."""
        return self.evaluation(when, protocol).gates[step]

    def blocked(self, step: Step, when: str | datetime, protocol: Protocol = RELMA) -> dict[str, Outcome]:
        """What blocks a step at an instant: each clause with its outcome."""
        return {finding.clause: finding.outcome for finding in self.gate(step, when, protocol).blocking}

    def finding(self, clause: str, when: str | datetime) -> Finding:
        """One clause's finding in the gate that it guards, at an instant."""
        gate = self.gate(RELMA.rule(clause).gate, when)
        return next(finding for finding in gate.findings if finding.clause == clause)


def laboratory(when: str = MEASURED) -> tuple[Fact, ...]:
    """A panel with everything in range, out four hours after collection."""
    resulted = later(when, hours=4)
    counted = {
        "anc": "3.2 10*9/L",
        "alc": "1.1 10*9/L",
        "hb": "128 g/L",
        "plt": "210 10*9/L",
        "creatinine": "62 umol/L",
    }
    limited = {
        "alt": ("22 U/L", "40"), "ast": ("24 U/L", "40"), "tbil": ("11.0 umol/L", "20"), "inr": ("1.02 1", "1.2"),
        "pt": ("11.8 s", "13.0"),
    }  # fmt: skip
    return (
        *(fact(concept, when, value, resulted=resulted) for concept, value in counted.items()),
        *(fact(concept, when, value, upper_limit=uln, resulted=resulted) for concept, (value, uln) in limited.items()),
    )


def reviews(when: str = REVIEWED) -> tuple[Fact, ...]:
    """All three look-backs, documented at one time."""
    return tuple(fact(f"{of}_review", when) for of in ("transfusion", "growth_factor", "infection"))


def _eligible() -> Iterable[Fact]:
    yield fact("consent", CONSENTED)
    yield fact("diffuse_ssc", CONSENTED, "yes")
    yield fact("refractory", CONSENTED, "yes")
    yield fact("weight", MEASURED, "68 kg")
    yield fact("vascular_access", MEASURED, "adequate")
    yield fact("lvef", MEASURED, "63 %")
    yield from laboratory()
    yield from reviews()


def an_eligible_man() -> Person:
    """A man whose partner cannot bear children; nothing stops his enrolment at ENROLLED."""
    return Person(Sex.MALE, (*_eligible(), fact("partner_of_childbearing_potential", CONSENTED, "no")))


def an_eligible_woman() -> Person:
    """A woman of childbearing potential with a negative test at MEASURED; nothing stops her enrolment at ENROLLED."""
    return Person(Sex.FEMALE, (
        *_eligible(),
        fact("wocbp", CONSENTED, "yes"),
        fact("lactating", CONSENTED, "no"),
        fact("contraception_agreed", CONSENTED, "yes"),
        fact("serum_hcg", MEASURED, "negative", resulted="2026-03-04 12:00"),
    ))  # fmt: skip


def enrolled(person: Person, when: str = ENROLLED) -> Person:
    """Enrolled, and looked at again for infections before leukapheresis."""
    return person.having(fact("enrolment", when), fact("infection_review", "2026-03-16 08:00"))


def collected(person: Person, when: str = COLLECTED) -> Person:
    """Enrolled, with one leukapheresis completed four hours later, and its product released."""
    return enrolled(person).having(
        fact("leukapheresis_started", when),
        fact("leukapheresis_completed", later(when, hours=4)),
        fact("product_released", RELEASED),
    )


def conditioned(person: Person, when: str = CONDITIONED) -> Person:
    """Collected, with one course of lymphodepletion of two days."""
    done = later(when, days=2, hours=6)
    return collected(person).having(
        fact("lymphodepletion_started", when),
        fact("lymphodepletion_completed", done),
    )


def infused(person: Person, when: str = INFUSED) -> Person:
    """Conditioned and infused."""
    return conditioned(person).having(
        fact("infusion_started", when), fact("infusion_completed", later(when, minutes=30))
    )

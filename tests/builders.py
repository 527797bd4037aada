"""Builders for stories on the real database: a house with its staff, participants, and what happens to them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.models import Assignment, Participant, RecordedFact, Role, Site, StepRecord, Study, User
from tracker.services import facts, participants
from tracker.services.facts import FactEntry
from tracker.services.signatures import Signing
from workflow.facts import Moment
from workflow.stages import Step

SHANGHAI = ZoneInfo("Asia/Shanghai")

CONSENTED = "2026-03-02 09:00"
MEASURED = "2026-03-04 08:00"
RESULTED = "2026-03-04 16:00"
REVIEWED = "2026-03-09 08:30"
ENROLLED = "2026-03-09 10:00"
COLLECTED = "2026-03-16 09:00"
CONDITIONED = "2026-04-09 09:00"
INFUSED = "2026-04-14 10:00"
"""The usual story: consent, blood, results, look-backs, and the start of each step, on the site's clock."""

LABORATORY = (
    ("anc", "3.2", "10*9/L", ""), ("alc", "1.1", "10*9/L", ""), ("hb", "128", "g/L", ""), ("plt", "210", "10*9/L", ""),
    ("creatinine", "62", "umol/L", ""), ("alt", "22", "U/L", "40"), ("ast", "24", "U/L", "40"),
    ("tbil", "11.0", "umol/L", "20"), ("inr", "1.02", "1", "1.2"), ("pt", "11.8", "s", "13.0"),
)  # fmt: skip
MEASUREMENTS = (("weight", "61", "kg"), ("mrss", "22", ""), ("fvc_pct_pred", "68", ""), ("lvef", "63", "%"))
REVIEWS = ("transfusion_review", "growth_factor_review", "infection_review")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The instant of a wall-clock time at the site."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def moment(text: str) -> Moment:
    """A day where the text has no time, else an instant."""
    return at(text) if " " in text else date.fromisoformat(text)


@dataclass
class House:
    """One site of one study, with one person in each role; people go by their role's code."""

    study: Study
    site: Site
    staff: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, role: str) -> User:
        return self.staff[role]


def a_house(
    code: str = "RJ", *, study: Study | None = None, roles: tuple[str, ...] = tuple(Role.values),
    zone: str = "Asia/Shanghai",
) -> House:  # fmt: skip
    """A site with its staff; each has an address and reads English."""
    study = study or Study.objects.create(
        code="RELMA", title="Relma-cel", protocol_id="relma-cel-ssc", target_number=6, dose_levels=["1", "2"]
    )
    site = Site.objects.create(code=code, name=f"Hospital {code}", name_zh=f"{code}医院", timezone=zone)
    house = House(study, site)
    for role in roles:
        employ(house, role)
    return house


def employ(house: House, role: str, name: str = "", **changes: object) -> User:
    """Somebody in a role at the house, from long ago on."""
    username = name or f"{house.site.code.lower()}-{role}"
    user = User.objects.create_user(username, f"{username}@site.example", None)
    fields = {"user": user, "study": house.study, "site": house.site, "role": role, "valid_from": date(2020, 1, 1)}
    Assignment.objects.create(**fields | changes)
    house.staff[name or role] = user
    return user


def a_participant(
    house: House, number: str = "RJ-001", *, sex: str = "female", born: str = "1990-01-15", now: str = CONSENTED
) -> Participant:
    """Somebody registered at the house, with nothing recorded yet."""
    return participants.register_participant(
        study=house.study, site=house.site, subject_number=number, sex=sex, birth_date=date.fromisoformat(born),
        by=house["crc"], now=at(now),
    )  # fmt: skip


def record(
    participant: Participant, concept: str, when: str, value: str = "", *, by: User, known: str = "", **more: Any
) -> RecordedFact:
    """A fact recorded when it happened, when its result was out, or at `known`."""
    now = at(known or more.get("resulted") or when if " " in (known or when) else f"{known or when} 20:00")
    resulted, until = more.pop("resulted", ""), more.pop("until", "")
    entry = FactEntry(
        concept=concept, at=moment(when), value=value, until=moment(until) if until else None,
        resulted_at=at(resulted) if resulted else None, **more,
    )  # fmt: skip
    return facts.record_fact(participant=participant, entry=entry, by=by, now=now)


def consented(participant: Participant, house: House, *, woman: bool = True) -> None:
    """The consent, and what is attested with it."""
    by = house["pi"]
    record(participant, "consent", CONSENTED, by=by, detail="ICF 1.0")
    answers = {"diffuse_ssc": "yes", "refractory": "yes", "vascular_access": "adequate", "contraception_agreed": "yes"}
    answers |= {"wocbp": "yes", "lactating": "no"} if woman else {"partner_of_childbearing_potential": "yes"}
    for concept, value in answers.items():
        record(participant, concept, CONSENTED, value, by=by)


def measured(participant: Participant, house: House, *, collected: str = MEASURED, resulted: str = RESULTED) -> None:
    """Everything that is measured, in range."""
    entries = [
        FactEntry(concept=code, at=at(collected), value=value, unit=unit, upper_limit=limit, resulted_at=at(resulted))
        for code, value, unit, limit in LABORATORY
    ]
    entries += [FactEntry(concept=code, at=at(collected), value=value, unit=unit) for code, value, unit in MEASUREMENTS]
    facts.record_panel(participant=participant, entries=entries, by=house["crc"], now=at(resulted))


def hcg(participant: Participant, house: House, drawn: str, resulted: str, value: str = "negative") -> RecordedFact:
    """A serum sample, and its result later."""
    sample = record(participant, "serum_hcg", drawn, by=house["crc"])
    return facts.record_result(fact=sample, value=value, resulted_at=at(resulted), by=house["crc"], now=at(resulted))


def reviewed(participant: Participant, house: House, when: str = REVIEWED) -> None:
    """The three look-backs, documented."""
    for concept in REVIEWS:
        record(participant, concept, when, by=house["crc"])


def take(participant: Participant, step: Step, when: str, *, by: User, known: str = "", **more: object) -> StepRecord:
    """A step taken when it happened, or reported at `known`; whoever takes it signs where the protocol asks."""
    signed = {"signature": Signing(by)} | more
    return participants.take_step(
        participant=participant, step=step, happened_at=at(when), by=by, now=at(known or when), **signed,  # type: ignore[arg-type]
    )  # fmt: skip


def plan(participant: Participant, step: Step, when: str, *, by: User, now: str, reason: str = "") -> RecordedFact:
    """A step planned, or its plan moved."""
    return facts.plan_step(participant=participant, step=step, at=moment(when), by=by, now=at(now), reason=reason)


def screened_woman(house: House, number: str = "RJ-001") -> Participant:
    """A woman with everything recorded that enrolment asks for, ready at ENROLLED."""
    participant = a_participant(house, number)
    consented(participant, house)
    measured(participant, house)
    hcg(participant, house, MEASURED, "2026-03-04 12:00")
    reviewed(participant, house)
    return participant


def screened_man(house: House, number: str = "RJ-001") -> Participant:
    """A man with everything recorded that enrolment asks for, ready at ENROLLED."""
    participant = a_participant(house, number, sex="male")
    consented(participant, house, woman=False)
    measured(participant, house)
    reviewed(participant, house)
    return participant


def enrolled_woman(house: House, number: str = "RJ-001") -> Participant:
    """A woman who was enrolled."""
    participant = screened_woman(house, number)
    take(participant, Step.ENROL, ENROLLED, by=house["pi"])
    return fresh(participant)


def collected_woman(house: House, number: str = "RJ-001") -> Participant:
    """A woman whose leukapheresis is complete and whose product is released; lymphodepletion comes next."""
    participant = enrolled_woman(house, number)
    record(participant, "infection_review", "2026-03-16 08:00", by=house["crc"])
    take(participant, Step.LEUKAPHERESIS, COLLECTED, by=house["apheresis_nurse"])
    record(participant, "leukapheresis_completed", "2026-03-16 13:00", by=house["apheresis_nurse"])
    record(participant, "product_released", "2026-04-03 10:00", by=house["cell_lab"])
    return fresh(participant)


def fresh(participant: Participant) -> Participant:
    """The participant as the database has it now."""
    row: Participant = Participant.objects.select_related("study", "site").get(pk=participant.pk)
    return row

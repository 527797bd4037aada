"""Participants at every place of the journey, for the stories to begin with; each in a house of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests import builders
from tests.builders import House, at, employ, fresh, hcg, record, take
from tracker.models import Participant, Role, Study, User
from workflow.stages import Step

PEOPLE = (*Role.values, "second_pi", "former_pi", "stranger", "superuser")
"""Who acts in the stories: each role, a second PI, a PI whose time is over, a PI of another site, and a superuser."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Prepared:
    """Somebody as a story finds her, and when the story begins."""

    house: House
    participant: Participant
    now: datetime


def a_house_of(number: int) -> House:
    """A study with one site and everybody who acts in the stories."""
    study = Study.objects.create(
        code=f"S{number}", title="A study", protocol_id="relma-cel-ssc", target_number=6, dose_levels=["1"]
    )
    house = builders.a_house(f"H{number}", study=study)
    house.staff["second_pi"] = employ(house, Role.PI, f"second-{number}")
    house.staff["former_pi"] = employ(house, Role.PI, f"former-{number}", valid_until=date(2026, 3, 1))
    elsewhere = builders.a_house(f"E{number}", study=study, roles=(Role.PI,))
    house.staff["stranger"] = elsewhere["pi"]
    house.staff["superuser"] = User.objects.create_superuser(f"root-{number}", None, None)
    return house


def held_woman(house: House) -> Participant:
    """A woman whose enrolment was reported although she had been transfused the day before."""
    participant = builders.screened_woman(house)
    record(participant, "transfusion", "2026-03-08 09:00", by=house["crc"])
    take(
        participant, Step.ENROL, builders.ENROLLED, by=house["pi"], known="2026-03-09 11:00",
        reported_afterwards=True, reason="Signed early",
    )  # fmt: skip
    return participant


def conditioned_woman(house: House) -> Participant:
    """A woman whose course of lymphodepletion is over; the infusion comes next."""
    participant = builders.collected_woman(house)
    hcg(participant, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(participant, Step.LYMPHODEPLETION, builders.CONDITIONED, by=house["ward_nurse"])
    record(participant, "lymphodepletion_completed", "2026-04-11 12:00", by=house["ward_nurse"])
    return participant


def infused_woman(house: House) -> Participant:
    """A woman whose infusion is over; follow-up comes next."""
    participant = conditioned_woman(house)
    take(participant, Step.INFUSION, builders.INFUSED, by=house["pi"])
    record(participant, "infusion_completed", "2026-04-14 11:00", by=house["ward_nurse"])
    return participant


_BUILDERS: Mapping[str, tuple[Callable[[House], Participant], str]] = {
    "screened woman": (builders.screened_woman, builders.ENROLLED),
    "screened man": (builders.screened_man, builders.ENROLLED),
    "enrolled woman": (builders.enrolled_woman, "2026-03-13 09:00"),
    "held woman": (held_woman, "2026-03-09 12:00"),
    "collected woman": (builders.collected_woman, "2026-04-06 09:00"),
    "conditioned woman": (conditioned_woman, "2026-04-12 08:00"),
    "infused woman": (infused_woman, "2026-04-14 12:00"),
}
WHO = tuple(_BUILDERS)
"""The participants with whom a story may begin, by name; those who are simplest come first."""


def everybody() -> dict[str, Prepared]:
    """All of them, recorded in the database; nobody's time has come until a story begins."""
    found = {}
    for number, (name, (build, now)) in enumerate(_BUILDERS.items()):
        house = a_house_of(number)
        found[name] = Prepared(house, build(house), at(now).astimezone(UTC))
    Participant.objects.update(reassess_after=None)
    return found | {name: Prepared(each.house, fresh(each.participant), each.now) for name, each in found.items()}

"""Where on the pages each action of the matrix is offered, and a house in which all of them are at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.builders import (
    CONDITIONED,
    INFUSED,
    House,
    collected_woman,
    enrolled_woman,
    fresh,
    hcg,
    plan,
    record,
    reviewed,
    screened_man,
    take,
)
from tracker.access import Action
from tracker.models import Participant
from workflow.stages import Step

MORNING, NOW, NOON = "2026-04-15 08:00", "2026-04-15 10:00", "2026-04-15 12:00"
LEVEL = "3e8 CAR+ cells"


@dataclass(frozen=True, slots=True)
class Sight:
    """An action is offered in a place by a link, a button or a text of these words; `about` fills them."""

    action: Action
    place: str
    words: str
    about: str = ""


SIGHTS = (
    Sight(Action.ENROL, "today", "Enrol"),
    Sight(Action.LEUKAPHERESIS, "today", "Start leukapheresis"),
    Sight(Action.LYMPHODEPLETION, "today", "Start lymphodepletion"),
    Sight(Action.INFUSION, "today", "Start infusion"),
    Sight(Action.FOLLOW_UP, "today", "Start follow-up"),
    Sight(Action.PLAN, "today", "Set the date…"),
    Sight(Action.RECORD_FACT, "today", "Record…"),
    Sight(Action.ACKNOWLEDGE, "today", "Acknowledge"),
    Sight(Action.HOLD, "today", "End the hold…"),
    Sight(Action.COMPLETE_DEVIATION, "today", "Open the deviation"),
    Sight(Action.READ_TRAIL, "sidebar", "Audit trail"),
    Sight(Action.REGISTER, "list", "Add participant"),
    Sight(Action.RECORD_FACT, "participant", "Enter a fact"),
    Sight(Action.PLAN, "participant", "Plan…"),
    Sight(Action.LEUKAPHERESIS, "participant", "Start leukapheresis"),
    Sight(Action.LYMPHODEPLETION, "participant", "Start lymphodepletion"),
    Sight(Action.EXIT, "participant", "Record a death"),
    Sight(Action.ACKNOWLEDGE, "participant", "Acknowledge"),
    Sight(Action.HOLD, "participant", "Put on hold…"),
    Sight(Action.HOLD, "participant", "End the hold…"),
    Sight(Action.ACCEPT_PRODUCT, "participant", "Record: %s", "Product accepted out of specification"),
    Sight(Action.SEE_DOSE, "participant", LEVEL),
    Sight(Action.COMPLETE, "followed", "Complete the study"),
    Sight(Action.COMPLETE_DEVIATION, "deviation", "Write cause, impact and action"),
    Sight(Action.CLOSE_DEVIATION, "deviation", "Sign and close…"),
    Sight(Action.TAKE_COPY, "trail", "Save a complete copy"),
    Sight(Action.ARRANGE_COVER, "cover", "Put on call…"),
)
"""The mapping from what the matrix permits to what is seen."""

NOT_PRESSED = {
    Action.VIEW: "every page that is opened",
    Action.REDACT: "manage.py redact",
}
"""Actions without a button of their own, and what they are instead."""


def a_house_at_work(house: House) -> Mapping[str, str]:
    """Somebody before each step and somebody in trouble, at NOW; the address of each place."""
    house.study.dose_levels, house.study.blinded_dose = [LEVEL], True
    house.study.save()
    _waiting_for_the_steps(house)
    _waiting_for_the_infusion(house)
    trouble = _in_trouble(house)
    followed = _in_follow_up(house)
    here, all_of_them = f"/admin/tracker/participant/{trouble.pk}", "/admin/tracker/participant/"
    return {
        "today": "/admin/?whose=everyone",
        "list": all_of_them,
        "participant": f"{here}/change/",
        "trail": f"{here}/audit/",
        "followed": f"{all_of_them}{followed.pk}/change/",
        "deviation": f"/admin/tracker/deviation/{trouble.deviations.latest('pk').pk}/change/",
        "cover": "/admin/tracker/notification/cover/",
    }


def _waiting_for_the_steps(house: House) -> None:
    man = screened_man(house, "RJ-001")
    reviewed(man, house, MORNING)
    _at_noon(man, Step.ENROL, house)
    other = screened_man(house, "RJ-002")
    take(other, Step.ENROL, "2026-03-09 10:00", by=house["pi"])
    record(other, "infection_review", MORNING, by=house["sub_i"])
    _at_noon(other, Step.LEUKAPHERESIS, house)
    woman = collected_woman(house, "RJ-003")
    hcg(woman, house, "2026-04-14 10:00", "2026-04-14 13:00")
    _at_noon(woman, Step.LYMPHODEPLETION, house)
    enrolled_woman(house, "RJ-008")


def _waiting_for_the_infusion(house: House) -> None:
    _at_noon(_depleted(house, "RJ-004"), Step.INFUSION, house)
    _at_noon(_infused(house, "RJ-005"), Step.FOLLOW_UP, house)


def _in_follow_up(house: House) -> Participant:
    woman = _infused(house, "RJ-007")
    take(woman, Step.FOLLOW_UP, MORNING, by=house["crc"])
    return fresh(woman)


def _in_trouble(house: House) -> Participant:
    """A first dose reported without its test, a product out of specification, a hold, and an alert about it."""
    woman = collected_woman(house, "RJ-006")
    Participant.objects.filter(pk=woman.pk).update(dose_level=LEVEL)
    take(
        woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["sub_i"], reported_afterwards=True, reason="Nobody looked"
    )  # fmt: skip
    record(woman, "lymphodepletion_completed", "2026-04-11 15:00", by=house["ward_nurse"])
    record(woman, "product_out_of_specification", MORNING, by=house["cell_lab"])
    record(woman, "hold", MORNING, by=house["pi"], detail="The board meets")
    _at_noon(woman, Step.INFUSION, house)
    return fresh(woman)


def _depleted(house: House, number: str) -> Participant:
    woman = collected_woman(house, number)
    hcg(woman, house, "2026-04-08 10:00", "2026-04-08 13:00")
    take(woman, Step.LYMPHODEPLETION, CONDITIONED, by=house["ward_nurse"])
    record(woman, "lymphodepletion_completed", "2026-04-11 15:00", by=house["ward_nurse"])
    return woman


def _infused(house: House, number: str) -> Participant:
    woman = _depleted(house, number)
    take(woman, Step.INFUSION, INFUSED, by=house["pi"])
    record(woman, "infusion_completed", "2026-04-14 10:40", by=house["ward_nurse"])
    return woman


def _at_noon(participant: Participant, step: Step, house: House) -> None:
    plan(fresh(participant), step, NOON, by=house["crc"], now=NOW)

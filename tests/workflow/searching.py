"""Searches for the earliest plan, as the tests ask for them."""

from datetime import datetime, time, timedelta

from tests.workflow.builders import RELMA, Person, at
from workflow.protocol import Protocol
from workflow.rules.absence import Absence
from workflow.rules.condition import Condition
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step
from workflow.suggesting import Search, Slots

TEN = time(10)
DAYS = 60
CHAIN = (Step.ENROL, Step.LEUKAPHERESIS, Step.LYMPHODEPLETION, Step.INFUSION)


def searched(
    person: Person, since: str | datetime, *, days: int = DAYS, protocol: Protocol = RELMA, **more: str
) -> Search:
    """A search from an instant on, at ten o'clock; `more` is what is not to start before, by step."""
    begin = since if isinstance(since, datetime) else at(since, person.zone)
    slots = Slots(SiteCalendar(person.zone), TEN)
    not_before = {Step(name): at(when) for name, when in more.items()}
    return Search(protocol, person.timeline(), slots, begin, begin + timedelta(days=days), not_before)


def starts(search: Search, *steps: Step) -> list[datetime]:
    return [each.at for each in search.earliest(*steps)]


def a_trial_with_gaps(days: int) -> Protocol:
    """The same trial, where the infusion keeps so many days from the first dose, written as a look-back."""
    words = {
        "none": "lymphodepletion_started",
        "within": f"P{days}D before infusion",
        "looked_for_by": "infection_review",
    }
    return a_trial_with(Step.INFUSION, Absence.model_validate(words))


def a_trial_with(gate: Step, condition: Condition) -> Protocol:
    """The same trial with one rule more, called "extra"."""
    changes = {"id": "extra", "gate": gate, "condition": condition, "owed": None}
    rule = RELMA.rule("no_transfusion_7d").model_copy(update=changes)
    # A copy would keep which rules guard which step, as it was once looked up.
    return Protocol.model_construct(
        **{name: getattr(RELMA, name) for name in Protocol.model_fields} | {"rules": (*RELMA.rules, rule)}
    )

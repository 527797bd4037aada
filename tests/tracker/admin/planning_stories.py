"""What stories of planning share: a woman whose steps are planned, what is typed about them, and what became of it."""

from html import unescape
from typing import Any

from django.urls import reverse

from tests.builders import House, collected_woman, fresh, hcg, plan
from tracker.models import Participant, RecordedFact
from workflow.stages import Step

NOW = "2026-04-08 08:00"


def planned_woman(house: House) -> Participant:
    """A woman whose test of the day before serves the first dose that is planned for today; the infusion follows."""
    participant = collected_woman(house)
    hcg(participant, house, "2026-04-07 08:00", "2026-04-07 12:00")
    plan(participant, Step.LYMPHODEPLETION, "2026-04-08 10:00", by=house["crc"], now="2026-04-07 13:00")
    plan(participant, Step.INFUSION, "2026-04-13 10:00", by=house["crc"], now="2026-04-07 13:00")
    return fresh(participant)


def url(participant: Participant, step: str = "lymphodepletion") -> str:
    return reverse("admin:tracker_plan", args=[participant.pk, step])


def on(day: str, clock: str = "10:00", **more: str) -> dict[str, str]:
    return {"at_0": day, "at_1": clock, "reason": "", **more}


def page(response: Any) -> str:
    return unescape(response.content.decode())


def plans(participant: Participant, concept: str = "lymphodepletion_started") -> list[tuple[Any, str]]:
    rows = RecordedFact.objects.filter(participant=participant, concept=concept).order_by("version")
    return [(row.at, row.reason) for row in rows]

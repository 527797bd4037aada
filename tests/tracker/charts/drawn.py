"""Charts of people whose stories the rules' tests tell, and what is asked of every drawing."""

from datetime import datetime
from itertools import combinations

from django.utils import translation

from tests.workflow.builders import RELMA, Person
from tracker.charts import DESK, PHONE, Chart, Drawing, chart_of, draw
from tracker.charts.journey import Stay
from tracker.charts.places import Box, Label, Sheet
from tracker.wording import Voice
from workflow.stages import Stage

ENTERED = {
    Stage.SCREENING: "consent", Stage.ENROLLED: "enrolment", Stage.LEUKAPHERESIS: "leukapheresis_started",
    Stage.LYMPHODEPLETION: "lymphodepletion_started", Stage.INFUSION: "infusion_started", Stage.DIED: "death",
}  # fmt: skip


def voice_of(person: Person, now: datetime, language: str = "en") -> Voice:
    """Who speaks about this person."""
    return Voice(RELMA, person.zone, language, now)


def stays_of(person: Person) -> list[Stay]:
    """Each stage since its latest start, as the journal has it."""
    timeline = person.timeline()
    found = [
        Stay(stage, timeline.starts(concept)[-1]) for stage, concept in ENTERED.items() if timeline.starts(concept)
    ]
    return sorted(found, key=lambda stay: stay.start)


def chart(person: Person, now: datetime, language: str = "en") -> Chart:
    """The person's chart at an instant."""
    with translation.override(language):
        return chart_of(voice_of(person, now, language), person.timeline(), person.evaluation(now), stays_of(person))


def drawings(person: Person, now: datetime, language: str = "en") -> list[Drawing]:
    """The chart at both widths."""
    made = chart(person, now, language)
    with translation.override(language):
        return [draw(made, frame, language, "now 09:50") for frame in (DESK, PHONE)]


def sheets(drawing: Drawing) -> list[Sheet]:
    """What stands in both panels."""
    return [panel.sheet for panel in drawing.panels]


def labels(drawing: Drawing) -> list[Label]:
    """Every text in the picture but the flag's."""
    return [
        label
        for panel in drawing.panels
        for label in (*panel.grid.heads, *panel.grid.titles, *panel.sheet.labels)
    ]  # fmt: skip


def touching(boxes: list[Box]) -> list[tuple[Box, Box]]:
    """Bars of different items that lie over each other."""
    return [
        (one, other)
        for one, other in combinations(boxes, 2)
        if one.item != other.item and one.y == other.y and one.x < other.right and other.x < one.right
    ]


def overlapping(found: list[Label]) -> list[tuple[Label, Label]]:
    """Labels of one line of text that run into each other."""
    return [
        (one, other)
        for one, other in combinations(found, 2)
        if abs(one.y - other.y) < 10 and one.x < other.right and other.x < one.right
    ]

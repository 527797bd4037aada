"""The picture of a moved plan: how long the evidence serves, before and after, and when new evidence is to be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tracker.admin.plan_choices import Ahead
from tracker.charts.scale import Scale
from tracker.charts.text import width_of
from tracker.wording.instants import day_words
from tracker.wording.joining import about
from workflow.facts import Fact
from workflow.findings import Finding
from workflow.stages import Step

WIDTH, LEFT, RIGHT = 640, 72, 490
"""Units of the picture, and where its days begin and end: words beside the last mark need room at the right."""

MOST_DAYS = 21
"""How many days can be told apart."""

ROW = 30
"""The height of a row."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time: `valid`, `over` or `window`, with the words that fit into it."""

    kind: str
    x: float
    y: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A planned start, and its words beside it."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class PlanDrawing:
    """Everything where it stands; `label` says in one sentence what is to be seen."""

    width: int
    height: int
    days: tuple[tuple[float, str], ...]
    rows: tuple[tuple[float, str], ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Serving:
    """The evidence of one clause, the last start that it serves (closed), and the starts before and after."""

    step: Step
    evidence: Fact
    finding: Finding
    valid_until: datetime
    starts: tuple[tuple[str, datetime], ...]

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """When new evidence is to be drawn; both ends count."""
        clearing = self.finding.clearing
        if clearing is None or clearing.draw_from is None or clearing.draw_by is None:
            return None
        return clearing.draw_from, clearing.draw_by


def drawing_of(ahead: Ahead, serving: Serving) -> PlanDrawing | None:
    """The picture; None where the days are too many to be told apart."""
    scale = _scale(ahead, serving)
    if scale is None:
        return None
    rows = tuple((20.0 + ROW * number, words) for number, (words, _start) in enumerate(serving.starts))
    marks = tuple(
        Mark(scale.x(start), y, ahead.voice.label(ahead.voice.protocol.steps[serving.step]))
        for (y, _words), (_name, start) in zip(rows, serving.starts, strict=True)
    )
    bars = (*_served(ahead, scale, serving), *_to_draw(scale, serving, 20.0 + ROW * len(rows)))
    height = 20 + ROW * (len(rows) + (serving.window is not None))
    return PlanDrawing(WIDTH, height, tuple(_days(ahead, scale)), rows, bars, marks, _label(ahead, serving))


def _scale(ahead: Ahead, serving: Serving) -> Scale | None:
    day = ahead.calendar.local_date
    instants = [ahead.calendar.start(serving.evidence.at), *(start for _words, start in serving.starts)]
    first, last = day(min(instants)), day(max(instants))
    count = (last - first).days + 1
    return Scale(ahead.calendar, first, count, LEFT, RIGHT) if count <= MOST_DAYS else None


def _days(ahead: Ahead, scale: Scale) -> Iterator[tuple[float, str]]:
    """Every day has its line; as many have their name as there is room for."""
    every = max(1, round(90 / scale.day_width))
    for number, (day, x) in enumerate(scale.dates()):
        yield x, "" if number % every else day_words(day, ahead.voice.language, year=False)


def _served(ahead: Ahead, scale: Scale, serving: Serving) -> Iterator[Bar]:
    """In every row how long the evidence serves, and by how much a start comes too late."""
    begins, ends = scale.x(ahead.calendar.start(serving.evidence.at)), scale.x(serving.valid_until)
    name = ahead.voice.concept(serving.evidence.concept)
    until = _("%(what)s serves until %(when)s") % {"what": name, "when": ahead.voice.through(serving.valid_until)}
    for number, (_words, start) in enumerate(serving.starts):
        y = 20.0 + ROW * number
        yield Bar(
            "valid", begins, y, ends - begins, next((each for each in (until, name) if _fits(each, ends - begins)), "")
        )
        if start > serving.valid_until:
            yield Bar("over", ends, y, scale.x(start) - ends, "")


def _to_draw(scale: Scale, serving: Serving, y: float) -> Iterator[Bar]:
    if serving.window:
        first, last = (scale.x(each) for each in serving.window)
        words = _("draw again within this time")
        yield Bar("window", first, y, last - first, words if _fits(words, last - first) else "")


def _fits(words: str, width: float) -> bool:
    return width_of(words) + 16 <= width


def _label(ahead: Ahead, serving: Serving) -> str:
    voice = ahead.voice
    served = _("%(what)s serves starts until %(when)s") % {
        "what": voice.dated(serving.evidence), "when": voice.through(serving.valid_until)
    }  # fmt: skip
    starts = (about(words, voice.at(start)) for words, start in serving.starts)
    return "; ".join([served, *starts])

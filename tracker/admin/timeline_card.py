"""The timeline of a participant's page: drawn for the desk and for the phone, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from tracker.charts import DESK, PHONE, Drawing, Row, chart_of, draw, rows_of
from tracker.charts.journey import Stay
from tracker.models import Participant, StepRecord
from tracker.wording import Voice, zone_words
from tracker.wording.clauses import ClauseWords, clause_words
from workflow.answers import Evaluation
from workflow.stages import Stage
from workflow.timeline import Timeline
from workflow.versions import CONSENT

_SHORT = 12
"""Up to how many rows the table stands open at first."""


class Explained(NamedTuple):
    """One row of the table, with the words of the clause that it comes from; None where it comes from none."""

    row: Row
    clause: ClauseWords | None


@dataclass(frozen=True, slots=True)
class TimelineCard:
    """Two drawings of one chart, its table, and what is said about all of them."""

    drawings: tuple[Drawing, ...]
    rows: tuple[Explained, ...]
    label: str
    zone: str
    counts_days: bool
    days_are_planned: bool

    @property
    def shapes(self) -> frozenset[str]:
        """What the key explains: the shapes that are drawn; "over" for evidence that serves no longer."""
        boxes = [box for drawing in self.drawings for panel in drawing.panels for box in panel.sheet.boxes]
        return frozenset([each.row.shape for each in self.rows] + ["over" for box in boxes if box.is_over])

    @property
    def is_short(self) -> bool:
        """Whether the table stands open at first."""
        return len(self.rows) <= _SHORT


def timeline_card(
    voice: Voice, participant: Participant, timeline: Timeline, evaluation: Evaluation, steps: Sequence[StepRecord]
) -> TimelineCard:
    """The timeline as of the evaluation; `steps` are those that stand, in the order in which they were recorded."""
    chart = chart_of(voice, timeline, evaluation, stays(participant, timeline, steps))
    now = evaluation.as_of
    clock = _("now %(clock)s") % {"clock": f"{now.astimezone(participant.zone):%H:%M}"}
    first, _days = chart.span
    label = _("%(subject)s from %(first)s on; the same stands in the table below the picture")
    return TimelineCard(
        drawings=tuple(draw(chart, frame, voice.language, clock) for frame in (DESK, PHONE)),
        rows=tuple(_explained(voice, row) for row in rows_of(voice, chart)),
        label=label % {"subject": participant.subject_number, "first": voice.at(first)},
        zone=f"{participant.site.name_in(voice.language)} ({zone_words(participant.zone, now)})",
        counts_days=chart.days.zero is not None,
        days_are_planned=chart.days.planned,
    )


def _explained(voice: Voice, row: Row) -> Explained:
    """A row's clause is explained under the row's own words."""
    return Explained(row, replace(clause_words(voice, row.clause), title=row.what) if row.clause else None)


def stays(participant: Participant, timeline: Timeline, steps: Sequence[StepRecord]) -> list[Stay]:
    """Where the participant stood since when, in time order; screening begins with the consent."""
    found = [Stay(Stage.SCREENING, screening_began(participant, timeline))]
    found += [Stay(Stage(step.to_stage), step.happened_at) for step in steps]
    return sorted(found, key=_start)


def screening_began(participant: Participant, timeline: Timeline) -> datetime:
    """The first consent: re-consent begins nothing, re-screening is a step. Before there is one, the registration."""
    consents = timeline.starts(CONSENT)
    return consents[0] if consents else participant.created_at


def _start(stay: Stay) -> datetime:
    return stay.start

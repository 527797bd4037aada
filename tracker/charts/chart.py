"""A whole timeline as items in lanes: read from one evaluation and its timeline, without a rule of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.charts.evidence import evidence_items
from tracker.charts.facts import fact_items, interval_items
from tracker.charts.items import Item, Lane, Shape
from tracker.charts.journey import Stay, stage_items, step_items
from tracker.charts.obligations import obligation_items
from tracker.wording import Voice
from tracker.wording.journey_days import JourneyDays, journey_days
from workflow.answers import Evaluation
from workflow.site_calendar import SiteCalendar
from workflow.timeline import Timeline

FOCUS_DAYS, _DAYS_BEFORE = 10, 3


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything on one participant's timeline, in time order; every item stands in one of `lanes`.

    `now` is the instant of the evaluation. The focus is the ten local days from `focus`: three of them before the
    present, or before the end of a journey that has ended.
    """

    calendar: SiteCalendar
    days: JourneyDays
    now: datetime
    focus: date
    lanes: tuple[Lane, ...]
    items: tuple[Item, ...]

    @property
    def span(self) -> tuple[date, int]:
        """The first day of the whole journey, and how many days there are to show, the focus included."""
        ends = [item.last for item in self.items if item.shape is not Shape.LASTING]
        days = [self.calendar.local_date(each) for each in (self.now, *ends, *(item.start for item in self.items))]
        first = min(self.focus, *days)
        last = max(self.focus + timedelta(days=FOCUS_DAYS - 1), *days)
        return first, (last - first).days + 1


def chart_of(voice: Voice, timeline: Timeline, evaluation: Evaluation, stays: Sequence[Stay]) -> Chart:
    """The timeline of one participant, in the reader's words. `stays` says where she stood since when, in order."""
    now = evaluation.as_of
    found = list(_items(voice, timeline, evaluation, stays))
    used = {item.lane for _lane, item in found}
    lanes = {lane.key: lane for lane, _item in found if lane.key in used}
    calendar = timeline.calendar
    return Chart(
        calendar, journey_days(voice.protocol, timeline), now, _focus(calendar, now, stays), tuple(lanes.values()),
        tuple(sorted((item for _lane, item in found), key=_time)),
    )  # fmt: skip


def _items(
    voice: Voice, timeline: Timeline, evaluation: Evaluation, stays: Sequence[Stay]
) -> Iterator[tuple[Lane, Item]]:
    """Every item with its lane; the lanes come in the order in which they are read."""
    yield from stage_items(voice, evaluation, stays)
    yield from step_items(voice, timeline, evaluation)
    evidence = list(evidence_items(voice, timeline.calendar, evaluation))
    obligations = obligation_items(voice, timeline.calendar, evaluation)
    yield from sorted([*((lane, item) for lane, item, _key in evidence), *obligations], key=_lane)
    yield from interval_items(voice, timeline, evaluation.as_of)
    yield from fact_items(voice, timeline, {key for _lane, _item, key in evidence})


def _focus(calendar: SiteCalendar, now: datetime, stays: Sequence[Stay]) -> date:
    centre = stays[-1].start if stays and stays[-1].stage.is_terminal else now
    return calendar.local_date(centre) - timedelta(days=_DAYS_BEFORE)


def _time(item: Item) -> tuple[datetime, datetime]:
    return item.start, item.last


def _lane(found: tuple[Lane, Item]) -> str:
    return found[0].title

"""Everything else that is on record: what lasts as bars, all the rest as marks, one for each instant."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.charts.evidence import lane_of
from tracker.charts.items import Item, Lane, Shape
from tracker.charts.journey import journey_concepts
from tracker.charts.words import middle, said_of, spanned
from tracker.wording import Voice
from tracker.wording.joining import phrased, told_together
from workflow.facts import Fact, Moment
from workflow.timeline import Timeline

FACTS = "facts"


def interval_items(voice: Voice, timeline: Timeline, now: datetime) -> Iterator[tuple[Lane, Item]]:
    """A bar for each thing that lasts; without an end on record it reaches the present and goes on."""
    for concept in voice.protocol.concepts.values():
        lane = lane_of(voice, concept.id)
        facts = timeline.done(concept.id) if concept.kind == "interval" else ()
        yield from ((lane, _interval(voice, timeline, fact, lane, now)) for fact in facts)


def _interval(voice: Voice, timeline: Timeline, fact: Fact, lane: Lane, now: datetime) -> Item:
    start = timeline.calendar.start(fact.at)
    name = phrased([lane.title, fact.detail])
    if fact.until is None:
        when = _("since %(start)s, no end recorded") % {"start": voice.at(fact.at)}
        label = phrased([fact.detail, _("since %(start)s") % {"start": voice.at(fact.at)}])
        return Item(
            lane.key, Shape.COVERED, start, name, when, _("goes on"), label, name, end=max(now, start), is_open=True
        )  # fmt: skip
    last = timeline.calendar.end(fact.until)
    label = fact.detail or spanned(voice, fact.at, last)
    return Item(lane.key, Shape.COVERED, start, name, spanned(voice, fact.at, last), _("over"), label, name, end=last)


def fact_items(voice: Voice, timeline: Timeline, shown: AbstractSet[str]) -> Iterator[tuple[Lane, Item]]:
    """What no other lane shows; facts of one instant stand together."""
    lane = Lane(FACTS, _("Facts"), of_marks=True)
    elsewhere = {*journey_concepts(voice)}
    groups: dict[Moment, list[Fact]] = {}
    for concept in voice.protocol.concepts.values():
        if concept.id in elsewhere or concept.study_level or concept.kind == "interval":
            continue
        for fact in timeline.done(concept.id):
            if fact.key not in shown:
                groups.setdefault(fact.at, []).append(fact)
    yield from ((lane, _group(voice, timeline, moment, facts)) for moment, facts in groups.items())


def _group(voice: Voice, timeline: Timeline, moment: Moment, facts: list[Fact]) -> Item:
    one = voice.concept(facts[0].concept)
    many = ngettext("%(number)d entry", "%(number)d entries", len(facts)) % {"number": len(facts)}
    said = told_together(said_of(voice, fact) for fact in facts)
    return Item(
        FACTS, Shape.HAPPENED, middle(timeline.calendar, moment), said, voice.at(moment), _("recorded"),
        one if len(facts) == 1 else many,
    )  # fmt: skip

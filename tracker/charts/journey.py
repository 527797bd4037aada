"""Stages and steps on a timeline: where somebody stood, what happened, what is planned, and plans that moved away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from tracker.charts.items import Item, Lane, Shape
from tracker.charts.words import middle, spanned
from tracker.wording import Voice
from workflow.answers import Evaluation, Gate
from workflow.definitions import walk
from workflow.facts import Fact, FactStatus
from workflow.rules.absence import Absence
from workflow.stages import Stage, Step
from workflow.timeline import Timeline

STAGES, STEPS = "stages", "steps"
_STAGE_OF_STEP = {
    Step.ENROL: Stage.ENROLLED, Step.LEUKAPHERESIS: Stage.LEUKAPHERESIS, Step.LYMPHODEPLETION: Stage.LYMPHODEPLETION,
    Step.INFUSION: Stage.INFUSION, Step.FOLLOW_UP: Stage.FOLLOW_UP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stay:
    """Since when somebody stands, or stood, in a stage."""

    stage: Stage
    start: datetime


def stage_items(voice: Voice, evaluation: Evaluation, stays: Sequence[Stay]) -> Iterator[tuple[Lane, Item]]:
    """One bar for each stay up to the present, and one for each stage that is planned; an end is a step alone."""
    lane = Lane(STAGES, _("Stage"))
    now = evaluation.as_of
    for stay, until in _with_ends(stays, now):
        if stay.stage.is_terminal:
            continue
        name, is_here = voice.label(voice.protocol.stages[stay.stage]), stay is stays[-1]
        when = _("since %(start)s") % {"start": voice.at(stay.start)} if is_here else ""
        yield lane, Item(
            STAGES, Shape.STAGE, stay.start, name, when or spanned(voice, stay.start, until),
            _("now") if is_here else _("passed"), name, end=until,
        )  # fmt: skip
    yield from ((lane, item) for item in _stages_ahead(voice, evaluation))


def _with_ends(stays: Sequence[Stay], now: datetime) -> Iterator[tuple[Stay, datetime]]:
    for stay, following in pairwise(stays):
        if following.start > stay.start:
            yield stay, following.start
    if stays:
        yield stays[-1], max(now, stays[-1].start)


def _stages_ahead(voice: Voice, evaluation: Evaluation) -> Iterator[Item]:
    """The stages that begin with a plan that lies ahead, each up to the next one; the last goes on."""
    plans = sorted((at, gate.step) for gate in evaluation.planned if (at := _ahead(gate, evaluation.as_of)))
    for number, (start, step) in enumerate(plans, start=1):
        name = voice.label(voice.protocol.stages[_STAGE_OF_STEP[step]])
        end = plans[number][0] if number < len(plans) else start
        yield Item(
            STAGES, Shape.STAGE_AHEAD, start, name, _("from %(start)s") % {"start": voice.at(start)}, _("planned"),
            name, end=end, is_open=number == len(plans),
        )  # fmt: skip


def _ahead(gate: Gate, now: datetime) -> datetime | None:
    return gate.anchor if gate.anchor and gate.anchor > now else None


def step_items(voice: Voice, timeline: Timeline, evaluation: Evaluation) -> Iterator[tuple[Lane, Item]]:
    """What happened of the journey, each open plan, and where plans stood before."""
    lane = _steps_lane()
    for concept in journey_concepts(voice):
        for fact in timeline.done(concept):
            yield lane, _mark(voice, timeline, fact, Shape.HAPPENED, _("happened"))
    for gate in evaluation.planned:
        plan = timeline.latest_plan(voice.protocol.steps[gate.step].starts)
        if plan and gate.anchor:
            late = gate.anchor <= evaluation.as_of
            status = _("planned time has passed") if late else _("planned")
            yield lane, _mark(voice, timeline, plan, Shape.PLANNED, status)
    yield from ((lane, item) for item in _moved(voice, timeline))


def journey_concepts(voice: Voice) -> list[str]:
    """The events that make the journey; what look-backs search for is none of them."""
    conditions = [part for rule in voice.protocol.rules for part in walk(rule.condition)]
    searched = {part.none for part in conditions if isinstance(part, Absence)}
    concepts = voice.protocol.concepts.values()
    return [each.id for each in concepts if each.kind == "event" and each.id not in searched and not each.study_level]


def _steps_lane() -> Lane:
    return Lane(STEPS, _("Steps"), of_marks=True)


def _mark(voice: Voice, timeline: Timeline, fact: Fact, shape: Shape, status: str) -> Item:
    name = voice.concept(fact.concept)
    return Item(STEPS, shape, middle(timeline.calendar, fact.at), name, voice.at(fact.at), status, name)


def _moved(voice: Voice, timeline: Timeline) -> Iterator[Item]:
    """Every version of a plan after which it stood elsewhere, or was cancelled."""
    versions: dict[str, list[Fact]] = {}
    starts = {step.starts for step in voice.protocol.steps.values()}
    for fact in timeline.every_version:
        if fact.concept in starts:
            versions.setdefault(fact.key, []).append(fact)
    for facts in versions.values():
        for old, new in pairwise(sorted(facts, key=lambda fact: fact.version)):
            if old.status is FactStatus.PLANNED and _left(old, new):
                yield _ghost(voice, timeline, old, new)


def _left(old: Fact, new: Fact) -> bool:
    is_moved = new.status is FactStatus.PLANNED and new.at != old.at
    return is_moved or new.status is FactStatus.CANCELLED


def _ghost(voice: Voice, timeline: Timeline, old: Fact, new: Fact) -> Item:
    name, at = voice.concept(old.concept), middle(timeline.calendar, old.at)
    if new.status is FactStatus.CANCELLED:
        return Item(STEPS, Shape.MOVED, at, name, voice.at(old.at), _("plan cancelled"), _("cancelled"))
    to = middle(timeline.calendar, new.at)
    status = _("moved to %(when)s") % {"when": voice.at(new.at)}
    label = _("was %(when)s") % {"when": voice.at(old.at)}
    return Item(STEPS, Shape.MOVED, at, name, voice.at(old.at), status, label, to=to)

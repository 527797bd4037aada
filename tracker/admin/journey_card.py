"""The head of a participant's page: who this is, and how far along the stages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from tracker.models import Participant, StepRecord
from tracker.models.machine import edges
from tracker.wording import Voice, short_hash
from tracker.wording.journey_days import JourneyDays, journey_days
from workflow.answers import Evaluation
from workflow.formulas import completed_years
from workflow.stages import Stage
from workflow.timeline import Timeline
from workflow.versions import CONSENT

PATH = (
    Stage.SCREENING, Stage.ENROLLED, Stage.LEUKAPHERESIS, Stage.LYMPHODEPLETION, Stage.INFUSION, Stage.FOLLOW_UP,
    Stage.COMPLETED,
)  # fmt: skip
STAGE_OF_STEP = {step: to for _from, step, to in edges(Participant)}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stage on the way. `state` is done, here, ahead or ended; `icon` the shape that says so."""

    label: str
    state: str
    when: str
    planned: bool
    icon: str


def stops(
    voice: Voice, participant: Participant, timeline: Timeline, steps: list[StepRecord], stage: Stage, *,
    stopped: Mapping[Stage, str] | None = None,
) -> list[Stop]:  # fmt: skip
    """Every stage of the journey with the participant in `stage`, and that one if it ended elsewhere.

    `stopped` is the state in which the gate of a stage that lies ahead stands.
    """
    reached = _reached(participant, timeline, steps)
    path = [*(each for each in PATH if each in reached or not stage.is_terminal), *([] if stage in PATH else [stage])]
    icons = stopped or {}
    return [
        _reached_stop(voice, each, stage, reached[each])
        if each in reached and (each is stage or _before(each, stage))
        else _stop_ahead(voice, each, timeline, icons.get(each, "missing"))
        for each in path
    ]


def _reached_stop(voice: Voice, each: Stage, stage: Stage, since: datetime) -> Stop:
    state = "ended" if each is stage and stage.is_terminal else "here" if each is stage else "done"
    icon = "not_applicable" if state == "ended" else "met"
    return Stop(voice.label(voice.protocol.stages[each]), state, voice.at(since), planned=False, icon=icon)


def _stop_ahead(voice: Voice, each: Stage, timeline: Timeline, icon: str) -> Stop:
    label = voice.label(voice.protocol.stages[each])
    plan = next(iter(_plans(voice, each, timeline)), "")
    return Stop(label, "ahead", plan, planned=bool(plan), icon=icon)


def _before(each: Stage, stage: Stage) -> bool:
    return stage not in PATH or PATH.index(each) < PATH.index(stage)


def _plans(voice: Voice, stage: Stage, timeline: Timeline) -> Iterator[str]:
    for step, definition in voice.protocol.steps.items():
        plan = timeline.latest_plan(definition.starts) if STAGE_OF_STEP.get(step) is stage else None
        if plan:
            yield voice.at(plan.at)


def _reached(participant: Participant, timeline: Timeline, steps: list[StepRecord]) -> dict[Stage, datetime]:
    """When each stage was last entered; screening begins with the first consent, and re-screening is a step."""
    consents = timeline.starts(CONSENT)
    start = consents[0] if consents else participant.created_at
    reached = {Stage.SCREENING: start}
    for step in steps:
        reached[Stage(step.to_stage)] = step.happened_at
    return reached


@dataclass(frozen=True, slots=True)
class Head:
    """What is fixed about a participant, and the day of the journey."""

    sex_and_age: str
    day: str
    dose_level: str
    product: str
    product_in_trouble: bool
    site: str
    protocol: str


def dose_words(level: str | None) -> str:
    """A dose level as a reader sees it: None where the reader is blinded to it."""
    return _("blinded") if level is None else level or _("not assigned")


def head(
    voice: Voice, participant: Participant, timeline: Timeline, evaluation: Evaluation, *, sees_dose: bool
) -> Head:
    """The words of the header; the dose level only for those who may see it."""
    today = evaluation.as_of.astimezone(participant.zone).date()
    product, in_trouble = _product(voice, evaluation)
    rules = f"{voice.protocol.id} v{voice.protocol.version} ({short_hash(voice.protocol.hash)})"
    age = completed_years(participant.birth_date, today)
    return Head(
        sex_and_age=_("%(sex)s, %(age)d y") % {"sex": str(participant.get_sex_display()).capitalize(), "age": age},
        day=_day(journey_days(voice.protocol, timeline), today),
        dose_level=dose_words(participant.dose_level if sees_dose else None),
        product=product,
        product_in_trouble=in_trouble,
        site=participant.site.name_in(voice.language),
        protocol=f"{participant.study.code}, {rules}",
    )


def _product(voice: Voice, evaluation: Evaluation) -> tuple[str, bool]:
    """Where the product stands and since when, "" before anything was collected; and whether it needs a decision."""
    status, product = evaluation.product, voice.protocol.product
    if status is None or product is None:
        return "", False
    state = product.states[status.state]
    words = {"state": voice.label(state), "since": voice.at(status.since.at)}
    return _("%(state)s since %(since)s") % words, state.needs_decision


def _day(days: JourneyDays, today: date) -> str:
    said = days.words(today)
    return _("%(day)s (infusion planned)") % {"day": said} if said and days.planned else said

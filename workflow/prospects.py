"""Prospects: what a start still to come would meet if the plans before it are kept and what is owed is done by then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from workflow.context import Horizon
from workflow.facts import Fact, FactStatus, Moment
from workflow.findings import Finding, Outcome, Remedy
from workflow.gates import GateKeeper
from workflow.journey import SEQUENCE, ended, out_of_order, stopped
from workflow.protocol import Protocol
from workflow.site_calendar import TICK
from workflow.stages import GUARDED_STEPS, Step
from workflow.timeline import Timeline
from workflow.versions import Versions

Plans = Mapping[Step, Moment]
"""When steps are meant to start: what is on record, or what somebody only asks about."""

_WHATEVER_IS_DONE = frozenset({Remedy.WAIT_UNTIL, Remedy.EARLIER_STEP, Remedy.NOTHING})


@dataclass(frozen=True, slots=True)
class Prospect:
    """The gate of a step, judged for a start at `at` over what is known and the plans before it.

    `awaited` is the event that the order of the journey asks for first and that nobody has planned yet; "" for none.
    The answer is the same for every start in [at, changes_at).
    """

    step: Step
    at: datetime
    findings: tuple[Finding, ...]
    awaited: str = ""
    changes_at: datetime | None = None

    @property
    def forbids(self) -> tuple[Finding, ...]:
        """What forbids this start whatever is done by then: too early after something, out of order, over."""
        return tuple(each for each in self._fails() if each.clearing and each.clearing.remedy in _WHATEVER_IS_DONE)

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What fails as things stand, and may be otherwise by then: another result, the end of a hold."""
        return tuple(each for each in self._fails() if each not in self.forbids)

    @property
    def owes(self) -> tuple[Finding, ...]:
        """What has to be drawn, looked for or recorded by then: it is missing, waits, or will have gone stale."""
        open_ = (each for each in self.findings if not each.outcome.passes)
        return tuple(each for each in open_ if each.outcome is not Outcome.FAIL)

    @property
    def allowed(self) -> bool:
        """Whether nothing known now stands against this start, given that what is owed is done in time."""
        return not any(self._fails())

    def _fails(self) -> Iterator[Finding]:
        return (each for each in self.findings if each.outcome is Outcome.FAIL)


def look_ahead(
    protocol: Protocol, timeline: Timeline, step: Step, at: datetime, plans: Plans, *,
    versions: Mapping[str, Protocol] | None = None,
) -> Prospect:  # fmt: skip
    """Judge a start of a guarded step at an instant, as if every earlier step planned before it took place as planned.

    What a plan of an earlier step at or after `at` would have to bring first, stands against it. `plans` of the step
    itself plays no part. `versions` are those that a consent may name, as for `evaluate`.
    """
    start = timeline.calendar.start
    earlier = {each: start(plans[each]) for each in SEQUENCE[: SEQUENCE.index(step)] if each in plans}
    kept = {each: instant for each, instant in earlier.items() if instant < at}
    others = {each: moment for each, moment in plans.items() if each not in kept and each is not step}
    supposed = [*_taken(protocol, kept), *_planned(protocol, others, at)]
    keeper = _keeper(protocol, versions, _with(timeline, supposed), at)
    findings, awaited = _judged(keeper, step, plans)
    # That an earlier step was kept is judged with its own start: it owes nothing a second time.
    own = tuple(each for each in findings if keeper.protocol.step_of(each.clause) not in kept)
    becoming = [instant + TICK for instant in earlier.values() if instant >= at]
    changes = [*becoming, *([keeper.horizon.changes_at] if keeper.horizon.changes_at else [])]
    return Prospect(step, at, own, awaited, min(changes, default=None))


def _judged(keeper: GateKeeper, step: Step, plans: Plans) -> tuple[tuple[Finding, ...], str]:
    """The findings, and the event to come first that is only waited for."""
    protocol, now = keeper.protocol, keeper.now
    stops = stopped(protocol, now)
    if over := ended(protocol, now) or stops.get(step):
        return (over,), ""
    refused = out_of_order(protocol, step, now, stops)
    if refused is None:
        return keeper.asked_now(step).findings, ""
    if _is_planned(protocol, refused, plans) or refused.parts[0].outcome is not Outcome.MISSING:
        return (refused,), ""
    return keeper.asked_now(step).findings, refused.subject


def _is_planned(protocol: Protocol, refused: Finding, plans: Plans) -> bool:
    """Whether what the order asks for first is planned, and so at the wrong time."""
    steps = (protocol.steps[each] for each in plans)
    return any(refused.subject in (each.starts, each.ends) for each in steps)


def _taken(protocol: Protocol, kept: Mapping[Step, datetime]) -> Iterator[Fact]:
    """Each start, and its end, as if they had happened as planned."""
    for step, instant in kept.items():
        definition = protocol.steps[step]
        for concept in (definition.starts, definition.ends):
            if concept:
                yield Fact(f"supposed {concept}", concept, instant, recorded_at=instant)


def _planned(protocol: Protocol, plans: Plans, known: datetime) -> Iterator[Fact]:
    for step, moment in plans.items():
        concept = protocol.steps[step].starts
        yield Fact(f"supposed {concept}", concept, moment, recorded_at=known, status=FactStatus.PLANNED)


def _with(timeline: Timeline, supposed: list[Fact]) -> Timeline:
    return Timeline(timeline.subject, (*timeline.every_version, *supposed), timeline.calendar.zone)


def _keeper(
    protocol: Protocol, versions: Mapping[str, Protocol] | None, timeline: Timeline, at: datetime
) -> GateKeeper:
    horizon = Horizon(at)
    return GateKeeper(Versions(protocol, versions or {}, timeline, horizon), timeline, horizon)


def open_plans(protocol: Protocol, timeline: Timeline, as_of: datetime) -> dict[Step, Moment]:
    """The plans that are not used up: of every guarded step that is planned, when."""
    keeper = _keeper(protocol, None, timeline, as_of)
    planned = {gate.step for gate in keeper.planned()}
    latest = {step: timeline.latest_plan(protocol.steps[step].starts) for step in GUARDED_STEPS if step in planned}
    return {step: plan.at for step, plan in latest.items() if plan}

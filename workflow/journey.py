"""The journey's own order: which step may come next, and when nothing more may be asked."""

from collections.abc import Iterator
from datetime import datetime

from workflow.context import Context
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS, Step

SEQUENCE = (*GUARDED_STEPS, Step.COMPLETE)
_EARLIER = Clearing(Remedy.EARLIER_STEP)


def ended(protocol: Protocol, context: Context) -> Finding | None:
    """Why the journey has ended: death, withdrawal, a screen failure without a new consent; None while it goes on."""
    for exit_ in protocol.exits:
        happened = exit_.judge(context)
        if happened.outcome is Outcome.MET:
            return Finding(
                Outcome.FAIL, Reason.JOURNEY_ENDED, clause="terminal", subject=exit_.event,
                evidence=happened.evidence, clearing=Clearing(Remedy.NOTHING),
            )  # fmt: skip
    return None


def out_of_order(protocol: Protocol, step: Step, context: Context) -> Finding | None:
    """Why the journey refuses the step before any rule is asked; None if it may come next."""
    definition = protocol.steps[step]
    for starts in _never_after(protocol, step):
        if done := next(context.in_episode(starts), None):
            return _refused(starts, Finding(Outcome.FAIL, Reason.HAPPENED, evidence=(done,)))
    for need in definition.needs:
        finding = need.judge(context)
        if finding.outcome is not Outcome.MET:
            return _refused(need.event, finding)
    return None


def _never_after(protocol: Protocol, step: Step) -> Iterator[str]:
    """What ends the time of a step once it has happened: a start of its own, or of a later step, that comes once."""
    for later in SEQUENCE[SEQUENCE.index(step) :]:
        definition = protocol.steps[later]
        if definition.once:
            yield definition.starts


def _refused(subject: str, because: Finding) -> Finding:
    return Finding(
        Outcome.FAIL, Reason.OUT_OF_ORDER, clause="order", subject=subject, evidence=because.evidence,
        clearing=_EARLIER, parts=(because,),
    )  # fmt: skip


def next_step(protocol: Protocol, context: Context) -> Step | None:
    """The step the journey expects next: the one after the latest started, or an earlier one that was undone since."""
    started = [step for step in SEQUENCE if next(context.in_episode(protocol.steps[step].starts), None)]
    following = SEQUENCE[SEQUENCE.index(started[-1]) + 1 :] if started else SEQUENCE
    if not following:
        return None
    return next(_undone_before(protocol, following[0], context), following[0])


def _undone_before(protocol: Protocol, step: Step, context: Context) -> Iterator[Step]:
    for need in protocol.steps[step].needs:
        if need.judge(context).outcome is Outcome.FAIL:
            yield from (earlier for earlier in SEQUENCE if protocol.steps[earlier].ends == need.event)


def last_event_at(protocol: Protocol, context: Context) -> datetime | None:
    """When the journey last went on or back in this episode: a step started, ended, or came to nothing."""
    happened = (next(context.in_episode(concept), None) for concept in protocol.journey_events)
    return max((context.calendar.start(fact.at) for fact in happened if fact), default=None)

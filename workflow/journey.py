"""The journey's own order: which step may come next, and when nothing more may be asked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from workflow.context import Context
from workflow.definitions import Exit
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS, Step

SEQUENCE = (*GUARDED_STEPS, Step.COMPLETE)
_EARLIER = Clearing(Remedy.EARLIER_STEP)


Stops = Mapping[Step, Finding]
"""Why each step that a partial exit ended may not come any more."""


def ended(protocol: Protocol, context: Context) -> Finding | None:
    """Why the journey has ended: death, withdrawal, a screen failure without a new consent; None while it goes on."""
    found = (_left(exit_, context) for exit_ in protocol.exits if not exit_.stops)
    return next((finding for finding in found if finding), None)


def stopped(protocol: Protocol, context: Context) -> Stops:
    """The steps that have ended although the journey goes on: who withdrew from treatment is still followed up."""
    found = [(exit_, _left(exit_, context)) for exit_ in protocol.exits if exit_.stops]
    return {step: finding for exit_, finding in found if finding for step in exit_.stops}


def _left(exit_: Exit, context: Context) -> Finding | None:
    happened = exit_.judge(context)
    if happened.outcome is not Outcome.MET:
        return None
    return Finding(
        Outcome.FAIL, Reason.JOURNEY_ENDED, clause="terminal", subject=exit_.event, evidence=happened.evidence,
        clearing=Clearing(Remedy.NOTHING),
    )  # fmt: skip


def out_of_order(protocol: Protocol, step: Step, context: Context, stops: Stops) -> Finding | None:
    """Why the journey refuses the step before any rule is asked; None if it may come next.

    Once a partial exit stopped a treatment that had begun, nothing waits for what will not be started any more.
    """
    definition = protocol.steps[step]
    for starts in _never_after(protocol, step):
        if done := context.latest(starts):
            return _refused(starts, Finding(Outcome.FAIL, Reason.HAPPENED, evidence=(done,)))
    waived = _never_to_come(protocol, context, stops)
    for need in definition.needs:
        finding = need.judge(context)
        if finding.outcome is not Outcome.MET and need.event not in waived:
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


def _never_to_come(protocol: Protocol, context: Context, stops: Stops) -> frozenset[str]:
    """The ends of stopped steps that were never begun, once any of them was; before that there is nothing to follow."""
    begun = {step for step in stops if _has_begun(protocol, step, context)}
    return frozenset(protocol.steps[step].ends for step in stops if begun and step not in begun)


def _has_begun(protocol: Protocol, step: Step, context: Context) -> bool:
    return context.latest(protocol.steps[step].starts) is not None


def next_step(protocol: Protocol, context: Context, stops: Stops) -> Step | None:
    """The step the journey expects next: the one after the latest started, or an earlier one that was undone since.

    None where a partial exit came before anything that it stops had begun.
    """
    started = [step for step in SEQUENCE if _has_begun(protocol, step, context)]
    ahead = SEQUENCE[SEQUENCE.index(started[-1]) + 1 :] if started else SEQUENCE
    following = [step for step in ahead if step not in stops]
    if not following or (stops and not any(step in stops for step in started)):
        return None
    undone = (step for step in _undone_before(protocol, following[0], context) if step not in stops)
    return next(undone, following[0])


def _undone_before(protocol: Protocol, step: Step, context: Context) -> Iterator[Step]:
    """The earlier steps that came to nothing since they ended; not one that was begun anew and has only to end."""
    for need in protocol.steps[step].needs:
        if need.judge(context).outcome is Outcome.FAIL:
            undone = [fact for concept in need.later_than_any if (fact := context.latest(concept))]
            ending = (earlier for earlier in SEQUENCE if protocol.steps[earlier].ends == need.event)
            yield from (each for each in ending if not _begun_since(undone, protocol.steps[each].starts, context))


def _begun_since(undone: Sequence[Fact], starts: str, context: Context) -> bool:
    """Whether a step was begun after everything that undid it."""
    latest, start = context.latest(starts), context.calendar.start
    return latest is not None and all(start(latest.at) > start(each.at) for each in undone)


def last_event_at(protocol: Protocol, context: Context) -> datetime | None:
    """When the journey last went on or back in this episode: a step started, ended, or came to nothing."""
    happened = (context.latest(concept) for concept in protocol.journey_events)
    return max((context.calendar.start(fact.at) for fact in happened if fact), default=None)

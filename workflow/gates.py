"""Gates judged: a rule for one view, and all the rules of one start of one step."""

from collections.abc import Iterator
from datetime import datetime

from workflow.anchors import NOW, Anchor, occurrences
from workflow.answers import Gate
from workflow.context import Context, Horizon
from workflow.definitions import HOLD, Rule
from workflow.facts import Fact
from workflow.findings import Clearing, Finding, Outcome, Reason, Remedy
from workflow.journey import Stops, out_of_order
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS, Step
from workflow.timeline import Timeline
from workflow.versions import Versions


def applies(rule: Rule, context: Context) -> Finding | None:
    """Why a rule does not apply; None when it does, and while that is unknown."""
    answer = rule.applies_when.judge(context) if rule.applies_when else None
    return _not_applicable(rule, answer) if answer and answer.outcome is Outcome.FAIL else None


def judge(rule: Rule, context: Context) -> Finding:
    """One rule's finding for one gate's view; while it is unknown whether the rule applies, as if it did."""
    answer = rule.applies_when.judge(context) if rule.applies_when else None
    if answer and answer.outcome is Outcome.FAIL:
        return _not_applicable(rule, answer)
    finding = rule.condition.judge(context).of_clause(rule.id)
    is_known = answer is None or answer.outcome is Outcome.MET
    return finding if is_known or finding.outcome.passes else finding._replace(unless=answer)


def _judged(protocol: Protocol, step: Step, context: Context) -> tuple[Finding, ...]:
    return tuple(judge(rule, context) for rule in protocol.rules_for(step))


def _not_applicable(rule: Rule, answer: Finding) -> Finding:
    return Finding(Outcome.NOT_APPLICABLE, Reason.DOES_NOT_APPLY, clause=rule.id, evidence=answer.evidence)


class GateKeeper:
    """Judges the gates of one participant under one horizon.

    `protocol` is the version she is under; a start that happened is judged by the one she was under when it did.
    """

    def __init__(self, versions: Versions, timeline: Timeline, horizon: Horizon) -> None:
        self.versions = versions
        self.protocol = versions.at()
        self.timeline = timeline
        self.horizon = horizon
        self.now = Context(self.protocol, timeline, horizon)
        self.passed = tuple(self._passed())

    def view(self, step: Step, anchor: Anchor = NOW) -> Context:
        """What the rules of a step see when it starts at an anchor."""
        event = self.protocol.steps[step].starts
        if anchor is NOW:
            return self.now.of_step(event)
        return Context(self.protocol, self.timeline, self.horizon, event, anchor)

    def _passed(self) -> Iterator[Gate]:
        """Every start that happened in this episode, judged at its own instant over what is known now."""
        for step in GUARDED_STEPS:
            starts = list(self.now.in_episode(self.protocol.steps[step].starts))
            for number, fact in enumerate(reversed(starts), start=1):
                anchor = Anchor(self.timeline.calendar.start(fact.at))
                rules = self.versions.at(anchor)
                view = Context(rules, self.timeline, self.horizon, rules.steps[step].starts, anchor)
                yield Gate(step, number, anchor.at, _judged(rules, step, view), rules.version)

    def rules_of(self, gate: Gate) -> Protocol:
        """The version of the protocol by which a gate was judged."""
        return self.versions.called(gate.version)

    def planned(self) -> Iterator[Gate]:
        """Every open plan, judged as if the step started then; a step that happens once is not planned again."""
        for step in GUARDED_STEPS:
            definition = self.protocol.steps[step]
            plan = self.timeline.latest_plan(definition.starts)
            if plan is None:
                continue
            starts = list(self.now.in_episode(definition.starts))[::-1]
            last = occurrences(starts, plan, self._used_up(starts))[-1]
            if last.fact and not last.actual and not (definition.once and starts):
                anchor = Anchor(self.timeline.calendar.start(last.fact.at))
                yield self._to_come(step, last.number, self.view(step, anchor))

    def _used_up(self, starts: list[Fact]) -> datetime | None:
        """Until when plans have been used up: by the last actual start, or by the failure that ended an episode."""
        ends = [*starts[-1:], *self.now.facts("screen_failed")[-1:]]
        return max((self.timeline.calendar.start(fact.at) for fact in ends), default=None)

    def may_start_now(self, step: Step, ended: Finding | None, stops: Stops) -> Gate:
        """The gate of a step asked at this very instant; the journey's own refusals come before the rules."""
        refused = ended or stops.get(step) or out_of_order(self.protocol, step, self.now, stops)
        if refused:
            return Gate(step, self._next_number(step), None, (refused,), self.protocol.version)
        return self.asked_now(step)

    def asked_now(self, step: Step) -> Gate:
        """What the rules of a step say at this very instant, whatever the order of the journey says."""
        return self._to_come(step, self._next_number(step), self.view(step))

    def _next_number(self, step: Step) -> int:
        return 1 + sum(gate.step is step for gate in self.passed)

    def as_known_at(self, instant: datetime, rule: Rule, gate: Gate) -> Finding:
        """One rule of a gate that was passed, judged over what was known at an earlier instant."""
        rules = self.rules_of(gate)
        event = rules.steps[gate.step].starts
        return judge(rule, Context(rules, self.timeline.known_at(instant), self.horizon, event, Anchor(gate.anchor)))

    def _to_come(self, step: Step, number: int, context: Context) -> Gate:
        """A start still to come is also stopped by what no longer holds of earlier gates, and by holds."""
        judged = _judged(self.protocol, step, context)
        findings = (*judged, *self._rejudged(step), *self._holds(step, context, self.protocol))
        return Gate(step, number, context.own.at, findings, self.protocol.version)

    def _rejudged(self, step: Step) -> tuple[Finding, ...]:
        """What no longer holds of earlier gates, at their own anchors over what is known now."""
        earlier = self.protocol.steps[step].rejudges
        latest = {gate.step: gate for gate in self.passed if gate.step in earlier}
        return tuple(finding for gate in latest.values() for finding in gate.blocking)

    def started_on_hold(self, gate: Gate) -> tuple[Finding, ...]:
        """What held a step that happened all the same, as it was known before its start was first recorded."""
        if self.protocol.hold.concept not in self.timeline.concepts:
            return ()
        earlier, rules = self.timeline.known_before(self._start_first_recorded(gate)), self.rules_of(gate)
        event = rules.steps[gate.step].starts
        return self._holds(gate.step, Context(rules, earlier, self.horizon, event, Anchor(gate.anchor)), rules)

    def start_recorded(self, gate: Gate) -> datetime:
        """When the start of a passed gate was recorded; of one whose time was corrected, when it was."""
        return max(fact.recorded_at for fact in self._starts(gate))

    def _start_first_recorded(self, gate: Gate) -> datetime:
        """When it was first recorded that the start happened: a correction of its time overlooks no hold."""
        return max(self.timeline.recorded_as_done(fact) for fact in self._starts(gate))

    def _starts(self, gate: Gate) -> list[Fact]:
        """What is on record as the start of a passed gate."""
        done = self.timeline.done(self.protocol.steps[gate.step].starts)
        return [fact for fact in done if self.timeline.calendar.start(fact.at) == gate.anchor]

    def _holds(self, step: Step, context: Context, rules: Protocol) -> tuple[Finding, ...]:
        """What holds the step when it starts: every hold that has begun and has not ended by then."""
        hold, end = rules.hold, self.timeline.calendar.end
        if step not in hold.guards:
            return ()
        holds = [
            fact for fact in context.facts(hold.concept) if not (fact.until and context.anchor_reached(end(fact.until)))
        ]
        clearing = Clearing(Remedy.RELEASE)
        return tuple(
            Finding(Outcome.FAIL, Reason.ON_HOLD, HOLD, hold.concept, evidence=(fact,), clearing=clearing)
            for fact in holds
        )

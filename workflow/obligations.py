"""Obligations: the deadlines that follow from rules, plans and steps that happened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, takewhile

from workflow.answers import Gate
from workflow.deadlines import Deadline, DeadlineStatus, Rung
from workflow.definitions import HELD, Lasts, Rule
from workflow.facts import Fact
from workflow.findings import Finding, Outcome
from workflow.gates import GateKeeper, applies
from workflow.journey import Stops, last_event_at
from workflow.reminders import newest_rung, rung_of
from workflow.site_calendar import TICK


class Obligations:
    """Every deadline of one participant, one per clause and occurrence."""

    def __init__(
        self, keeper: GateKeeper, planned: tuple[Gate, ...], ended: Finding | None, following: Gate | None,
        stops: Stops,
    ) -> None:  # fmt: skip
        self.keeper = keeper
        self.planned = planned
        self.ended = ended
        self.following = following
        self.stops = stops
        self._broken = tuple(gate for gate in keeper.passed if not gate.allowed)

    def all(self) -> Iterator[Deadline]:
        """Deadlines of lasting obligations, of plans, of passed gates whose clauses no longer hold, and alarms."""
        for deadline in chain(self._of_rules(), self._of_alarms()):
            over = self.ended or self._stopped(deadline)
            yield _cancelled(deadline, over) if over else deadline

    def _of_rules(self) -> Iterator[Deadline]:
        broken = {finding.clause for gate in self._broken for finding in gate.blocking}
        for rule in self.keeper.protocol.rules:
            if rule.owed or rule.lasts or rule.id in broken:
                yield from self._of(rule)
        yield from self._of_fallen_away()

    def _of_fallen_away(self) -> Iterator[Deadline]:
        """What passed gates broke of clauses that the version in force no longer has."""
        for gate in self._broken:
            for finding in gate.blocking:
                if self.keeper.protocol.find_rule(finding.clause) is None:
                    yield self._invalidated(self.keeper.rules_of(gate).rule(finding.clause), gate, finding)

    def _of_alarms(self) -> Iterator[Deadline]:
        for alarm in self.keeper.protocol.alarms:
            yield from alarm.deadlines(self.keeper.now, self.keeper.horizon)
        yield from self.keeper.protocol.unanswered_plans.deadlines(self.planned, self.keeper.horizon)
        yield from self._started_on_hold()
        if product := self.keeper.protocol.product:
            yield from product.deadlines(self.keeper.now)
        yield from self._of_evidence()

    def _of_evidence(self) -> Iterator[Deadline]:
        """Evidence for the next step; where a coming plan relies on it, that plan's own reminders watch over it."""
        keeper, gate, told = self.keeper, self.following, self.keeper.protocol.expiring_evidence
        if told is None or gate is None or not gate.in_order or any(map(self._is_coming, self.planned)):
            return
        since = last_event_at(keeper.protocol, keeper.now)
        yield from told.deadlines(gate, since, keeper.horizon, keeper.timeline.calendar)

    def _is_coming(self, plan: Gate) -> bool:
        """Whether a plan of the next step lies ahead."""
        is_next = self.following is not None and plan.step is self.following.step
        return is_next and plan.anchor is not None and not self.keeper.horizon.reached(plan.anchor)

    def _started_on_hold(self) -> Iterator[Deadline]:
        """Every start that a hold should have stopped."""
        for gate in self.keeper.passed:
            if held := self.keeper.started_on_hold(gate):
                raised_at = self.keeper.start_recorded(gate)
                yield Deadline(
                    f"{HELD}{gate.step}", gate.occurrence, DeadlineStatus.ELIGIBILITY_INVALIDATED, raised_at=raised_at,
                    due_at=gate.anchor, rung=rung_of(self.keeper.protocol.told_of_reports, raised_at), finding=held[0],
                )  # fmt: skip

    def _stopped(self, deadline: Deadline) -> Finding | None:
        """Why what is owed before a step is owed no more; what lasts, and what went wrong before, is not touched."""
        step, rule = self.keeper.protocol.step_of(deadline.clause), self.keeper.protocol.find_rule(deadline.clause)
        goes_on = deadline.status is DeadlineStatus.ELIGIBILITY_INVALIDATED or (rule and rule.lasts)
        return None if step is None or goes_on else self.stops.get(step)

    def _of(self, rule: Rule) -> Iterator[Deadline]:
        passed = [(gate, found) for gate in self.keeper.passed if (found := _found(gate, rule.id))]
        broken = [(gate, found) for gate, found in passed if not found.outcome.passes]
        yield from (self._invalidated(self._as_judged(rule, gate), gate, found) for gate, found in broken)
        if rule.lasts and not broken:
            yield self._lasting(rule, rule.lasts)
        if rule.owed:
            met = [(gate, found) for gate, found in passed if found.outcome.passes]
            yield from (self._met(self._as_judged(rule, gate), gate, found) for gate, found in met)
            has_passed = any(gate.step is rule.gate for gate in self.keeper.passed)
            yield from self._to_come(rule, has_passed=has_passed)

    def _as_judged(self, rule: Rule, gate: Gate) -> Rule:
        """The clause as it stood in the version by which a gate was judged."""
        return self.keeper.rules_of(gate).rule(rule.id)

    def _invalidated(self, rule: Rule, gate: Gate, finding: Finding) -> Deadline:
        """What a passed gate's clause became when facts known since show that it was not met at its anchor."""
        raised_at = self._became_known(rule, gate)
        protocol, reported = self.keeper.protocol, raised_at == self.keeper.start_recorded(gate)
        reminder = protocol.told_of_reports if reported else protocol.when_invalidated
        return Deadline(
            rule.id, gate.occurrence, DeadlineStatus.ELIGIBILITY_INVALIDATED, raised_at=raised_at,
            due_at=gate.anchor, rung=rung_of(reminder, raised_at), finding=finding,
        )  # fmt: skip

    def _became_known(self, rule: Rule, gate: Gate) -> datetime:
        """Since when it is known that the clause was not met: the first recording after which it never was again.

        At the earliest the recording of the start itself.
        """
        keeper = self.keeper
        known = keeper.start_recorded(gate)
        recorded = keeper.timeline.recordings(keeper.protocol.concepts_of(rule))
        later = sorted({known, *(at for at in recorded if at > known)}, reverse=True)
        still = takewhile(lambda instant: not keeper.as_known_at(instant, rule, gate).outcome.passes, later)
        return min(still, default=later[0])

    def _met(self, rule: Rule, gate: Gate, finding: Finding) -> Deadline:
        passed = finding.outcome is Outcome.MET
        status = DeadlineStatus.MET if passed else DeadlineStatus.NOT_APPLICABLE
        return self._timed(rule, gate, finding, status) if passed else Deadline(rule.id, gate.occurrence, status)

    def _to_come(self, rule: Rule, *, has_passed: bool) -> Iterator[Deadline]:
        """The obligation of the open plan; before any plan, an upcoming one without times."""
        gate = next((gate for gate in self.planned if gate.step is rule.gate), None)
        if gate:
            yield self._planned(rule, gate)
        elif not has_passed:
            not_applicable = applies(rule, self.keeper.view(rule.gate))
            status = DeadlineStatus.NOT_APPLICABLE if not_applicable else DeadlineStatus.UPCOMING
            yield Deadline(rule.id, 1, status)

    def _planned(self, rule: Rule, gate: Gate) -> Deadline:
        finding = _finding(gate, rule)
        if finding.outcome is Outcome.NOT_APPLICABLE:
            return Deadline(rule.id, gate.occurrence, DeadlineStatus.NOT_APPLICABLE, finding=finding)
        return self._timed(rule, gate, finding, self._status(rule, gate, finding), self._rung_due(rule, gate, finding))

    def _status(self, rule: Rule, gate: Gate, finding: Finding) -> DeadlineStatus:
        opens_at, due_at = self._window(rule, gate)
        if finding.outcome is Outcome.MET:
            return DeadlineStatus.MET
        if self.keeper.horizon.reached(due_at + TICK):
            return DeadlineStatus.OVERDUE
        return DeadlineStatus.OPEN if self.keeper.horizon.reached(opens_at) else DeadlineStatus.UPCOMING

    def _timed(
        self, rule: Rule, gate: Gate, finding: Finding, status: DeadlineStatus, rung: Rung | None = None
    ) -> Deadline:
        opens_at, due_at = self._window(rule, gate)
        return Deadline(
            rule.id, gate.occurrence, status, opens_at=opens_at, due_at=due_at, valid_until=finding.valid_until,
            rung=rung, finding=finding,
        )  # fmt: skip

    def _window(self, rule: Rule, gate: Gate) -> tuple[datetime, datetime]:
        if gate.anchor is None:
            raise ValueError("a gate asked about now has no window yet")
        return rule.window.opens_at(gate.anchor, self.keeper.timeline.calendar), gate.anchor

    def _rung_due(self, rule: Rule, gate: Gate, finding: Finding) -> Rung | None:
        """The newest rung that is due and still owed: after an outage, or for a late plan, not the whole ladder."""
        _, due_at = self._window(rule, gate)
        owed = (
            reminder for reminder in (rule.owed.reminders if rule.owed else ()) if reminder.is_owed(finding.outcome)
        )
        known, keeper = self._plan_or_evidence_recorded(gate, finding), self.keeper
        return newest_rung(owed, due_at, known, keeper.horizon, keeper.timeline.calendar)

    def _plan_or_evidence_recorded(self, gate: Gate, finding: Finding) -> datetime:
        plan = self.keeper.timeline.latest_plan(self.keeper.protocol.steps[gate.step].starts)
        recorded: list[Fact] = [*finding.evidence, *([plan] if plan else [])]
        return max(fact.recorded_at for fact in recorded)

    def _lasting(self, rule: Rule, lasts: Lasts) -> Deadline:
        keeper, calendar = self.keeper, self.keeper.timeline.calendar
        if applies(rule, keeper.now):
            return Deadline(rule.id, 1, DeadlineStatus.NOT_APPLICABLE)
        begun = keeper.now.latest(keeper.protocol.event_of(lasts.from_))
        ends = keeper.now.anchor(lasts.through.after)
        opens_at = calendar.start(begun.at) if begun else None
        if ends is None or ends.at is None:
            return Deadline(rule.id, 1, DeadlineStatus.OPEN if begun else DeadlineStatus.UPCOMING, opens_at=opens_at)
        last_day = lasts.through.by.through_date(calendar.local_date(ends.at))
        over = begun and keeper.horizon.reached(calendar.midnight(last_day + timedelta(days=1)))
        open_or_upcoming = DeadlineStatus.OPEN if begun else DeadlineStatus.UPCOMING
        status = DeadlineStatus.MET if over else open_or_upcoming
        return Deadline(rule.id, 1, status, opens_at=opens_at, required_through=last_day)


def _cancelled(deadline: Deadline, over: Finding) -> Deadline:
    """Nothing is owed any more after the end; what was met stays met."""
    if deadline.status in (DeadlineStatus.MET, DeadlineStatus.NOT_APPLICABLE):
        return deadline
    return Deadline(deadline.clause, deadline.occurrence, DeadlineStatus.CANCELLED, finding=over)


def _finding(gate: Gate, rule: Rule) -> Finding:
    return next(finding for finding in gate.findings if finding.clause == rule.id)


def _found(gate: Gate, clause: str) -> Finding | None:
    """What a clause answered at a gate; None for one that guards another step, or that its version had not."""
    return next((finding for finding in gate.findings if finding.clause == clause), None)

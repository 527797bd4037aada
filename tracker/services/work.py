"""Work: what somebody must do next about one participant, and what lies ahead, read from one evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tracker.access import Action, action_of, roles_that_may
from tracker.models import Deviation, Work
from tracker.services.ladders import Ladder
from tracker.services.remedies import Asked, asked_by, can_clear
from workflow.alarms import PLAN
from workflow.answers import Gate
from workflow.deadlines import Deadline, DeadlineStatus
from workflow.definitions import HELD, HOLD
from workflow.expiry import EXPIRING
from workflow.findings import Finding, Outcome
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step

WORST_FIRST = (Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING)
"""What stops a step, the worst first."""

NOTHING_OPEN = 9
"""The rank of whom nothing stops, behind every outcome."""

Key = tuple[str, str, str, str]
"""One thing to do: before which step, what, about what, and about which row."""


@dataclass(slots=True)
class Item:
    """One thing to do, with every clause that asks for it; the fields mean what they mean in WorkItem."""

    about: list[list[str | int]] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)
    opens_at: datetime | None = None
    due_at: datetime | None = None
    since: datetime | None = None

    @property
    def state(self) -> str:
        """The worst outcome among its clauses; "" where none was judged."""
        outcomes = [outcome for _clause, _number, outcome in self.about]
        return next((each.value for each in WORST_FIRST if each.value in outcomes), "")


class Desk:
    """Everything to do about one participant. `drafts` are the deviations that nobody has signed."""

    def __init__(self, ladder: Ladder, drafts: Sequence[Deviation]) -> None:
        self.ladder, self.drafts = ladder, drafts
        self.protocol, self.evaluation = ladder.protocol, ladder.evaluation
        self.calendar = SiteCalendar(ladder.participant.zone)
        self.items: dict[Key, Item] = {}
        self.unanswered = {
            Step(deadline.clause.removeprefix(PLAN))
            for deadline in self.evaluation.deadlines
            if deadline.clause.startswith(PLAN) and deadline.status.is_owed
        }
        self.gate = self._gate_ahead()
        self._gather()

    def _gate_ahead(self) -> Gate | None:
        """The gate of the step that comes next: at its plan where that is still ahead, otherwise now."""
        step = self.evaluation.next_step
        now = self.evaluation.gates.get(step) if step else None
        planned = self.evaluation.planned_gate(step) if step and step not in self.unanswered else None
        if now is None or planned is None:
            return now
        # The journey's own refusal does not hide what else the planned start will ask for.
        refusals = () if now.in_order else now.findings
        return replace(planned, findings=refusals + planned.findings)

    def _gather(self) -> None:
        for deviation in self.drafts:
            self._add("", Asked(Work.DEVIATION, deviation.clause, str(deviation.pk)), since=deviation.drafted_at)
        for gate in self._ahead():
            for finding in gate.blocking:
                self._condition(gate, finding)
        for deadline in self.evaluation.deadlines:
            if deadline.status.is_owed and not self.ladder.is_reviewed(deadline):
                self._owed(deadline)
        self._next_step()

    def _ahead(self) -> Iterator[Gate]:
        """Every planned start whose plan is not one that waits for an answer."""
        following = self.gate.step if self.gate and self.gate.anchor else None
        for gate in self.evaluation.planned:
            if gate.step not in self.unanswered:
                yield self.gate if self.gate and gate.step is following else gate

    def _condition(self, gate: Gate, finding: Finding) -> None:
        if self._draft_of(finding.clause):
            return
        asked = asked_by(finding, gate.step, gate.anchor, self.protocol, self.calendar)
        if asked.action is Work.DEVIATION:
            return
        item = self._add(gate.step, asked, due_at=gate.anchor)
        item.about.append([finding.clause, 0, finding.outcome.value])
        item.roles |= self._told_of(finding.clause) | self._attesting(asked.subject)

    def _owed(self, deadline: Deadline) -> None:
        """A deadline's place: with the condition it is about, or, where there is none, by itself."""
        item = self._home_of(deadline) or self._by_itself(deadline)
        if item is None:
            return
        for about in item.about:
            if about[:2] == [deadline.clause, 0]:
                about[1] = deadline.occurrence
                return
        outcome = deadline.finding.outcome.value if deadline.finding else ""
        item.about.append([deadline.clause, deadline.occurrence, outcome])
        item.roles |= self._told_of(deadline.clause)

    def _home_of(self, deadline: Deadline) -> Item | None:
        step = self.protocol.step_of(deadline.clause)
        if deadline.status is DeadlineStatus.ELIGIBILITY_INVALIDATED:
            return self._draft_of(deadline.clause)
        if step and step in self.unanswered and deadline.due_at:
            return self._unanswered(step)
        here = (item for key, item in self.items.items() if key[0] == step)
        return next((item for item in here if [deadline.clause, 0] in [about[:2] for about in item.about]), None)

    def _unanswered(self, step: Step) -> Item:
        """The one question that a plan raises whose time has passed: started, moved or cancelled?"""
        planned = self.evaluation.planned_gate(step)
        return self._add(step, Asked(Work.TAKE, step.value), due_at=planned.anchor if planned else None)

    def _by_itself(self, deadline: Deadline) -> Item | None:
        step = self.protocol.step_of(deadline.clause)
        if deadline.clause.startswith(EXPIRING) and step:
            return self._add(step, Asked(Work.PLAN, step.value), due_at=deadline.due_at)
        since = deadline.raised_at or (deadline.rung.fires_at if deadline.rung else None)
        if since is None:
            return None
        return self._add("", Asked(Work.DECIDE, deadline.clause), since=since)

    def _draft_of(self, clause: str) -> Item | None:
        """The unsigned deviation of a clause: whoever signs it settles the clause as well."""
        wanted = HOLD if clause.startswith(HELD) else clause
        found = (each for each in self.drafts if each.clause == wanted)
        return next((self.items["", Work.DEVIATION, each.clause, str(each.pk)] for each in found), None)

    def _next_step(self) -> None:
        """The step itself, where nothing stops it, or nobody has planned it."""
        gate = self.gate
        if gate is None or gate.step in self.unanswered:
            return
        if gate.anchor is not None:
            if gate.allowed:
                self._add(gate.step, Asked(Work.TAKE, gate.step.value), due_at=gate.anchor)
        elif gate.in_order:
            self._add(gate.step, Asked(Work.PLAN, gate.step.value))
        else:
            self._condition(gate, gate.findings[0])

    def _add(
        self, step: str, asked: Asked, *, due_at: datetime | None = None, since: datetime | None = None
    ) -> Item:  # fmt: skip
        key = (str(step), asked.action.value, asked.subject, asked.row)
        item = self.items.get(key)
        if item is None:
            item = self.items[key] = Item(opens_at=asked.opens_at, due_at=due_at, since=since)
            return item
        item.opens_at = _joined(asked.action, item.opens_at, asked.opens_at)
        item.due_at, item.since = _sooner(item.due_at, due_at), _sooner(item.since, since)
        return item

    def _told_of(self, clause: str) -> set[str]:
        """The roles that the protocol file tells about a clause."""
        try:
            reminders = self.protocol.reminders_of(clause)
        except KeyError:  # the journey's own refusals, and clauses that an amendment took out
            return set()
        return {role for reminder in reminders for role in reminder.tell}

    def _attesting(self, subject: str) -> set[str]:
        concept = self.protocol.concepts.get(subject)
        return {concept.attested_by} if concept and concept.attested_by else set()

    def roles_of(self, key: Key, item: Item) -> set[str]:
        """Whose it is: of those told or asked to attest; where nobody is named, of those who may do what it is for."""
        if key[1] == Work.DEVIATION:
            return {*roles_that_may(Action.COMPLETE_DEVIATION), *roles_that_may(Action.CLOSE_DEVIATION)}
        if item.roles:
            return item.roles
        return set(roles_that_may(action_of(Step(key[0])) if key[0] else Action.RECORD_FACT))

    def before_at(self, step: str) -> datetime | None:
        """When the irreversible step is planned that an item comes before: its own, else the first of all."""
        planned = [
            gate for gate in self.evaluation.planned
            if gate.step not in self.unanswered and self.protocol.cannot_be_undone(gate.step) and gate.anchor
        ]  # fmt: skip
        own = [gate.anchor for gate in planned if gate.step == step]
        return min((anchor for anchor in own or [gate.anchor for gate in planned] if anchor), default=None)


def _joined(action: Work, one: datetime | None, other: datetime | None) -> datetime | None:
    """From when on one action serves two clauses: a move must satisfy both, anything else is of use to the first."""
    if action is Work.LATER:
        return max((at for at in (one, other) if at), default=None)
    return None if one is None or other is None else min(one, other)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at), default=None)


def outlook_of(desk: Desk) -> dict[str, Any]:
    """What the journey expects next, as the columns of Outlook."""
    gate, following = desk.gate, desk.evaluation.next_step
    blocking = gate.blocking if gate else ()
    outcomes = {finding.outcome for finding in blocking}
    worst = next((each for each in WORST_FIRST if each in outcomes), None)
    return {
        "next_step": following.value if following else "",
        "cannot_be_undone": following is not None and desk.protocol.cannot_be_undone(following),
        "planned_at": gate.anchor if gate else None,
        "open_conditions": len(blocking),
        "can_clear": sum(can_clear(finding) for finding in blocking),
        "worst": worst.value if worst else "",
        "urgency": WORST_FIRST.index(worst) if worst else NOTHING_OPEN,
    }


def items_of(desk: Desk) -> dict[Key, dict[str, Any]]:
    """Everything to do, as the columns of WorkItem, by what makes each of them one."""
    return {
        key: {
            "about": item.about, "state": item.state, "opens_at": item.opens_at, "due_at": item.due_at,
            "since": item.since, "before_at": desk.before_at(key[0]),
            "roles": " ".join(["", *sorted(desk.roles_of(key, item)), ""]), "is_open": True,
        }
        for key, item in desk.items.items()
    }  # fmt: skip

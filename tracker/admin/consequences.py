"""Consequences in words: what a preview found, held side by side as staff read it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.admin.alert_card import person, role_words
from tracker.admin.plan_card import DEADLINE_STATES
from tracker.admin.plan_choices import Ahead
from tracker.admin.plan_drawing import PlanDrawing, Serving, drawing_of
from tracker.models import DeadlineStatus, NotificationKind, User
from tracker.services.forecast import Foreseen
from tracker.services.pictures import MessageRow, OwedRow, Picture
from tracker.services.whatif import Preview
from tracker.wording import Voice, clause_title
from tracker.wording.instants import is_chinese
from tracker.wording.joining import about, listed, told_together
from workflow.facts import Fact, Moment
from workflow.findings import Finding, Outcome, Reason
from workflow.stages import GUARDED_STEPS, Step


@dataclass(frozen=True, slots=True)
class Pair:
    """One clause's answer for a planned start, as it is and as it would be; `at` and `was_at` are those starts."""

    was: Finding | None
    now: Finding
    was_at: datetime | None
    at: datetime | None

    @property
    def differs(self) -> bool:
        """Whether anything about it is otherwise; of a step not planned so far, whether anything is left to be done."""
        if self.was is None:
            return not self.now.outcome.passes
        before, after = ((each.outcome, each.reason, each.clearing) for each in (self.was, self.now))
        return before != after


_WORST_FIRST = (Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING, Outcome.MET, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Cell:
    """How something stands: a state to be drawn, "" for none, and lines of words."""

    state: str
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing before and after; `under` is the evidence, `quote` the clause's own words."""

    title: str
    before: Cell
    after: Cell
    under: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message to some people: `how` is `at_once`, `coming` or `gone`."""

    how: str
    when: str
    say: str
    who: str


@dataclass(frozen=True, slots=True)
class Consequences:
    """All that saving would bring about."""

    rows: tuple[Compared, ...]
    unaffected: int
    quotes: tuple[str, ...]
    reminders: tuple[Reminder, ...]
    told: tuple[str, ...]
    drawing: PlanDrawing | None

    @property
    def gone(self) -> int:
        """How many reminders are taken back."""
        return sum(each.how == "gone" for each in self.reminders)

    @property
    def coming(self) -> int:
        """How many reminders there are instead."""
        return len(self.reminders) - self.gone

    @property
    def save_words(self) -> str:
        """What the button does."""
        count = len(self.told)
        if not count:
            return _("Save; nobody is told at once")
        return ngettext("Save and tell %(n)d person", "Save and tell %(n)d people", count) % {"n": count}


def consequences_of(ahead: Ahead, changed: Mapping[Step, Moment], found: Preview) -> Consequences:
    """A preview in the reader's words."""
    pairs = [pair for step in GUARDED_STEPS for pair in _pairs(step, found)]
    shown = [pair for pair in pairs if pair.differs]
    people = _People(ahead.voice, found)
    plans = (_plan(ahead, step, at) for step, at in changed.items())
    rules = (_compared(ahead, pair) for pair in shown)
    return Consequences(
        rows=(*plans, *rules, *_others_owed(ahead, found)),
        unaffected=len(pairs) - len(shown),
        quotes=tuple(dict.fromkeys(ahead.said(pair.now).quote for pair in shown)),
        reminders=tuple(_reminders(ahead, found, people)),
        told=tuple(people.named(row.recipient, row.role) for row in found.told_at_once),
        drawing=next(filter(None, (_drawing(ahead, pair) for pair in shown)), None),
    )


def _pairs(step: Step, found: Preview) -> Iterator[Pair]:
    """Each clause of a planned step as it is judged now and as it would be, the worst first."""
    before, after = (each.evaluation.planned_gate(step) for each in (found.before, found.after))
    if after is None:
        return
    earlier = {each.clause: each for each in before.findings} if before else {}
    for finding in sorted(after.findings, key=lambda each: _WORST_FIRST.index(each.outcome)):
        yield Pair(earlier.get(finding.clause), finding, before.anchor if before else None, after.anchor)


def _plan(ahead: Ahead, step: Step, at: Moment) -> Compared:
    planned = ahead.plans.get(step)
    now = ahead.voice.at(planned) if planned else _("not planned")
    label = ahead.voice.label(ahead.voice.protocol.steps[step])
    return Compared(label, Cell("", "", (now,)), Cell("", "", (ahead.voice.at(at),)))


def _compared(ahead: Ahead, pair: Pair) -> Compared:
    said = ahead.said(pair.now)
    then = _cell(ahead, pair.was, pair.was_at) if pair.was else Cell("", "", (_("not planned"),))
    return Compared(said.title, then, _cell(ahead, pair.now, pair.at), _under(ahead, pair.now), said.basis_label)


def _under(ahead: Ahead, finding: Finding) -> str:
    """The evidence, where its age at the start is what decides, and the limit."""
    said, kept = ahead.said(finding), _ageing(finding)
    limit = about(_("needed"), said.limit) if said.limit else ""
    return told_together(each for each in (ahead.voice.dated(kept) if kept else "", limit) if each)


def _cell(ahead: Ahead, finding: Finding, start: datetime | None) -> Cell:
    """How it stands for a start: how old the evidence will be, or what is the matter; and what clears it."""
    said, kept = ahead.said(finding), _ageing(finding)
    told = said.evidence
    if kept and start:
        told = _("%(age)s old at the start") % {"age": ahead.voice.age_at(kept, start, finding.window)}
    lines = (told, "" if finding.outcome.passes else said.clear)
    return Cell(finding.outcome.value, said.state_label, tuple(line for line in lines if line))


def _ageing(finding: Finding) -> Fact | None:
    """The evidence whose age at the start decides; None where something else does."""
    decided = finding.reason in (Reason.ANSWERED_AS_REQUIRED, Reason.OUTSIDE_WINDOW)
    return finding.evidence[0] if decided and finding.evidence and finding.valid_until else None


def _drawing(ahead: Ahead, pair: Pair) -> PlanDrawing | None:
    """The picture of a clause whose evidence ages, where that is what the plan changes."""
    kept, rule = _ageing(pair.now), ahead.voice.protocol.find_rule(pair.now.clause)
    if kept is None or pair.now.valid_until is None or pair.at is None or rule is None:
        return None
    starts = ((_("Now"), pair.was_at), (_("Afterwards"), pair.at))
    known = tuple((words, start) for words, start in starts if start)
    return drawing_of(ahead, Serving(rule.gate, kept, pair.now, pair.now.valid_until, known))


def _others_owed(ahead: Ahead, found: Preview) -> Iterator[Compared]:
    """What is owed besides the conditions of planned steps: evidence that is watched over, plans without an answer."""
    voice, rules = ahead.voice, {rule.id for rule in ahead.voice.protocol.rules}
    for key in sorted(found.after.deadlines.keys() | found.before.deadlines.keys()):
        before, after = found.before.deadlines.get(key), found.after.deadlines.get(key)
        row = after or before
        if row and row.clause not in rules and (before and before.status) != (after and after.status):
            yield Compared(clause_title(voice.protocol, row.clause, voice.language), _owed(before), _owed(after))


def _owed(row: OwedRow | None) -> Cell:
    if row is None:
        return Cell("", "", ("–",))
    status = DeadlineStatus(row.status)
    return Cell(DEADLINE_STATES.get(status, "missing"), str(status.label).capitalize(), ())


class _People:
    """Whoever is named in a preview, asked of the database once."""

    def __init__(self, voice: Voice, found: Preview) -> None:
        self._voice = voice
        rows = (*found.after.written_since(found.before), *found.after.withdrawn_since(found.before))
        keys = {row.recipient for row in rows}
        names = {each.recipient for each in (*found.newly_coming, *found.no_longer_coming)}
        users = list(User.objects.filter(Q(pk__in=keys) | Q(username__in=names)))
        self._names: dict[int | str, str] = {user.pk: person(user) for user in users}
        self._names |= {user.username: person(user) for user in users}

    def named(self, who: int | str, role: str) -> str:
        """Somebody, with the role she is told as."""
        return _("%(person)s (%(role)s)") % {"person": self._names[who], "role": role_words(self._voice, role)}


def _reminders(ahead: Ahead, found: Preview, people: _People) -> Iterator[Reminder]:
    """What is taken back first, then what is told at once, then what will be, as time goes."""
    voice = ahead.voice
    waiting = found.after.withdrawn_since(found.before)
    yield from _of_rows("gone", _("not sent yet"), waiting, voice, people)
    yield from _of_foreseen("gone", _until_the_start(ahead, found.before, found.no_longer_coming), voice, people)
    yield from _of_rows("at_once", _("at once"), found.after.written_since(found.before), voice, people)
    yield from _of_foreseen("coming", _until_the_start(ahead, found.after, found.newly_coming), voice, people)


def _until_the_start(ahead: Ahead, picture: Picture, rows: Iterable[Foreseen]) -> Iterator[Foreseen]:
    """Those that come before the start they are about; what a start without an answer brings is not foreseen here."""
    protocol = ahead.voice.protocol
    starts = {gate.step: gate.anchor for gate in picture.evaluation.planned}
    for row in rows:
        step = protocol.step_of(row.clause)
        start = starts.get(step) if step else None
        last = row.at == start and protocol.find_rule(row.clause) is not None
        if start is None or row.at < start or last:
            yield row


def _of_rows(how: str, when: str, rows: Iterable[MessageRow], voice: Voice, people: _People) -> Iterator[Reminder]:
    together: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        say = _said(row.say_zh if is_chinese(voice.language) and row.say_zh else row.say, row.kind)
        held = _("held until %(when)s") % {"when": voice.at(row.held_until)} if row.held_until else when
        together.setdefault((held, say), []).append(people.named(row.recipient, row.role))
    yield from (Reminder(how, at, say, listed(who)) for (at, say), who in together.items())


def _of_foreseen(how: str, rows: Iterable[Foreseen], voice: Voice, people: _People) -> Iterator[Reminder]:
    together: dict[tuple[datetime, str], list[str]] = {}
    for row in rows:
        say = _said(row.say_zh if is_chinese(voice.language) and row.say_zh else row.say, row.kind)
        together.setdefault((row.at, say), []).append(people.named(row.recipient, row.role))
    yield from (Reminder(how, voice.at(at), say, listed(who)) for (at, say), who in together.items())


def _said(say: str, kind: str) -> str:
    """What a message says, and why it comes."""
    if kind == NotificationKind.ESCALATED:
        return about(_("If nobody has acknowledged it"), say)
    return about(_("This no longer holds"), say) if kind == NotificationKind.WITHDRAWN else say

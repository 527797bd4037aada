"""How long evidence serves: the ends that the gates show, taken from their findings."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from tracker.charts.items import Item, Lane, Shape
from tracker.charts.words import middle, said_of, spanned
from tracker.wording import Voice, state_words
from tracker.wording.joining import about
from tracker.wording.limits import limit_of
from workflow.answers import Evaluation, Gate
from workflow.facts import Fact
from workflow.findings import Finding, Outcome, Reason
from workflow.site_calendar import SiteCalendar

Found = tuple[Lane, Item, str]
_MARKED = (Outcome.FAIL, Outcome.PENDING)
_NO_EVIDENCE = (Reason.ON_HOLD, Reason.OUT_OF_ORDER, Reason.JOURNEY_ENDED)
"""Findings about the journey itself: what they rest on stands on the timeline already."""


def lane_of(voice: Voice, subject: str) -> Lane:
    """The lane of everything about one concept."""
    return Lane(f"about-{subject}", voice.concept(subject))


def evidence_items(voice: Voice, calendar: SiteCalendar, evaluation: Evaluation) -> Iterator[Found]:
    """A bar for what serves, or served, up to an instant, and a mark for what stops a step; with the fact's key."""
    for gate in _judged(evaluation):
        for finding in _own(voice, gate):
            fact = finding.evidence[0]
            if finding.valid_until is not None:
                yield lane_of(voice, fact.concept), _bar(voice, calendar, gate, finding, evaluation.as_of), fact.key
            elif finding.outcome in _MARKED and not voice.protocol.has_end(fact.concept):
                yield lane_of(voice, fact.concept), _mark(voice, calendar, finding, fact), fact.key


def _judged(evaluation: Evaluation) -> Iterator[Gate]:
    """What was passed, what is planned, and the next step as if it started now where it is not planned."""
    yield from evaluation.passed
    yield from evaluation.planned
    step = evaluation.next_step
    if step and step in evaluation.gates and evaluation.planned_gate(step) is None:
        yield evaluation.gates[step]


def _own(voice: Voice, gate: Gate) -> Iterator[Finding]:
    """The findings of the gate's own rules that rest on a fact; of a choice, those of its parts."""
    for finding in gate.findings:
        rule = voice.protocol.find_rule(finding.clause)
        if rule and rule.gate is gate.step and finding.reason not in _NO_EVIDENCE:
            parts = finding.parts if finding.reason is Reason.PARTS else (finding,)
            yield from (part.of_clause(finding.clause) for part in parts if part.evidence)


def _bar(voice: Voice, calendar: SiteCalendar, gate: Gate, finding: Finding, now: datetime) -> Item:
    fact, expires = finding.evidence[0], finding.valid_until
    start, asked = calendar.start(fact.at), gate.anchor or now
    last = max(expires or start, start)
    valid = voice.through(last)
    is_over = last < asked
    pattern = _("valid until %(until)s, too old at the start") if is_over else _("valid until %(until)s")
    label = pattern % {"until": valid}
    return Item(
        f"about-{fact.concept}", Shape.VALID, start, _what(voice, fact, gate), spanned(voice, fact.at, last),
        _status(voice, gate, finding), label, about(voice.concept(fact.concept), label),
        end=max(last, asked) if is_over else last, expires=last, clause=finding.clause, outcome=finding.outcome.value,
    )  # fmt: skip


def _what(voice: Voice, fact: Fact, gate: Gate) -> str:
    words = {"said": said_of(voice, fact), "step": voice.label(voice.protocol.steps[gate.step])}
    return _("%(said)s; valid for “%(step)s”") % words


def _status(voice: Voice, gate: Gate, finding: Finding) -> str:
    word = state_words(finding.outcome)
    if gate.anchor is None:
        return word
    return _("%(state)s at the start on %(when)s") % {"state": word, "when": voice.at(gate.anchor)}


def _mark(voice: Voice, calendar: SiteCalendar, finding: Finding, fact: Fact) -> Item:
    said, needed = said_of(voice, fact), _needed(voice, finding)
    shape = Shape.FAILED if finding.outcome is Outcome.FAIL else Shape.HAPPENED
    label = voice.value(fact) if fact.value is not None else voice.at(fact.at)
    label = f"{label} · {needed}" if needed else label
    return Item(
        f"about-{fact.concept}", shape, middle(calendar, fact.at), said, voice.at(fact.at),
        _("%(state)s; %(needed)s") % {"state": state_words(finding.outcome), "needed": needed}
        if needed else state_words(finding.outcome),
        label, about(voice.concept(fact.concept), label), clause=finding.clause, outcome=finding.outcome.value,
    )  # fmt: skip


def _needed(voice: Voice, finding: Finding) -> str:
    """What a stopped step waits for: the earliest start, else the limit."""
    if finding.outcome is Outcome.PENDING:
        return _("result awaited")
    if finding.clearing and finding.clearing.starts_from:
        return _("earliest start %(when)s") % {"when": voice.at(finding.clearing.starts_from)}
    limit = limit_of(voice, finding)
    return _("needed: %(limit)s") % {"limit": limit} if limit else ""

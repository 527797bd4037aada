"""The card "May this step start?": every clause of a gate as a row, the blocking ones first, each with its button."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.access import Action
from tracker.admin.buttons import Button
from tracker.admin.hold_card import Newest, newest_version, release_button
from tracker.admin.recordable import panel_concepts, recordable
from tracker.models import Participant
from tracker.services.facts import action_for
from tracker.wording import Described, Voice, describe, distance_words
from tracker.wording.evidence import decisive
from workflow.answers import Evaluation, Gate
from workflow.findings import Finding, Outcome, Reason, Remedy
from workflow.stages import Step

ORDER = (Outcome.FAIL, Outcome.STALE, Outcome.MISSING, Outcome.PENDING, Outcome.MET, Outcome.NOT_APPLICABLE)


GLANCE = 4
"""So many open conditions are taken in at a glance; of more, what is to be done stands above them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One clause of the gate."""

    state: str
    words: Described
    buttons: tuple[Button, ...]
    parts: tuple[tuple[str, Described], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A gate as it is shown. `judged_for` says for which start it was judged."""

    step: Step
    label: str
    allowed: bool
    judged_for: str
    blocking: tuple[Row, ...]
    passing: tuple[Row, ...]
    summary: str
    shortcuts: tuple[tuple[Button, int], ...] = ()
    """Where many conditions are open: the first button of each, once, and how many of them it is for."""

    @property
    def open_count(self) -> int:
        """How many conditions stop the step."""
        return len(self.blocking)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a card is made: the words, the participant, and what the reader's roles permit."""

    voice: Voice
    participant: Participant
    may: Callable[[Action], bool]
    newest: Newest = newest_version
    """A page that holds every fact need not ask for each again."""


def card_of(reader: Reader, gate: Gate, now: datetime) -> Card:
    """The card of one judged gate."""
    voice = reader.voice
    ordered = sorted(gate.findings, key=lambda finding: ORDER.index(finding.outcome))
    rows = [(finding, _row(reader, finding, gate.step)) for finding in ordered]
    blocking = tuple(row for finding, row in rows if not finding.outcome.passes)
    return Card(
        step=gate.step,
        label=voice.label(voice.protocol.steps[gate.step]),
        allowed=gate.allowed,
        judged_for=_judged_for(voice, gate, now),
        blocking=blocking,
        passing=tuple(row for finding, row in rows if finding.outcome.passes),
        summary=counted(gate),
        shortcuts=_shortcuts(blocking),
    )


def worst_state(gate: Gate) -> str:
    """The state of a gate in one word: that of the worst finding, `met` where nothing stops the step."""
    return min((finding.outcome for finding in gate.blocking), key=ORDER.index, default=Outcome.MET).value


def next_gate(evaluation: Evaluation) -> Gate | None:
    """The gate of the step that comes next: judged for its plan where there is one still ahead, otherwise for now."""
    step = evaluation.next_step
    if step is None or step not in evaluation.gates:
        return None
    now = evaluation.gates[step]
    planned = evaluation.planned_gate(step)
    if planned is None or planned.anchor is None or planned.anchor < evaluation.as_of:
        return now
    # The journey's own refusal does not hide what else the planned start will ask for.
    return planned if now.in_order else replace(planned, findings=now.findings + planned.findings)


def _judged_for(voice: Voice, gate: Gate, now: datetime) -> str:
    if gate.anchor is None:
        return _("judged for a start now, %(now)s") % {"now": voice.at(now.replace(second=0, microsecond=0))}
    words = {"start": voice.at(gate.anchor), "distance": distance_words(gate.anchor, now)}
    return _("judged for the planned start, %(start)s, %(distance)s") % words


def _shortcuts(blocking: Iterable[Row]) -> tuple[tuple[Button, int], ...]:
    """Nothing where all open conditions can be taken in at a glance, or none has a button."""
    first = Counter(row.buttons[0] for row in blocking if row.buttons)
    return tuple(first.items()) if first.total() > GLANCE else ()


def counted(gate: Gate) -> str:
    """How many conditions stop a step, of how many."""
    number, words = len(gate.findings), {"number": len(gate.findings), "open": len(gate.blocking)}
    if not number:
        return _("No condition guards this step.")
    if gate.blocking:
        said = ngettext("Its one condition is open.", "%(open)d of %(number)d conditions are open.", number)
    else:
        said = ngettext(
            "Its one condition is met or does not apply.", "All %(number)d conditions are met or do not apply.", number
        )
    return said % words


def _row(reader: Reader, finding: Finding, step: Step) -> Row:
    voice = reader.voice
    words = describe(finding, voice.protocol, voice.zone, voice.language, voice.as_of)
    if finding.outcome.passes:
        return Row(finding.outcome.value, words, ())
    found: dict[tuple[str, bool], Button] = {}
    for part in _asked(finding):
        for button in _buttons(reader, part, step):
            found.setdefault((button.url, button.post), button)
    shown = finding.parts if finding.reason in (Reason.PARTS, Reason.DEPENDS_ON_UNKNOWN) else ()
    parts = tuple((part.outcome.value, said) for part, said in zip(shown, words.parts, strict=False))
    return Row(finding.outcome.value, words, tuple(found.values())[:3], parts)


def _asked(finding: Finding) -> Iterator[Finding]:
    """The findings whose remedies clear this one: each open part of a choice, else the finding itself.

    What would show that the clause does not apply at all comes first.
    """
    if finding.unless:
        yield from _asked(finding.unless)
    if finding.reason is Reason.PARTS:
        yield decisive(finding)
        yield from (part for part in finding.parts if not part.outcome.passes)
    else:
        yield finding


def _buttons(reader: Reader, finding: Finding, step: Step) -> Iterator[Button]:
    """What the reader may do about a finding."""
    remedy = finding.clearing.remedy if finding.clearing else Remedy.NOTHING
    if remedy is Remedy.WAIT_UNTIL and reader.may(Action.PLAN):
        yield Button(_("Plan for later…"), reverse("admin:tracker_plan", args=[reader.participant.pk, step.value]))
    elif remedy is Remedy.RELEASE:
        releases = (release_button(reader.participant, fact, reader.may, reader.newest) for fact in finding.evidence)
        yield from (button for button in releases if button)
    elif reader.may(Action.RECORD_FACT):
        yield from _records(reader, finding, remedy)


def _records(reader: Reader, finding: Finding, remedy: Remedy) -> Iterator[Button]:
    voice = reader.voice
    if remedy in (Remedy.WAIT_FOR_RESULT, Remedy.END_OF_EVENT, Remedy.ADD_UPPER_LIMIT):
        yield from _about_a_fact(reader, finding, remedy)
    elif remedy is Remedy.DOCUMENT_LOOK_BACK:
        yield Button(_("Document look-back"), reverse("admin:tracker_therapy", args=[reader.participant.pk]))
    elif remedy in (Remedy.RECORD, Remedy.NEW_SAMPLE, Remedy.NEW_VALUE, Remedy.EARLIER_STEP):
        for concept in _inputs(voice, finding):
            yield from _record(reader, concept, is_missing=finding.outcome is Outcome.MISSING)


def _inputs(voice: Voice, finding: Finding) -> tuple[str, ...]:
    """The concepts to record for a finding: for a calculated one, what it is calculated from."""
    derivation = voice.protocol.derivation_of(finding.subject) if finding.subject in voice.protocol.concepts else None
    return tuple(derivation.inputs.values()) if derivation else (finding.subject,)


def _about_a_fact(reader: Reader, finding: Finding, remedy: Remedy) -> Iterator[Button]:
    label, page = {
        Remedy.WAIT_FOR_RESULT: (_("Enter the result"), "result"),
        Remedy.END_OF_EVENT: (_("Record its end"), "end"),
        Remedy.ADD_UPPER_LIMIT: (_("Add the upper limit"), "correct"),
    }[remedy]
    for fact in finding.evidence[:1]:
        row = reader.newest(fact.key)
        if row is not None:
            yield Button(label, reverse(f"admin:tracker_fact_{page}", args=[reader.participant.pk, row.pk]))


def _record(reader: Reader, name: str, *, is_missing: bool) -> Iterator[Button]:
    """Where a concept is recorded; nothing for whose roles include recording, but not of this one."""
    voice, participant = reader.voice, reader.participant
    offered = {concept.id: concept for concept in recordable(voice.protocol)}
    concept = offered.get(name)
    if concept is None or not reader.may(action_for(name, voice.protocol)):
        return
    if concept in panel_concepts(voice.protocol):
        yield Button(_("Enter results"), reverse("admin:tracker_panel", args=[participant.pk]))
        return
    if concept.kind == "answer" and is_missing:
        yield Button(_("Answer the questions"), reverse("admin:tracker_answers", args=[participant.pk]))
        return
    form = reverse("admin:tracker_fact_add", args=[participant.pk, name])
    if concept.kind == "result":
        drawn = _("Sample drawn now: %(concept)s") % {"concept": voice.concept(name)}
        yield Button(drawn, reverse("admin:tracker_sample", args=[participant.pk, name]), post=True)
        yield Button(_("Sample with its time…"), form)
    else:
        yield Button(_("Record: %(concept)s") % {"concept": voice.concept(concept.id)}, form)

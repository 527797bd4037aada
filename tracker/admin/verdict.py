"""The foot of the next gate: the step's button where it may be pressed; else why not, who may, and until when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.access import action_of, roles_that_may
from tracker.admin.alert_card import role_words
from tracker.admin.buttons import Button
from tracker.admin.gate_card import Reader, counted
from tracker.admin.step_words import step_label
from tracker.models import StepRecord
from tracker.wording import Voice
from tracker.wording.evidence import decisive
from tracker.wording.joining import listed
from workflow.answers import Evaluation, Gate
from workflow.findings import Finding, Outcome, Reason, Remedy
from workflow.stages import Stage, Step

_AT_ONCE = (
    Remedy.RECORD, Remedy.NEW_SAMPLE, Remedy.NEW_VALUE, Remedy.DOCUMENT_LOOK_BACK, Remedy.ADD_UPPER_LIMIT,
)  # fmt: skip
"""What staff can do about a finding now, without waiting for anything."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be done about the step that comes next. `button` is None where it may not be pressed now.

    `why` are the sentences beside the button, the first one the answer; `instead` starts the step now where only its
    planned start is stopped; `report` is for a step that has already happened.
    """

    label: str
    button: Button | None
    why: tuple[str, ...]
    instead: Button | None = None
    report: Button | None = None


def verdict_of(reader: Reader, evaluation: Evaluation, gate: Gate | None) -> Verdict | None:
    """The foot of `gate`, the next step's own or, where it has none, of that step alone; None once nothing follows."""
    step = evaluation.next_step
    if step is None:
        return None
    now = evaluation.gates.get(step)
    offered = offer_of(reader, step)
    is_open = gate is None or (gate.allowed and now is not None and now.allowed)
    return Verdict(
        label=step_label(reader.voice, step),
        button=offered if is_open else None,
        why=tuple(_why(reader, step, gate, now, is_offered=offered is not None)),
        instead=offered if gate and not gate.allowed and now and now.allowed else None,
        report=_report(offered) if offered and not is_open else None,
    )


def offer_of(reader: Reader, step: Step) -> Button | None:
    """The button of a step, if there is an edge from here and the roles include it."""
    if step not in reader.participant.possible_steps() or not reader.may(action_of(step)):
        return None
    return Button(
        step_label(reader.voice, step), reverse("admin:tracker_step", args=[reader.participant.pk, step.value])
    )


def _report(offered: Button) -> Button:
    return Button(_("It has already happened: report it"), f"{offered.url}?report=1")


def _why(reader: Reader, step: Step, gate: Gate | None, now: Gate | None, *, is_offered: bool) -> Iterator[str]:
    voice = reader.voice
    if gate is None or now is None:
        yield _("No condition guards this step.")
    elif gate.allowed and now.allowed:
        yield counted(gate)
        yield from _until(voice, now)
    elif gate.allowed:
        yield _("As planned it may start; not now.")
        yield from _clearing(voice, now)
    else:
        yield counted(gate)
        yield from _clearing(voice, gate)
        yield from (sentence for sentence in _instead(voice, now) if now.allowed)
    if not is_offered or (gate and not gate.allowed):
        yield _who(voice, step)


def _until(voice: Voice, gate: Gate) -> Iterator[str]:
    """Until when a step that may start now may still start, by what is on record."""
    last = last_start(gate)
    if last:
        yield _("It may start until %(until)s.") % {"until": voice.through(last)}


def last_start(gate: Gate) -> datetime | None:
    """The last start (closed) that all the evidence of a gate serves; None where none of it expires."""
    return min(
        (each.valid_until for each in gate.findings if each.outcome is Outcome.MET and each.valid_until), default=None
    )


def _clearing(voice: Voice, gate: Gate) -> Iterator[str]:
    """When all that stops a gate can clear, as far as that is known."""
    stopping = [decisive(finding) for finding in gate.blocking]
    earliest = [each.clearing.starts_from for each in stopping if each.clearing and each.clearing.starts_from]
    if any(_never(each) for each in stopping):
        yield _("Nothing that may still be recorded clears it.")
    elif earliest:
        yield _("Not before %(when)s.") % {"when": voice.at(max(earliest))}
    elif all(_at_once(voice, each) for each in stopping):
        yield _all_can(voice, gate, len(stopping))


def _all_can(voice: Voice, gate: Gate, number: int) -> str:
    if gate.anchor is None:
        return ngettext("It can clear now.", "All of them can clear now.", number)
    words = {"start": voice.at(gate.anchor)}
    return ngettext("It can clear before %(start)s.", "All of them can clear before %(start)s.", number) % words


def _never(finding: Finding) -> bool:
    return finding.clearing is not None and finding.clearing.remedy is Remedy.NOTHING


def _at_once(voice: Voice, finding: Finding) -> bool:
    """Whether staff can clear a finding without waiting; an attested answer changes only if the truth does."""
    clearing = finding.clearing
    if clearing is None or clearing.remedy not in _AT_ONCE:
        return False
    may_be_late = clearing.draw_by is not None and voice.as_of is not None and clearing.draw_by < voice.as_of
    return finding.reason is not Reason.ANSWERED_OTHERWISE and not may_be_late


def _instead(voice: Voice, now: Gate) -> Iterator[str]:
    last = last_start(now)
    yield (
        _("A start now would be allowed, until %(until)s.") % {"until": voice.through(last)}
        if last
        else _("A start now would be allowed.")
    )


def _who(voice: Voice, step: Step) -> str:
    """Who may take a step, and that whoever takes it signs, where the protocol asks for a signature."""
    definition = voice.protocol.steps.get(step)
    words = {"roles": listed(role_words(voice, role) for role in roles_that_may(action_of(step)))}
    if definition and definition.signed:
        return _("Who may take this step, and signs it: %(roles)s.") % words
    return _("Who may take this step: %(roles)s.") % words


def nothing_next(voice: Voice, evaluation: Evaluation, standing: Sequence[StepRecord], stage: Stage) -> str:
    """Why no step follows, since when, and what can still be recorded; "" while one follows."""
    if evaluation.next_step is not None:
        return ""
    if not stage.is_terminal or not standing:
        return _(
            "The treatment ended before it began: see above. What happens to the participant can still be recorded."
        )
    words = {"stage": voice.label(voice.protocol.stages[stage]), "since": voice.at(standing[-1].happened_at)}
    return _("%(stage)s since %(since)s. Facts can still be recorded and corrected.") % words

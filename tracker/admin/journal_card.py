"""The journal: steps, facts and alerts in the order in which they were recorded, newest first; nothing is removed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import Action, action_of
from tracker.admin.alert_card import person
from tracker.admin.fact_card import value_words, when_words
from tracker.admin.recordable import step_concepts
from tracker.models import Alert, FactStatus, Participant, RecordedFact, StepRecord
from tracker.wording import Voice, rules_words
from tracker.wording.joining import phrased
from workflow.stages import Stage, Step

KINDS = ("step", "fact", "plan", "alert")
CORRECTIONS = "correction"
"""What the journal can be narrowed down to: one kind of entry, or whatever corrects an earlier one."""

_PLANS = (FactStatus.PLANNED, FactStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Change:
    """One particular as it was before and as it is now; `old` is "" for what a correction left alone."""

    new: str
    old: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `strong` is what was done, `rest` the particulars, `changes` those of a correction."""

    at: datetime
    when: str
    strong: str
    rest: str
    reason: str
    by: str
    kind: str = "alert"
    changes: tuple[Change, ...] = ()
    versions: str = ""
    """The key of the fact whose versions can be compared; "" where there is only one."""
    corrects: bool = False
    known: str = ""
    """The instant to show the page at, as it was known then; "" for what decided nothing."""
    struck: str = ""
    """What became of a step that was corrected since: by whom, when and why; "" for what stands."""
    correct_url: str = ""
    """Where a step that stands is corrected, by those who may."""

    @property
    def before(self) -> str:
        """What a correction replaced, in words."""
        return phrased(change.old for change in self.changes)

    @property
    def said(self) -> str:
        """The particulars as they stand."""
        return phrased(change.new for change in self.changes) if self.changes else self.rest


def journal(
    voice: Voice, participant: Participant, rows: list[RecordedFact], steps: list[StepRecord],
    may: Callable[[Action], bool],
) -> list[Entry]:  # fmt: skip
    """Every entry, newest first; a correction stands beside what it corrects."""
    by_steps = step_concepts(voice.protocol)
    taken = {step.fact_id for step in steps}
    later = {step.corrects_id: step for step in steps if step.corrects_id}
    versions = {(row.key, row.version): row for row in rows}
    entries = [
        *(_step(voice, step, later.get(step.pk), may) for step in steps),
        *(_fact(voice, row, versions.get((row.key, row.version - 1)), by_steps) for row in rows if row.pk not in taken),
        *_alerts(voice, participant),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _step(voice: Voice, step: StepRecord, later: StepRecord | None, may: Callable[[Action], bool]) -> Entry:
    at = step.recorded_at
    stands = later is None and not step.in_error
    correctable = stands and may(action_of(Step(step.step)))
    return Entry(
        at, voice.at(at), _moved(voice, step), _particulars(voice, step), step.reason, person(step.recorded_by),
        kind="step", corrects=step.corrects_id is not None, known="" if step.in_error else at.isoformat(),
        struck=_struck(voice, later) if later else "",
        correct_url=reverse("admin:tracker_step_correct", args=[step.participant_id, step.pk]) if correctable else "",
    )  # fmt: skip


def _moved(voice: Voice, step: StepRecord) -> str:
    """From which stage to which; of a correction, that it is one."""
    labels = voice.protocol.stages
    moved = f"{voice.label(labels[Stage(step.from_stage)])} → {voice.label(labels[Stage(step.to_stage)])}"
    if step.in_error:
        return _("Taken back: %(moved)s") % {"moved": moved}
    return _("Time corrected: %(moved)s") % {"moved": moved} if step.corrects_id else moved


def _particulars(voice: Voice, step: StepRecord) -> str:
    if step.in_error:
        words = {"step": step.get_step_display(), "when": voice.at(step.happened_at)}
        said = _("%(step)s of %(when)s was recorded in error") % words
        planned = {"when": voice.at(step.fact.moment)}
        again = _("planned again for %(when)s") % planned if step.fact.status == FactStatus.PLANNED else ""
        return phrased([said, again])
    rules = rules_words(step.protocol_version, step.protocol_hash)
    rest = _("happened %(when)s, %(rules)s") % {"when": voice.at(step.happened_at), "rules": rules}
    return phrased([rest, _("reported afterwards")]) if step.reported_afterwards else rest


def _struck(voice: Voice, later: StepRecord) -> str:
    words = {"person": person(later.recorded_by), "when": voice.at(later.recorded_at), "reason": later.reason}
    if later.in_error:
        return _("recorded in error, said %(person)s on %(when)s: “%(reason)s”") % words
    return _("corrected by %(person)s on %(when)s: “%(reason)s”") % words


def _fact(voice: Voice, row: RecordedFact, before: RecordedFact | None, by_steps: frozenset[str]) -> Entry:
    strong = _pattern(row, is_step=row.concept in by_steps) % {"concept": voice.concept(row.concept)}
    replaced = before if before and (row.reason or row.status == FactStatus.PLANNED) else None
    is_alone = row.version == 1 or row.concept in by_steps
    return Entry(
        row.recorded_at, voice.at(row.recorded_at), strong, phrased(_parts(voice, row)), row.reason,
        person(row.recorded_by), kind="plan" if row.status in _PLANS else "fact",
        changes=_changes(voice, row, replaced) if replaced else (), versions="" if is_alone else str(row.key),
        corrects=bool(replaced),
    )  # fmt: skip


def _parts(voice: Voice, row: RecordedFact) -> tuple[str, str, str]:
    return value_words(voice, row), when_words(voice, row), row.detail


def _changes(voice: Voice, row: RecordedFact, before: RecordedFact) -> tuple[Change, ...]:
    """Each particular, the changed ones with what they were; of what was withdrawn or cancelled nothing stays."""
    if row.status in (FactStatus.ENTERED_IN_ERROR, FactStatus.CANCELLED):
        return (Change("", phrased(_parts(voice, before))),)
    pairs = zip(_parts(voice, before), _parts(voice, row), strict=True)
    return tuple(Change(new, old if old != new else "") for old, new in pairs if old or new)


def only(entries: list[Entry], kind: str | None) -> list[Entry]:
    """The entries of one kind, or those that correct an earlier one; all of them for anything else."""
    if kind == CORRECTIONS:
        return [entry for entry in entries if entry.corrects]
    return [entry for entry in entries if entry.kind == kind] if kind in KINDS else entries


def kind_words(kind: str) -> str:
    """What a kind of entry is called, in the active language."""
    return {
        "step": _("step"), "fact": _("fact"), "plan": _("plan"), "alert": _("alert"), CORRECTIONS: _("correction"),
    }[kind]  # fmt: skip


def _pattern(row: RecordedFact, *, is_step: bool) -> str:
    """What was done to the fact by this version."""
    if row.status == FactStatus.PLANNED:
        return _("Planned: %(concept)s") if row.version == 1 else _("Plan moved: %(concept)s")
    if row.status == FactStatus.CANCELLED:
        return _("Plan cancelled: %(concept)s")
    if row.status == FactStatus.ENTERED_IN_ERROR:
        return _("Entered in error: %(concept)s")
    if row.version > 1 and row.reason and not is_step:
        return _("Corrected: %(concept)s")
    return "%(concept)s"


def _alerts(voice: Voice, participant: Participant) -> Iterator[Entry]:
    alerts = Alert.objects.filter(deadline__participant=participant).select_related("deadline", "acknowledged_by")
    for alert in alerts:
        say = alert.say_in(voice.language)
        yield Entry(alert.raised_at, voice.at(alert.raised_at), _("Alert raised"), say, "", "Daymark")
        if alert.acknowledged_at and alert.acknowledged_by:
            by, at = person(alert.acknowledged_by), alert.acknowledged_at
            yield Entry(at, voice.at(at), _("Alert acknowledged"), say, alert.acknowledged_note, by)
        if alert.resolved_at:
            why = str(alert.get_resolution_display())
            at = alert.resolved_at
            yield Entry(at, voice.at(at), _("Alert resolved: %(why)s") % {"why": why}, say, "", "Daymark")

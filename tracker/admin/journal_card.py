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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `strong` is what was done, `rest` the particulars."""

    at: datetime
    when: str
    strong: str
    rest: str
    reason: str
    by: str
    known: str = ""
    """The instant to show the page at, as it was known then; "" for what decided nothing."""
    struck: str = ""
    """What became of a step that was corrected since: by whom, when and why; "" for what stands."""
    correct_url: str = ""
    """Where a step that stands is corrected, by those who may."""


def journal(
    voice: Voice, participant: Participant, rows: list[RecordedFact], steps: list[StepRecord],
    may: Callable[[Action], bool],
) -> list[Entry]:  # fmt: skip
    """Every entry, newest first; a correction stands beside what it corrects."""
    by_steps = step_concepts(voice.protocol)
    taken = {step.fact_id for step in steps}
    later = {step.corrects_id: step for step in steps if step.corrects_id}
    entries = [
        *(_step(voice, step, later.get(step.pk), may) for step in steps),
        *(_fact(voice, row, by_steps) for row in rows if row.pk not in taken),
        *_alerts(voice, participant),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _step(voice: Voice, step: StepRecord, later: StepRecord | None, may: Callable[[Action], bool]) -> Entry:
    at = step.recorded_at
    stands = later is None and not step.in_error
    correctable = stands and may(action_of(Step(step.step)))
    return Entry(
        at, voice.at(at), _moved(voice, step), _particulars(voice, step), step.reason, person(step.recorded_by),
        "" if step.in_error else at.isoformat(), _struck(voice, later) if later else "",
        reverse("admin:tracker_step_correct", args=[step.participant_id, step.pk]) if correctable else "",
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


def _fact(voice: Voice, row: RecordedFact, by_steps: frozenset[str]) -> Entry:
    said = phrased([value_words(voice, row), when_words(voice, row), row.detail])
    strong = _pattern(row, is_step=row.concept in by_steps) % {"concept": voice.concept(row.concept)}
    return Entry(row.recorded_at, voice.at(row.recorded_at), strong, said, row.reason, person(row.recorded_by))


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

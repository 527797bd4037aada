"""Everything recorded about a participant, by kind and newest first, with every version of it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import Action
from tracker.admin.alert_card import person
from tracker.admin.buttons import Button
from tracker.admin.plan_card import is_planned
from tracker.admin.recordable import Group, group_key, group_titles, step_concepts
from tracker.evaluation import fact_of
from tracker.models import FactStatus, Participant, RecordedFact
from tracker.services.facts import action_for
from tracker.wording import Voice
from tracker.wording.joining import phrased, told_together
from tracker.wording.voice import is_sample
from workflow.concepts import Concept
from workflow.versions import CONSENT

SHOWN_AT_FIRST = 10
"""How many facts of a kind stand open; the template counts to the same number."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one fact in words."""

    said: str
    recorded: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact: what holds now, what was said before, and what may be done about it."""

    key: str
    concept: str
    said: str
    when: str
    detail: str
    withdrawn: bool
    waiting: bool
    recorded: str
    by: str
    reason: str
    before: tuple[Version, ...]
    history: str
    """Where every version of it is read, each with its reason."""
    buttons: tuple[Button, ...]

    @property
    def replaced(self) -> str:
        """What the latest correction replaced; "" where nothing was corrected: a result completes its sample."""
        return self.before[0].said if self.before and self.reason and not self.withdrawn else ""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts under one heading."""

    group: Group
    rows: tuple[FactRow, ...]

    @property
    def older(self) -> int:
        """How many of them unfold; the newest stand open."""
        return max(len(self.rows) - SHOWN_AT_FIRST, 0)


def fact_groups(
    voice: Voice, participant: Participant, rows: list[RecordedFact], may: Callable[[Action], bool]
) -> list[FactGroup]:
    """Every fact but plans and steps, which stand elsewhere on the page, by kind and newest first."""
    by_key: dict[object, list[RecordedFact]] = {}
    for row in sorted(rows, key=lambda row: row.version):
        by_key.setdefault(row.key, []).append(row)
    concepts, by_steps = voice.protocol.concepts, step_concepts(voice.protocol)
    shown: dict[str, list[tuple[RecordedFact, FactRow]]] = {}
    for versions in by_key.values():
        concept = concepts.get(versions[-1].concept)
        if concept and concept.id not in by_steps and not is_planned(versions[-1]):
            said = _fact_row(
                voice, participant, concept, versions, may_record=may(action_for(concept.id, voice.protocol))
            )
            shown.setdefault(group_key(concept), []).append((versions[-1], said))
    return [
        FactGroup(Group(key, title, ()), tuple(said for _row, said in sorted(shown[key], key=_newest_first)))
        for key, title in group_titles().items()
        if key in shown
    ]


def _newest_first(pair: tuple[RecordedFact, FactRow]) -> float:
    return -pair[0].at.timestamp()


def _fact_row(
    voice: Voice, participant: Participant, concept: Concept, versions: list[RecordedFact], *, may_record: bool
) -> FactRow:
    last = versions[-1]
    withdrawn = last.status == FactStatus.ENTERED_IN_ERROR
    waiting = is_waiting(concept, last)
    shown = may_record and not withdrawn
    return FactRow(
        key=str(last.key),
        concept=voice.label(concept),
        said=value_words(voice, last),
        when=when_words(voice, last),
        detail=detail_words(last),
        withdrawn=withdrawn,
        waiting=waiting,
        recorded=voice.at(last.recorded_at),
        by=person(last.recorded_by),
        reason=last.reason,
        before=tuple(_version(voice, row) for row in reversed(versions[:-1])),
        history=reverse("admin:tracker_fact_history", args=[participant.pk, last.pk]),
        buttons=tuple(_buttons(participant, concept, last, waiting=waiting)) if shown else (),
    )


def is_waiting(concept: Concept, row: RecordedFact) -> bool:
    """Whether a sample was collected whose result is not recorded yet."""
    return is_sample(concept) and not row.value and row.status == FactStatus.DONE


def value_words(voice: Voice, row: RecordedFact) -> str:
    """What a row says: its value, or that the result is awaited; "" for what has no value."""
    concept = voice.protocol.concepts.get(row.concept)
    if not row.value:
        return _("result awaited") if concept and is_sample(concept) else ""
    if row.concept == CONSENT:
        return _("to protocol version %(version)s") % {"version": row.value}
    words = voice.value(fact_of(row, voice.protocol, row.zone))
    if row.upper_limit:
        words += " " + _("(upper limit %(limit)s)") % {"limit": row.upper_limit}
    return words


def when_words(voice: Voice, row: RecordedFact) -> str:
    """When a row's fact was, with its end, and when the result was out."""
    words = voice.at(row.moment)
    if row.until_moment:
        words = _("%(start)s to %(end)s") % {"start": words, "end": voice.at(row.until_moment)}
    elif voice.protocol.has_end(row.concept) and row.status == FactStatus.DONE:
        words = _("since %(start)s, no end recorded") % {"start": words}
    if row.resulted_at:
        words = told_together([words, _("result out %(when)s") % {"when": voice.at(row.resulted_at)}])
    return words


def detail_words(row: RecordedFact) -> str:
    """What else is known: what it was, how much and how it was given, and what was asked about it."""
    asked = _("checked: people usually have %(range)s") % {"range": row.questioned} if row.questioned else ""
    return " · ".join(filter(None, (row.detail, row.dose, row.route, asked)))


def _version(voice: Voice, row: RecordedFact) -> Version:
    said = phrased([value_words(voice, row), when_words(voice, row), detail_words(row)])
    return Version(said, voice.at(row.recorded_at), person(row.recorded_by), row.reason)


def _buttons(participant: Participant, concept: Concept, row: RecordedFact, *, waiting: bool) -> list[Button]:
    def page(name: str) -> str:
        return reverse(f"admin:tracker_fact_{name}", args=[participant.pk, row.pk])

    buttons = []
    if waiting:
        buttons.append(Button(_("Enter the result"), page("result")))
    if concept.kind == "interval" and row.until is None:
        buttons.append(Button(_("Record its end"), page("end")))
    return [*buttons, Button(_("Correct"), page("correct")), Button(_("Entered in error"), page("withdraw"))]

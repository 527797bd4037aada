"""Holds that stand: why, since when, and what ends each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import Action
from tracker.admin.buttons import Button
from tracker.evaluation import deviation_key
from tracker.models import Participant, RecordedFact
from tracker.wording import Voice
from workflow.facts import Fact
from workflow.timeline import Timeline

Newest = Callable[[str], RecordedFact | None]
"""Finds the newest version of a recorded fact by its key."""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold that has not ended."""

    why: str
    since: str
    of_study: bool
    button: Button | None


@dataclass(frozen=True, slots=True)
class HoldCard:
    """Every hold of a participant, and how to put another one."""

    rows: tuple[HoldRow, ...]
    buttons: tuple[Button, ...]


def newest_version(key: str) -> RecordedFact | None:
    """The newest version of a recorded fact; None where no fact has this key."""
    return RecordedFact.objects.filter(key=key).order_by("-version").first()


def hold_card(
    voice: Voice, participant: Participant, timeline: Timeline, may: Callable[[Action], bool], now: datetime,
    *, newest: Newest = newest_version,
) -> HoldCard:  # fmt: skip
    """The holds that stand now: the participant's, the study's, and the deviations that nobody signed."""
    start = timeline.calendar.start
    standing = [
        fact
        for fact in timeline.done(voice.protocol.hold.concept)
        if start(fact.at) <= now and (fact.until is None or start(fact.until) > now)
    ]
    rows = tuple(_row(voice, participant, fact, may, newest) for fact in standing)
    return HoldCard(rows, () if participant.ended else tuple(_put_on_hold(voice, participant, may)))


def release_button(
    participant: Participant, fact: Fact, may: Callable[[Action], bool], newest: Newest = newest_version
) -> Button | None:
    """What ends a hold: the signature under its deviation, or its end. None for whoever may not."""
    if (deviation := deviation_key(fact.key)) is not None:
        return Button(_("Open the deviation"), reverse("admin:tracker_deviation_change", args=[deviation]))
    row = newest(fact.key) if may(Action.HOLD) else None
    if row is None:
        return None
    page = "fact_end" if row.participant_id else "study_hold_end"
    return Button(_("End the hold…"), reverse(f"admin:tracker_{page}", args=[participant.pk, row.pk]))


def _row(
    voice: Voice, participant: Participant, fact: Fact, may: Callable[[Action], bool], newest: Newest
) -> HoldRow:  # fmt: skip
    row = None if deviation_key(fact.key) is not None else newest(fact.key)
    of_study = row is not None and row.participant_id is None
    return HoldRow(fact.detail, voice.at(fact.at), of_study, release_button(participant, fact, may, newest))


def _put_on_hold(voice: Voice, participant: Participant, may: Callable[[Action], bool]) -> Iterator[Button]:
    if may(Action.HOLD):
        here = [participant.pk, voice.protocol.hold.concept]
        yield Button(_("Put on hold…"), reverse("admin:tracker_fact_add", args=here))
        yield Button(_("Hold the whole study…"), reverse("admin:tracker_study_fact", args=here))

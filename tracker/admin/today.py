"""Today: what is to be done, across everybody the reader may see, in the order in which it is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import participants_visible_to
from tracker.admin.alert_card import AlertWords, alert_words
from tracker.admin.pages import staff
from tracker.admin.plan_card import OWED, DeadlineRow, deadline_row
from tracker.evaluation import protocol_of
from tracker.models import Alert, AlertStatus, DeadlineStatus, Participant, TrackedDeadline
from tracker.wording import Voice
from workflow.stages import Stage

SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Work:
    """One thing owed for one participant."""

    subject: str
    stage: str
    url: str
    row: DeadlineRow
    step: str


@dataclass(frozen=True, slots=True)
class Section:
    """What is due in one stretch of time."""

    title: str
    state: str
    work: tuple[Work, ...]


def today_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the first page of the admin."""
    now = timezone.now()
    mine = participants_visible_to(staff(request), now)
    language = get_language() or "en"
    context.update(
        title=_("Today"),
        alerts=_alerts(mine, language, now),
        sections=_sections(mine, language, now),
        board=_board(mine, language),
    )
    return context


def _voice(participant: Participant, language: str, now: datetime) -> Voice:
    return Voice(protocol_of(participant), participant.zone, language, now)


def _alerts(mine: Any, language: str, now: datetime) -> list[tuple[str, str, AlertWords]]:
    """The alerts that nobody has acknowledged, urgent first, each with its participant."""
    related = ("deadline__participant__study", "deadline__participant__site", "acknowledged_by")
    raised = Alert.objects.filter(deadline__participant__in=mine, status=AlertStatus.RAISED)
    return [
        (
            alert.deadline.participant.subject_number,
            _url(alert.deadline.participant),
            alert_words(_voice(alert.deadline.participant, language, now), alert, now),
        )
        for alert in raised.select_related(*related).prefetch_related("notifications__recipient")
    ]


def _sections(mine: Any, language: str, now: datetime) -> list[Section]:
    owed = TrackedDeadline.objects.filter(participant__in=mine, status__in=OWED, due_at__isnull=False)
    rows = list(owed.select_related("participant__study", "participant__site").order_by("due_at", "pk"))
    late = [row for row in rows if row.status == DeadlineStatus.OVERDUE or (row.due_at and row.due_at < now)]
    soon = [row for row in rows if row not in late and row.due_at and row.due_at <= now + SOON]
    later = [row for row in rows if row not in late and row not in soon]
    parts = ((_("Overdue"), "fail", late), (_("Due within 48 hours"), "stale", soon), (_("Upcoming"), "missing", later))
    return [
        Section(title, state, tuple(_work(row, language, now) for row in found))
        for title, state, found in parts
        if found
    ]


def _work(deadline: TrackedDeadline, language: str, now: datetime) -> Work:
    participant = deadline.participant
    voice = _voice(participant, language, now)
    step = voice.protocol.step_of(deadline.clause)
    return Work(
        subject=participant.subject_number,
        stage=voice.label(voice.protocol.stages[Stage(participant.stage)]),
        url=_url(participant),
        row=deadline_row(voice, deadline, now),
        step=voice.label(voice.protocol.steps[step]) if step else "",
    )


def _board(mine: Any, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who is in which stage; stages that end the journey early are shown only where somebody is in them."""
    people = list(mine.select_related("study", "site").order_by("subject_number"))
    if not people:
        return []
    labels = protocol_of(people[0]).stages
    label = "label_zh" if language.startswith("zh") else "label"
    columns = []
    for stage in Stage:
        here = [(each.subject_number, _url(each)) for each in people if each.stage == stage.value]
        if here or not stage.is_terminal or stage is Stage.COMPLETED:
            columns.append((str(getattr(labels[stage], label)), here))
    return columns


def _url(participant: Participant) -> str:
    return reverse("admin:tracker_participant_change", args=[participant.pk])

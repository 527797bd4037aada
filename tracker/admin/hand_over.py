"""The hand-over sheet: for the next shift, one page for each site of a study. It names no value and no result."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import participants_visible_to
from tracker.admin.alert_card import person
from tracker.admin.pages import staff
from tracker.admin.paper import paper
from tracker.admin.plan_card import OWED
from tracker.admin.step_words import step_label
from tracker.admin.today_items import SOON
from tracker.evaluation import evaluate_participant, protocol_of
from tracker.models import Alert, AlertStatus, DeadlineStatus, Participant, Site, Study, TrackedDeadline
from tracker.wording import Voice, clause_title, zone_words
from tracker.wording.joining import phrased
from workflow.stages import Stage


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing owed within the next two days; `due` is "" for what is owed at once."""

    title: str
    due: str
    late: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert that nobody has resolved; `acknowledged` is "" until somebody has seen it."""

    title: str
    urgent: bool
    acknowledged: str


@dataclass(frozen=True, slots=True)
class Person:
    """One participant, for whoever comes on duty."""

    subject: str
    stage: str
    following: str
    planned: str
    owed: tuple[Owed, ...]
    alerts: tuple[Raised, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One site of one study."""

    study: str
    site: str
    now: str
    until: str
    people: tuple[Person, ...]


def show(request: HttpRequest) -> HttpResponse:
    """A sheet for each site of a study that the reader may see."""
    now, language = timezone.now().replace(second=0, microsecond=0), get_language() or "en"
    places: dict[tuple[Study, Site], list[Participant]] = {}
    for participant in _people(request, now):
        places.setdefault((participant.study, participant.site), []).append(participant)
    sheets = [_sheet(study, site, people, language, now) for (study, site), people in places.items()]
    return paper(request, "tracker/hand_over.html", {"title": _("Hand-over sheet"), "sheets": sheets})


def _people(request: HttpRequest, now: datetime) -> Iterator[Participant]:
    """Everybody on the way, and those whose journey ended while something about them stands open; by next due time."""
    owed = TrackedDeadline.objects.filter(
        Q(due_at__lte=now + SOON) | Q(due_at=None, status=DeadlineStatus.ELIGIBILITY_INVALIDATED), status__in=OWED
    )
    alerts = Alert.objects.exclude(status=AlertStatus.RESOLVED).select_related("deadline", "acknowledged_by")
    people = participants_visible_to(staff(request), now).select_related("study", "site")
    people = people.order_by("study__code", "site__code", "subject_number").prefetch_related(
        Prefetch("deadlines", owed, to_attr="owed"),
        Prefetch("deadlines", TrackedDeadline.objects.prefetch_related(Prefetch("alerts", alerts, to_attr="standing")),
                 to_attr="tracked"),
    )  # fmt: skip
    for participant in people:
        if not participant.ended or _owed_of(participant) or _alerts_of(participant):
            yield participant


def _owed_of(participant: Participant) -> list[TrackedDeadline]:
    """What was fetched as owed, at once first, then by due time."""
    return sorted(getattr(participant, "owed", ()), key=lambda row: row.due_at.timestamp() if row.due_at else 0.0)


def _alerts_of(participant: Participant) -> list[Alert]:
    """What was fetched as standing open, urgent first."""
    found = [alert for deadline in getattr(participant, "tracked", ()) for alert in deadline.standing]
    return sorted(found, key=lambda alert: (not alert.urgent, alert.raised_at))


def _sheet(study: Study, site: Site, people: list[Participant], language: str, now: datetime) -> Sheet:
    voice = Voice(protocol_of(study), site.zone, language, now)
    return Sheet(
        study=study.code, site=site.name_in(language), until=voice.at(now + SOON),
        now=_("%(now)s (%(zone)s)") % {"now": voice.at(now), "zone": zone_words(site.zone, now)},
        people=tuple(_person(voice, each, now) for each in sorted(people, key=_due_first)),
    )  # fmt: skip


def _due_first(participant: Participant) -> tuple[bool, float, str]:
    owed = _owed_of(participant)
    first = owed[0].due_at.timestamp() if owed and owed[0].due_at else 0.0
    return not owed, first, participant.subject_number


def _person(voice: Voice, participant: Participant, now: datetime) -> Person:
    following, planned = _next_step(voice, participant, now)
    return Person(
        subject=participant.subject_number,
        stage=voice.label(voice.protocol.stages[Stage(participant.stage)]),
        following=following,
        planned=planned,
        owed=tuple(_owed(voice, row, now) for row in _owed_of(participant)),
        alerts=tuple(_raised(voice, alert) for alert in _alerts_of(participant)),
    )


def _next_step(voice: Voice, participant: Participant, now: datetime) -> tuple[str, str]:
    """What the journey expects next, and when it is planned; "" twice where it has ended."""
    if participant.ended:
        return "", ""
    evaluation = evaluate_participant(participant, as_of=now)
    step = evaluation.next_step
    if step is None:
        return "", ""
    gate = evaluation.planned_gate(step)
    planned = voice.at(gate.anchor) if gate and gate.anchor else _("not planned")
    return step_label(voice, step), planned


def _owed(voice: Voice, row: TrackedDeadline, now: datetime) -> Owed:
    title = clause_title(voice.protocol, row.clause, voice.language)
    return Owed(title, voice.through(row.due_at) if row.due_at else "", late=row.due_at is None or row.due_at < now)


def _raised(voice: Voice, alert: Alert) -> Raised:
    acknowledged = ""
    if alert.acknowledged_by and alert.acknowledged_at:
        acknowledged = phrased([person(alert.acknowledged_by), voice.at(alert.acknowledged_at)])
    return Raised(clause_title(voice.protocol, alert.deadline.clause, voice.language), alert.urgent, acknowledged)

"""Where everyone is, what the first irreversible step ahead is, and how far the study has come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Case, Count, F, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.admin.step_words import step_label
from tracker.admin.today_filters import Scope
from tracker.admin.today_items import is_late
from tracker.evaluation import protocol_of
from tracker.models import Outlook, Participant, StepRecord, WorkItem
from tracker.wording import Voice, distance_words, zone_words
from workflow.stages import Stage, Step

CHIPS = 12
"""So many of each stage are shown, those in trouble first; the rest is a link to the list."""

DOTS = 12
"""Up to so many participants wanted, each is a dot."""


@dataclass(frozen=True, slots=True)
class Hero:
    """The first step ahead that cannot be undone."""

    title: str
    when: str
    conditions: str
    clears: str
    url: str
    subject: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One participant on the board: the worst state as shape, word and colour."""

    subject: str
    url: str
    state: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """One stage: how many are there, and those who need somebody most."""

    label: str
    count: int
    chips: tuple[Chip, ...]
    more: int
    url: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a study were infused, of how many wanted."""

    study: str
    done: int
    target: int
    dots: tuple[bool, ...]


def hero_of(scope: Scope, language: str) -> tuple[Hero | None, str]:
    """The first irreversible step ahead, and the stage in which its participant is; None where none is planned."""
    ahead = Outlook.objects.filter(
        participant__in=scope.participants(), cannot_be_undone=True, planned_at__gte=scope.now
    )  # fmt: skip
    related = ("participant__study", "participant__site")
    outlook = ahead.select_related(*related).order_by("planned_at", "participant").first()
    if outlook is None or outlook.planned_at is None:
        return None, ""
    participant, at = outlook.participant, outlook.planned_at
    voice = Voice(protocol_of(participant), participant.zone, language, scope.now)
    words = {
        "subject": participant.subject_number, "step": step_label(voice, Step(outlook.next_step)),
        "distance": distance_words(at, scope.now), "when": voice.at(at), "zone": zone_words(participant.zone, at),
    }  # fmt: skip
    hero = Hero(
        title=_("%(subject)s · %(step)s %(distance)s") % words,
        when=_("%(when)s (%(zone)s)") % words,
        conditions=_conditions(outlook.open_conditions),
        clears=_clears(outlook),
        url=_page_of(participant.pk),
        subject=participant.subject_number,
    )
    return hero, participant.stage


def _conditions(number: int) -> str:
    if not number:
        return _("Every condition is met or does not apply.")
    return ngettext("%(n)d condition is still open.", "%(n)d conditions are still open.", number) % {"n": number}


def _clears(outlook: Outlook) -> str:
    number, can = outlook.open_conditions, outlook.can_clear
    if not number:
        return ""
    if can == number:
        return ngettext("It can clear before then.", "All of them can clear before then.", number)
    if not can:
        return ngettext(
            "Nothing shows that it can clear before then: look for another date.",
            "Nothing shows that they can clear before then: look for another date.", number,
        )  # fmt: skip
    return _("%(can)d can clear before then; nothing shows that the others can: look for another date.") % {"can": can}


def board_of(scope: Scope, language: str, stage_of_hero: str) -> list[Column]:
    """Every stage of the journey; those that end it early only where somebody is in them."""
    shown = _shown(scope)
    if not shown:
        return []
    counts = {each.stage: getattr(each, "here", 0) for each in shown}
    chips = _chips(shown, scope.now)
    first = min(shown, key=lambda each: each.study.code)
    voice = Voice(protocol_of(first), first.zone, language, scope.now)
    return [
        Column(
            label=voice.label(voice.protocol.stages[stage]), count=counts.get(stage.value, 0),
            chips=tuple(chips[stage.value]), more=counts.get(stage.value, 0) - len(chips[stage.value]),
            url=_list_of(scope, stage), here=stage.value == stage_of_hero,
        )
        for stage in Stage
        if counts.get(stage.value) or not stage.is_terminal or stage is Stage.COMPLETED
    ]  # fmt: skip


def _shown(scope: Scope) -> list[Participant]:
    """The first of each stage, and how many are there: those with something overdue, then by the worst state."""
    late = WorkItem.objects.filter(is_late(scope.now)).order_by().values("participant")
    order = [F("has_late").desc(), F("outlook__urgency").asc(nulls_last=True)]
    order += [F("outlook__planned_at").asc(nulls_last=True), F("subject_number").asc()]
    place = Window(RowNumber(), partition_by=F("stage"), order_by=order)
    here = Window(Count("pk"), partition_by=F("stage"))
    rows = (
        scope.participants()
        .annotate(has_late=Case(When(pk__in=late, then=1), default=0))
        .annotate(place=place, here=here)
    )
    first: QuerySet[Participant] = rows.filter(place__lte=CHIPS).order_by("stage", "place")
    return list(first.select_related("outlook", "study", "site"))


def _chips(shown: Sequence[Participant], now: datetime) -> defaultdict[str, list[Chip]]:
    late = WorkItem.objects.filter(is_late(now), participant__in=[each.pk for each in shown])
    overdue = dict(late.order_by().values_list("participant").annotate(count=Count("pk")))
    found: defaultdict[str, list[Chip]] = defaultdict(list)
    for each in shown:
        found[each.stage].append(_chip(each, overdue))
    return found


def _chip(participant: Participant, overdue: Mapping[int, int]) -> Chip:
    outlook: Outlook | None = getattr(participant, "outlook", None)
    state, icon, words = "missing", "not_applicable", _("nothing open")
    if late := overdue.get(participant.pk):
        state, icon, words = "fail", "clock", _("%(n)d late") % {"n": late}
    elif outlook and outlook.open_conditions:
        state = icon = outlook.worst
        words = _("%(n)d open") % {"n": outlook.open_conditions}
    elif outlook and outlook.planned_at:
        state, icon, words = "met", "met", _("ready")
    return Chip(participant.subject_number, _page_of(participant.pk), state, icon, words)


def progress_of(scope: Scope) -> list[Progress]:
    """The infusions that happened, of those whom the reader may see, for each study."""
    infused = StepRecord.objects.standing().order_by().filter(
        step=Step.INFUSION.value, participant__in=scope.participants()
    )  # fmt: skip
    done = dict(infused.values_list("participant__study").annotate(count=Count("participant", distinct=True)))
    studies = scope.participants().order_by("study__code").values_list("study", "study__code", "study__target_number")
    return [
        Progress(code, done.get(key, 0), target, _dots(done.get(key, 0), target))
        for key, code, target in studies.distinct()
    ]


def _dots(done: int, target: int) -> tuple[bool, ...]:
    return tuple(number < done for number in range(target)) if target <= DOTS else ()


def _page_of(participant: int) -> str:
    return reverse("admin:tracker_participant_change", args=[participant])


def _list_of(scope: Scope, stage: Stage) -> str:
    chosen = {"stage__exact": stage.value}
    if scope.filters.site:
        chosen["site__id__exact"] = str(scope.filters.site)
    if scope.filters.study:
        chosen["study__id__exact"] = str(scope.filters.study)
    return reverse("admin:tracker_participant_changelist") + "?" + urlencode(chosen)

"""The one list of Today: what is to be done, for whom, by when, why, before which step, and where it is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.access import Action, permits
from tracker.admin.alert_card import next_told
from tracker.admin.buttons import Button
from tracker.admin.gate_card import Reader
from tracker.admin.step_words import step_label
from tracker.admin.today_filters import Scope
from tracker.admin.today_items import DUE, LATE, UPCOMING, chosen_of
from tracker.admin.today_words import Doer, basis_of, buttons_for, what_to_do
from tracker.evaluation import evaluate_all, protocol_of
from tracker.models import Alert, AlertStatus, Participant, RecordedFact, Work, WorkItem
from tracker.wording import Described, Voice, clause_title, describe, distance_words, zone_words
from tracker.wording.joining import phrased
from workflow.alarms import PLAN
from workflow.findings import Finding
from workflow.stages import Stage, Step

PER_PAGE = 25

_SAYS_WHEN = (Work.SAMPLE, Work.LATER, Work.END, Work.RELEASE, Work.DECIDE)
"""What is not done by saying it: the time in which it clears the step, or what else would."""

Findings = Mapping[tuple[int, str, str], Finding]
"""What stops a participant's step, by participant, step and clause."""


@dataclass(frozen=True, slots=True)
class Why:
    """One clause that asks for it: its own words, and where they come from."""

    title: str
    quote: str
    quote_is_translation: bool
    basis: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert about it that nobody has acknowledged."""

    urgent: bool
    say: str
    next_told: str
    url: str
    acknowledge_url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do, in words. `opens` is "" once it may be done; `zone` is "" where it is the one above the list.

    `joined`: about the same participant as the row above. `first`: the next thing of its section.
    """

    key: str
    subject: str
    url: str
    stage: str
    what: str
    late: bool
    distance: str
    due: str
    opens: str
    state: str
    state_label: str
    why: Why | None
    also: tuple[str, ...]
    evidence: str
    limit: str
    clear: str
    is_step: bool
    step: str
    step_at: str
    zone: str
    buttons: tuple[Button, ...]
    alerts: tuple[Raised, ...]
    may_acknowledge: bool
    joined: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """What is to be done in one stretch of time: how much altogether, and what of it stands on this page."""

    title: str
    icon: str
    count: int
    rows: tuple[Row, ...]


def sections_of(scope: Scope, counts: Mapping[int, int], language: str, clock: str) -> list[Section]:
    """The page of the list that was asked for. `clock` is the zone that stands above it, as it is told."""
    first = PER_PAGE * (scope.filters.page - 1)
    items = list(chosen_of(scope)[first : first + PER_PAGE])
    rows = _Page(scope, items, language, clock).rows()
    titles = {
        LATE: (_("Overdue, or to be done at once"), "fail"),
        DUE: (_("Due within 48 hours"), "clock"),
        UPCOMING: (_("Upcoming"), "cal"),
    }
    return [
        Section(title, icon, counts.get(number, 0), here)
        for number, (title, icon) in titles.items()
        if (here := _in_a_column([row for item, row in rows if _section_of(item) == number]))
    ]


def _section_of(item: WorkItem) -> int:
    """Where the database has put it."""
    return int(getattr(item, "section", UPCOMING))


def _in_a_column(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Each row beside the one above it; the first that offers something to do is the next thing."""
    first = next((row.key for row in rows if row.buttons), "")
    above = ["", *(row.subject for row in rows)]
    return tuple(
        replace(row, joined=row.subject == before, first=row.key == first)
        for row, before in zip(rows, above, strict=False)
    )


class _Page:
    """The items of one page, with everything that is asked of the database for all of them together."""

    def __init__(self, scope: Scope, items: Sequence[WorkItem], language: str, clock: str) -> None:
        self.scope, self.items, self.language, self.clock = scope, items, language, clock
        people = {item.participant_id: item.participant for item in items}
        self.facts = _newest({item.row for item in items if item.action != Work.DEVIATION and item.row})
        self.findings = _findings(list(people.values()), scope.now)
        self.alerts = _raised(people)

    def rows(self) -> list[tuple[WorkItem, Row]]:
        """Each item with its words."""
        return [(item, self._row(item)) for item in self.items]

    def _row(self, item: WorkItem) -> Row:
        participant, now = item.participant, self.scope.now
        voice = Voice(protocol_of(participant), participant.zone, self.language, now)
        roles = self.scope.held.get((participant.study_id, participant.site_id), frozenset())
        may = partial(permits, self.scope.user, roles=roles)
        opens = item.opens_at if item.action != Work.LATER and item.opens_at and item.opens_at > now else None
        described, clauses = self._described(voice, item), _clauses(item)
        step = Step(item.step) if item.step else None
        return Row(
            key=f"work-{item.pk}",
            subject=participant.subject_number,
            url=reverse("admin:tracker_participant_change", args=[participant.pk]),
            stage=voice.label(voice.protocol.stages[Stage(participant.stage)]),
            what=what_to_do(voice, item, now),
            late=bool(item.due_at and item.due_at < now),
            distance=_distance(item, now),
            due=voice.through(item.due_at) if item.due_at else _since(voice, item),
            opens=phrased([voice.at(opens), distance_words(opens, now)]) if opens else "",
            state=item.state,
            state_label=described.state_label if described else "",
            why=_why(voice, clauses[0], described) if clauses else None,
            also=tuple(clause_title(voice.protocol, clause, self.language) for clause in clauses[1:]),
            evidence=_evidence(item, described),
            limit=described.limit if described else "",
            clear=described.clear if described and not opens and item.action in _SAYS_WHEN else "",
            is_step=item.action in (Work.PLAN, Work.TAKE),
            step=step_label(voice, step) if step else "",
            step_at=voice.at(item.before_at) if item.before_at else "",
            zone=zone if (zone := zone_words(participant.zone, now)) != self.clock else "",
            buttons=() if opens else tuple(buttons_for(Doer(Reader(voice, participant, may), self.facts, now), item)),
            alerts=tuple(self._alerts(voice, item)),
            may_acknowledge=may(Action.ACKNOWLEDGE),
        )

    def _described(self, voice: Voice, item: WorkItem) -> Described | None:
        if item.action == Work.TAKE:
            return None
        for clause in _clauses(item):
            finding = self.findings.get((item.participant_id, item.step, clause))
            if finding is not None:
                return describe(finding, voice.protocol, voice.zone, self.language, self.scope.now)
        return None

    def _alerts(self, voice: Voice, item: WorkItem) -> Iterator[Raised]:
        for clause, occurrence, _outcome in item.about:
            for alert in self.alerts.get((item.participant_id, clause, occurrence), ()):
                yield Raised(
                    alert.urgent, alert.say_in(self.language), next_told(voice, alert),
                    url=reverse("admin:tracker_alert_change", args=[alert.pk]),
                    acknowledge_url=reverse("admin:tracker_alert_acknowledge", args=[alert.pk]),
                )  # fmt: skip


def _clauses(item: WorkItem) -> list[str]:
    """The clauses that ask for it, each once, in the order in which the protocol lists them."""
    named = dict.fromkeys(clause for clause, _number, _outcome in item.about)
    # Whether a planned step was taken is one question, whatever else was owed for the step.
    asked = [clause for clause in named if clause.startswith(PLAN)]
    own = [item.subject] if item.action in (Work.DEVIATION, Work.DECIDE) else []
    return asked or list(named) or own


def _why(voice: Voice, clause: str, described: Described | None) -> Why:
    rule = voice.protocol.find_rule(clause)
    title = clause_title(voice.protocol, clause, voice.language)
    chinese = voice.language.startswith("zh")
    quote = (rule.text_zh if chinese else rule.quote) if rule else ""
    translated = chinese and rule is not None and rule.basis != "site practice"
    return Why(title, quote, translated, described.basis_label if described else basis_of(voice, clause))


def _evidence(item: WorkItem, described: Described | None) -> str:
    """What was found; for the step itself, how many conditions are open."""
    if described is not None:
        return described.evidence
    outlook = getattr(item.participant, "outlook", None)
    if outlook is None or item.action not in (Work.PLAN, Work.TAKE) or (item.action == Work.TAKE and item.about):
        return ""
    if not outlook.open_conditions:
        return _("Nothing stops it: every condition is met or does not apply.")
    number = outlook.open_conditions
    return ngettext("%(n)d condition is open.", "%(n)d conditions are open.", number) % {"n": number}


def _distance(item: WorkItem, now: datetime) -> str:
    if item.due_at:
        return distance_words(item.due_at, now)
    return _("at once") if item.since else _("no date yet")


def _since(voice: Voice, item: WorkItem) -> str:
    return _("since %(when)s") % {"when": voice.at(item.since)} if item.since else ""


def _newest(keys: set[str]) -> dict[str, RecordedFact]:
    """The newest version of each fact."""
    rows = RecordedFact.objects.filter(key__in=keys).order_by("version") if keys else ()
    return {str(row.key): row for row in rows}


def _findings(people: Sequence[Participant], now: datetime) -> dict[tuple[int, str, str], Finding]:
    """What stops the next and every planned step of these people, as the protocol answers it now."""
    found: dict[tuple[int, str, str], Finding] = {}
    for participant, evaluation in zip(people, evaluate_all(people, as_of=now), strict=True):
        now_asked = [evaluation.gates[step] for step in evaluation.gates if step is evaluation.next_step]
        for gate in (*evaluation.planned, *now_asked):
            for finding in gate.blocking:
                found.setdefault((participant.pk, gate.step.value, finding.clause), finding)
    return found


def _raised(people: Mapping[int, Participant]) -> dict[tuple[int, str, int], list[Alert]]:
    """The alerts of these people that nobody has acknowledged, by participant and deadline, urgent first."""
    alerts = Alert.objects.filter(deadline__participant__in=list(people), status=AlertStatus.RAISED)
    found: dict[tuple[int, str, int], list[Alert]] = {}
    for alert in alerts.select_related("deadline"):
        deadline = alert.deadline
        found.setdefault((deadline.participant_id, deadline.clause, deadline.occurrence), []).append(alert)
    return found

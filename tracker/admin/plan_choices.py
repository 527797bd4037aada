"""Times to choose from: those nearby, each with what it brings, and those for other plans that no longer fit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.admin.fields import SECOND
from tracker.evaluation import first_protocol_of, protocol_of, timeline_of, versions_of
from tracker.models import Participant
from tracker.wording import Described, Voice, describe
from workflow.evaluation import evaluate
from workflow.facts import Moment
from workflow.findings import Finding, Outcome, Remedy
from workflow.prospects import Prospect, look_ahead, open_plans
from workflow.protocol import Protocol
from workflow.site_calendar import ONE_DAY, SiteCalendar
from workflow.stages import GUARDED_STEPS, Step
from workflow.suggesting import Search, Slots
from workflow.timeline import Timeline

USUAL_START = time(10)
"""At what time of the site's clock times are offered for a step that has none yet; whoever plans types another."""

FAR = timedelta(days=60)
"""How far on both sides other days are looked for."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies ahead of a participant: the open plans, and the rules to ask about other times.

    `first` is the protocol's version before any consent named one of the `versions`.
    """

    voice: Voice
    timeline: Timeline
    now: datetime
    plans: Mapping[Step, Moment]
    first: Protocol
    versions: Mapping[str, Protocol]

    @classmethod
    def of(cls, participant: Participant, voice: Voice, now: datetime) -> "Ahead":
        """Over everything on record by now."""
        timeline, first = timeline_of(participant), first_protocol_of(participant)
        plans = open_plans(protocol_of(participant), timeline, now)
        return cls(voice, timeline, now, plans, first, versions_of(participant))

    @property
    def calendar(self) -> SiteCalendar:
        """The site's days."""
        return self.timeline.calendar

    def others(self, step: Step) -> list[Step]:
        """The other steps that are planned, in order."""
        return [each for each in GUARDED_STEPS if each in self.plans and each is not step]

    def prospect(self, step: Step, at: datetime, wanted: Mapping[Step, Moment]) -> Prospect:
        """What a start would meet, if other plans were as wanted."""
        plans = {**self.plans, **wanted}
        return look_ahead(self.first, self.timeline, step, at, plans, versions=self.versions)

    def search(self, clock: time, around: datetime, wanted: Mapping[Step, Moment]) -> Search:
        """A search for days at a time of the clock, on both sides of an instant, from now on."""
        start = self.calendar.start
        plans = {step: start(at) for step, at in {**self.plans, **wanted}.items()}
        since, until = max(self.now, around - FAR), max(self.now, around) + FAR
        return Search(
            self.first, self.timeline, Slots(self.calendar, clock), since, until, plans=plans, versions=self.versions
        )  # fmt: skip

    def clock_of(self, moment: Moment | None) -> time:
        """The time of day of a plan on the site's clock."""
        if isinstance(moment, datetime):
            return moment.astimezone(self.voice.zone).time().replace(second=0, microsecond=0)
        return USUAL_START

    def typed(self, instant: datetime) -> tuple[str, str, str]:
        """An instant as it is typed at the site: date, time of day, and the mark of a time that is shown twice."""
        local = instant.astimezone(self.voice.zone)
        return f"{local:%Y-%m-%d}", f"{local:%H:%M}", SECOND * local.fold

    def told(self, prospect: Prospect | None, plans: Mapping[Step, Moment]) -> dict[str, object]:
        """What stands against a start and what it waits for, in words; other plans are as wanted."""
        if prospect is None:
            return {"forbids": [], "stops": [], "awaited": ""}
        forbids, stops = ([self.against(each, plans) for each in found] for found in (prospect.forbids, prospect.stops))
        awaited = self.voice.concept(prospect.awaited) if prospect.awaited else ""
        return {"forbids": forbids, "stops": stops, "awaited": awaited}

    def against(self, finding: Finding, wanted: Mapping[Step, Moment]) -> Described:
        """What stands against a start; where it is another plan, that plan is named."""
        said, plans = self.said(finding), {**self.plans, **wanted}
        for step in plans if finding.clause == "order" else ():
            definition = self.voice.protocol.steps[step]
            if finding.subject in (definition.starts, definition.ends):
                words = {"step": self.voice.label(definition), "when": self.voice.at(plans[step])}
                return replace(said, evidence=_("“%(step)s” is planned for %(when)s, not before it") % words, clear="")
        return said

    def said(self, finding: Finding) -> Described:
        """A finding in the reader's words."""
        return describe(finding, self.voice.protocol, self.voice.zone, self.voice.language, self.now)


@dataclass(frozen=True, slots=True)
class Choice:
    """One time on offer: `value` is what the form sends for it, `day` and `clock` are what would be typed."""

    value: str
    when: str
    day: str
    clock: str
    state: str
    label: str
    note: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OtherPlan:
    """Another step that is planned, and whether its time still fits; `why` and `choices` only where it does not."""

    step: Step
    label: str
    when: str
    fits: bool
    is_settled: bool
    why: tuple[Described, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def field(self) -> str:
        """What its time is called in the form."""
        return f"also_{self.step}"


def nearby(ahead: Ahead, step: Step, chosen: datetime | None, wanted: Mapping[Step, Moment]) -> list[Choice]:
    """The time chosen, the one that is planned, and those around them that differ in what they bring, in order."""
    found = dict(_instants(ahead, step, chosen, wanted))
    return [
        _choice(ahead, ahead.prospect(step, at, wanted), found[at], chosen=at == chosen)
        for at in sorted(found)
        if at >= ahead.now or at == chosen
    ]


def _instants(
    ahead: Ahead, step: Step, chosen: datetime | None, wanted: Mapping[Step, Moment]
) -> Iterator[tuple[datetime, str]]:
    """Times and what is notable about them; what comes later stands above what came before."""
    planned = ahead.plans.get(step)
    around = chosen or (planned if isinstance(planned, datetime) else ahead.now)
    search = ahead.search(ahead.clock_of(chosen or planned), around, wanted)
    if chosen is None or ahead.prospect(step, chosen, wanted).forbids:
        if earlier := search.nearest_earlier(step, around):
            yield earlier, _("the last allowed before it")
        if later := search.nearest_later(step, around):
            yield later, _("the first allowed from then on")
    if chosen is not None:
        yield search.slots.first_from(chosen + timedelta(hours=1)), ""
        yield chosen, _("the time chosen")
    if last := _last_without_new_evidence(ahead, step, search):
        yield last, _("the last time without a new sample")
    if isinstance(planned, datetime):
        yield planned, _("as planned now")


def _last_without_new_evidence(ahead: Ahead, step: Step, search: Search) -> datetime | None:
    """The last start that all the evidence still serves which would serve one now, or as planned."""
    answer = evaluate(search.protocol, ahead.timeline, ahead.now)
    gate = answer.planned_gate(step) or answer.gates[step]
    ends = [each.valid_until for each in gate.findings if each.valid_until and each.valid_until >= ahead.now]
    if not ends:
        return None
    last = min(ends)
    whole = last.replace(second=0, microsecond=0)
    # The end of a day is nobody's time to start at: that day at the usual time is.
    at = whole if whole == last else search.slots.last_until(last)
    return at if at >= ahead.now and not _needs_new_sample(ahead.prospect(step, at, {})) else None


def _needs_new_sample(prospect: Prospect) -> bool:
    return any(each.clearing and each.clearing.remedy is Remedy.NEW_SAMPLE for each in prospect.owes)


def _choice(ahead: Ahead, prospect: Prospect, note: str, *, chosen: bool) -> Choice:
    state, label = brought(prospect)
    day, clock, _second = ahead.typed(prospect.at)
    return Choice(
        prospect.at.isoformat(), ahead.voice.at(prospect.at), day, clock, state, label, note, chosen
    )  # fmt: skip


def brought(prospect: Prospect) -> tuple[str, str]:
    """What a start at this time brings, as a state and a few words."""
    if prospect.forbids:
        return Outcome.FAIL.value, _("Not allowed")
    if prospect.stops:
        return Outcome.FAIL.value, _("Stopped as things stand")
    if _needs_new_sample(prospect):
        return Outcome.STALE.value, _("New sample needed")
    if prospect.owes:
        count = len(prospect.owes)
        return Outcome.MISSING.value, ngettext("%(n)d thing to do", "%(n)d things to do", count) % {"n": count}
    return Outcome.MET.value, _("Nothing to renew")


def other_plans(ahead: Ahead, step: Step, wanted: Mapping[Step, Moment]) -> list[OtherPlan]:
    """What becomes of the other plans when these are as wanted."""
    return [_other(ahead, step, other, wanted) for other in ahead.others(step)]


def _other(ahead: Ahead, step: Step, other: Step, wanted: Mapping[Step, Moment]) -> OtherPlan:
    planned, start = ahead.plans[other], ahead.calendar.start
    without = {each: at for each, at in wanted.items() if each is not other}
    label, when = ahead.voice.label(ahead.voice.protocol.steps[other]), ahead.voice.at(planned)
    forbids = ahead.prospect(other, start(planned), without).forbids
    if not forbids or ahead.prospect(other, start(planned), {}).forbids:
        return OtherPlan(other, label, when, fits=not forbids, is_settled=True, why=_why(ahead, forbids, without))
    chosen = wanted.get(other)
    settled = chosen is not None and not ahead.prospect(other, start(chosen), without).forbids
    choices = _choices_instead(ahead, step, other, without, chosen)
    why = _why(ahead, forbids, without)
    return OtherPlan(other, label, when, fits=False, is_settled=settled, why=why, choices=choices)


def _why(ahead: Ahead, forbids: Iterable[Finding], wanted: Mapping[Step, Moment]) -> tuple[Described, ...]:
    return tuple(ahead.against(each, wanted) for each in forbids)


def _choices_instead(
    ahead: Ahead, step: Step, other: Step, wanted: Mapping[Step, Moment], chosen: Moment | None
) -> tuple[Choice, ...]:
    planned = ahead.calendar.start(ahead.plans[other])
    search = ahead.search(ahead.clock_of(ahead.plans[other]), planned, wanted)
    found: dict[datetime, str] = {}
    if later := search.nearest_later(other, planned):
        found |= {search.slots.on(ahead.calendar.local_date(later) + ONE_DAY): "", later: ""}
    if earlier := search.nearest_earlier(other, planned):
        found[earlier] = ""
    if step in ahead.plans and step in wanted:
        found[planned + (ahead.calendar.start(wanted[step]) - ahead.calendar.start(ahead.plans[step]))] = _(
            "as long after it as before"
        )
    prospects = {at: ahead.prospect(other, at, wanted) for at in sorted(found) if at >= ahead.now}
    return tuple(
        _choice(ahead, each, found[at], chosen=at == chosen) for at, each in prospects.items() if not each.forbids
    )

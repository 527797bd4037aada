"""The kinds of fact a journey file may hold, each turned into what is entered and when."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.replaying.reading import Entry
from tracker.replaying.recordings import Act, Complete, Consent, End, Plan, Record, Recording, StudyDate, Take
from tracker.services.facts import FactEntry
from workflow.facts import Moment
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step
from workflow.yaml_nodes import spell

_LABORATORY = {
    "ANC": "anc", "ALC": "alc", "HB": "hb", "PLT": "plt", "CREAT": "creatinine", "ALT": "alt", "AST": "ast",
    "TBIL": "tbil", "INR": "inr", "PT": "pt",
}  # fmt: skip
_STEPS = {
    "enrolled": Step.ENROL, "leukapheresis_started": Step.LEUKAPHERESIS, "infusion_started": Step.INFUSION,
    "consent_withdrawn": Step.WITHDRAW, "death": Step.RECORD_DEATH, "screen_failed": Step.SCREEN_FAIL,
}  # fmt: skip
_YES_OR_NO = (
    "refractory", "gilbert_syndrome", "wocbp", "lactating", "partner_of_childbearing_potential", "contraception_agreed",
)  # fmt: skip
_EVENTS = {
    "transfusion": "transfusion", "growth_factor": "growth_factor",
    "leukapheresis_completed": "leukapheresis_completed", "manufacturing_failed": "manufacturing_failed",
    "product_released": "product_released", "ld_completed": "lymphodepletion_completed",
    "infusion_completed": "infusion_completed", "infusion_cancelled": "infusion_cancelled",
    "transfusion_review": "transfusion_review", "growth_factor_review": "growth_factor_review",
    "infection_review": "infection_review",
}  # fmt: skip
_MEASUREMENTS = ("mrss", "fvc_pct_pred", "dlco_pct_pred", "weight", "lvef")
_COMMON = ("kind", "at", "resulted_at", "recorded_at", "value", "detail", "note")

Told = tuple[datetime | None, Act]
"""When an act became known (None: when the fact as a whole did), and the act."""


def recordings_of(entry: Entry, zone: ZoneInfo) -> list[Recording]:
    """What is entered for one fact of a file, one or two recordings. Raises Unreadable."""
    calendar = SiteCalendar(zone)
    kind = entry.choice("kind", *_READERS)
    known = _known(entry, calendar)
    return [
        Recording(at or known, act, f"{entry.file}: {spell(entry.keys)}")
        for at, act in _READERS[kind](entry, known, calendar)
    ]


def _known(entry: Entry, calendar: SiteCalendar) -> datetime:
    """When the fact entered the system: `recorded_at`, else when its result was out, else when it happened."""
    for key in ("recorded_at", "resulted_at"):
        if entry.has(key):
            return entry.instant(key)
    return calendar.start(entry.moment("at"))


def _event(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON)
    concept = _EVENTS[entry.text("kind")]
    return [(None, Record(FactEntry(concept=concept, at=entry.moment("at"), detail=_words(entry))))]


def _answer(concept: str, value: str, entry: Entry) -> list[Told]:
    fact = FactEntry(concept=concept, at=entry.moment("at"), value=value, detail=entry.optional("detail"))
    return [(None, Record(fact))]


def _yes_or_no(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON)
    return _answer(entry.text("kind"), "yes" if entry.flag("value") else "no", entry)


def _diagnosis(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON, "meets")
    return _answer("diffuse_ssc", "yes" if entry.flag("meets") else "no", entry)


def _vascular_access(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON)
    return _answer("vascular_access", entry.choice("value", "adequate", "inadequate"), entry)


def _measurement(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON, "unit")
    return [(None, Record(_result(entry.text("kind"), entry)))]


def _laboratory(entry: Entry, known: datetime, calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON, "code", "unit", "uln")
    return _sampled(_LABORATORY[entry.choice("code", *_LABORATORY)], entry, known, calendar)


def _pregnancy_test(entry: Entry, known: datetime, calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON, "specimen")
    if entry.has("value"):
        entry.choice("value", "negative", "positive", "indeterminate", "rejected")
    concept = {"serum": "serum_hcg", "urine": "urine_hcg"}[entry.choice("specimen", "serum", "urine")]
    return _sampled(concept, entry, known, calendar)


def _sampled(concept: str, entry: Entry, known: datetime, calendar: SiteCalendar) -> list[Told]:
    """A sample when it was collected, its result when it became known; one recording where that is one instant."""
    collected = entry.moment("at")
    drawn_at, thread = calendar.start(collected), spell(entry.keys)
    sample = Record(FactEntry(concept=concept, at=collected), thread)
    if not entry.has("value"):
        return [(drawn_at, sample)]
    result = _result(concept, entry, entry.instant("resulted_at") if entry.has("resulted_at") else known)
    if known <= drawn_at:
        return [(None, Record(result))]
    return [(drawn_at, sample), (None, Complete(thread, result))]


def _result(concept: str, entry: Entry, resulted_at: datetime | None = None) -> FactEntry:
    return FactEntry(
        concept=concept, at=entry.moment("at"), value=entry.text("value"), unit=entry.optional("unit"),
        upper_limit=entry.optional("uln"), resulted_at=resulted_at, detail=entry.optional("detail"),
    )  # fmt: skip


def _infection(entry: Entry, known: datetime, calendar: SiteCalendar) -> list[Told]:
    """An infection when it became known, and its end when that did; systemic unless the file says otherwise."""
    entry.only(*_COMMON, "systemic", "resolved_at", "resolution_recorded_at")
    systemic = not entry.has("systemic") or entry.flag("systemic")
    concept, thread = "systemic_infection" if systemic else "local_infection", spell(entry.keys)
    start = Record(FactEntry(concept=concept, at=entry.moment("at"), detail=_words(entry)), thread)
    if not entry.has("resolved_at"):
        return [(None, start)]
    until = entry.moment("resolved_at")
    if entry.has("resolution_recorded_at"):
        end_known = entry.instant("resolution_recorded_at")
    else:
        end_known = max(known, calendar.start(until))
    return [(None, start), (end_known, End(thread, until))]


def _consent(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON, "version")
    return [(None, Consent(entry.instant("at"), _words(entry) or entry.optional("version")))]


def _step(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON)
    return [(None, Take(_STEPS[entry.text("kind")], entry.instant("at"), _words(entry)))]


def _dose(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    """The first dose of a course is the step; the others are facts."""
    entry.only(*_COMMON, "dose")
    if not entry.has("dose") or entry.text("dose") == "1":
        return [(None, Take(Step.LYMPHODEPLETION, entry.instant("at"), _words(entry)))]
    return [(None, Record(FactEntry(concept="lymphodepletion_dose", at=entry.moment("at"), detail=_words(entry))))]


def _plan(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON, "planned_start")
    planned: Moment = entry.moment("planned_start")
    return [(None, Plan(Step.LYMPHODEPLETION, planned))]


def _study_end(entry: Entry, _known: datetime, _calendar: SiteCalendar) -> list[Told]:
    entry.only(*_COMMON)
    return [(None, StudyDate(FactEntry(concept="study_end", at=entry.day("value"))))]


def _words(entry: Entry) -> str:
    """What the file says in words: kept beside the fact, since no rule reads it."""
    return "; ".join(text for text in (entry.optional("value"), entry.optional("detail")) if text)


_READERS: Mapping[str, Callable[[Entry, datetime, SiteCalendar], list[Told]]] = {
    **dict.fromkeys(_EVENTS, _event),
    **dict.fromkeys(_STEPS, _step),
    **dict.fromkeys(_YES_OR_NO, _yes_or_no),
    **dict.fromkeys(_MEASUREMENTS, _measurement),
    "consent_signed": _consent,
    "diagnosis": _diagnosis,
    "vascular_access": _vascular_access,
    "lab": _laboratory,
    "hcg": _pregnancy_test,
    "infection": _infection,
    "ld_dose": _dose,
    "ld_planned": _plan,
    "study_end_date": _study_end,
}

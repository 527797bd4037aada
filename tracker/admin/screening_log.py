"""The screening and enrolment log, an essential document: everybody who consented, and what became of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import participants_visible_to, with_dose_seen_by
from tracker.admin.csv_export import TOGETHER, csv_response
from tracker.admin.journey_card import dose_words
from tracker.admin.pages import staff
from tracker.admin.paper import paper
from tracker.evaluation import evaluate_decision, protocol_of
from tracker.models import FactStatus, Participant, RecordedFact, StepRecord
from tracker.services.entries import EXIT_CONCEPTS
from tracker.wording import clause_title
from tracker.wording.joining import about, listed, phrased, told_together
from workflow.findings import Outcome
from workflow.stages import Step

_CONSENT = EXIT_CONCEPTS[Step.RESCREEN]
_DECIDES = (Step.ENROL, Step.SCREEN_FAIL)


@dataclass(frozen=True, slots=True)
class Line:
    """One screening of one participant. Dates are the site's, as 2026-03-09; no name, no date of birth."""

    study: str
    site: str
    subject: str
    episode: int
    consent: str
    outcome: str
    why: str
    dose_level: str
    steps: tuple[str, ...]

    def cells(self) -> tuple[object, ...]:
        """The line as a row of a table."""
        steps = told_together(self.steps)
        outcome, why = self.outcome, self.why
        return (self.study, self.site, self.subject, self.episode, self.consent, outcome, why, self.dose_level, steps)


def show(request: HttpRequest) -> HttpResponse:
    """The log as a page, to be printed on A4 across."""
    context: dict[str, object] = {"title": _("Screening log"), "lines": list(_lines(request)), "header": _header()}
    context["drawn_up"] = f"{timezone.now():%Y-%m-%d %H:%M} UTC"
    return paper(request, "tracker/screening_log.html", context)


def export(request: HttpRequest) -> StreamingHttpResponse:
    """The log as one CSV file."""
    return csv_response("screening-log.csv", _header(), (line.cells() for line in _lines(request)))


def _header() -> list[str]:
    return [
        _("Study"), _("Site"), _("Subject number"), _("Screening"), _("Consent"), _("Outcome of screening"),
        _("Not met"), _("Dose level"), _("Steps"),
    ]  # fmt: skip


def _lines(request: HttpRequest) -> Iterator[Line]:
    """Everybody whom the reader may see, each screening on a line of its own."""
    language = get_language() or "en"
    for participant in _people(request).iterator(chunk_size=TOGETHER):
        steps = list(participant.steps.all())
        for number, episode in enumerate(_episodes(steps), start=1):
            yield _line(participant, number, episode, language)


def _people(request: HttpRequest) -> QuerySet[Participant]:
    reader, now = staff(request), timezone.now()
    consents = RecordedFact.objects.filter(concept=_CONSENT).order_by("version")
    steps = StepRecord.objects.standing().select_related("fact")
    people = with_dose_seen_by(reader, participants_visible_to(reader, now), now).select_related("study", "site")
    return people.order_by("study__code", "site__code", "subject_number").prefetch_related(
        Prefetch("steps", steps), Prefetch("facts", consents, to_attr="consents")
    )


def _episodes(steps: Iterable[StepRecord]) -> list[list[StepRecord]]:
    """The journal cut where a new screening began."""
    episodes: list[list[StepRecord]] = [[]]
    for step in steps:
        if step.step == Step.RESCREEN:
            episodes.append([])
        episodes[-1].append(step)
    return episodes


def _line(participant: Participant, number: int, steps: Sequence[StepRecord], language: str) -> Line:
    zone = participant.zone
    decided = next((step for step in steps if step.step in _DECIDES), None)
    after = [step for step in steps if step.step not in (*_DECIDES, Step.RESCREEN)]
    failed = decided is not None and decided.step == Step.SCREEN_FAIL
    return Line(
        study=participant.study.code,
        site=participant.site.name_in(language),
        subject=participant.subject_number,
        episode=number,
        consent=_consent(participant, steps),
        outcome=_outcome(decided, after, zone),
        why=_why(participant, decided, language) if failed and decided else "",
        dose_level=dose_words(getattr(participant, "dose_seen", None)),
        steps=tuple(_dated(step, zone) for step in after),
    )


def _consent(participant: Participant, steps: Sequence[StepRecord]) -> str:
    """The day of the consent that the screening began with: the first on record, or the one that opened it anew."""
    latest = {row.key: row for row in getattr(participant, "consents", ())}
    given = [row for row in latest.values() if row.status == FactStatus.DONE]
    opening = next((step.fact.key for step in steps if step.step == Step.RESCREEN), None)
    chosen = [row for row in given if opening is None or row.key == opening]
    first = min(chosen, key=lambda row: row.at, default=None)
    return _day(first.at, participant.zone) if first else "–"


def _outcome(decided: StepRecord | None, after: Sequence[StepRecord], zone: ZoneInfo) -> str:
    if decided is not None:
        said = _("screen failed on %(day)s") if decided.step == Step.SCREEN_FAIL else _("enrolled on %(day)s")
        return said % {"day": _day(decided.happened_at, zone)}
    return _("ended in screening") if after else _("in screening")


def _why(participant: Participant, failure: StepRecord, language: str) -> str:
    """The clauses of enrolment that failed by what was known when the failure was recorded, and the reason given."""
    failure.participant = participant
    protocol = protocol_of(participant)
    gate = evaluate_decision(failure).gates[Step.ENROL]
    failed = [finding.clause for finding in gate.findings if finding.outcome is Outcome.FAIL]
    titles = listed(clause_title(protocol, clause, language) for clause in dict.fromkeys(failed))
    return phrased([titles, about(_("Reason"), failure.reason) if failure.reason else ""])


def _dated(step: StepRecord, zone: ZoneInfo) -> str:
    return f"{step.get_step_display()} {_day(step.happened_at, zone)}"


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).date().isoformat()

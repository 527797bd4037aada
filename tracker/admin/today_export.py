"""Today's list for a spreadsheet: every thing to do that was chosen, not only one page of it."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.admin.csv_export import csv_response
from tracker.admin.step_words import step_label
from tracker.admin.today_filters import scope_of
from tracker.admin.today_items import DUE, LATE, UPCOMING, chosen_of
from tracker.admin.today_words import basis_of, what_to_do
from tracker.evaluation import protocol_of
from tracker.models import WorkItem
from tracker.wording import Voice, clause_title, state_words
from tracker.wording.joining import listed
from workflow.findings import Outcome
from workflow.stages import Stage, Step


def export(request: HttpRequest) -> StreamingHttpResponse:
    """The list as it stands now, in the reader's language; instants on each site's clock, with their offset."""
    now, language = timezone.now(), get_language() or "en"
    header = (
        _("When"), _("Study"), _("Site"), _("Participant"), _("Stage"), _("What to do"), _("Clauses"), _("Basis"),
        _("State"), _("Opens"), _("Due"), _("Owed since"), _("Before which step"), _("Planned for"),
    )  # fmt: skip
    items = chosen_of(scope_of(request, now)).iterator(chunk_size=500)
    return csv_response(f"today-{now:%Y-%m-%d}.csv", header, (_cells(item, now, language) for item in items))


def _cells(item: WorkItem, now: datetime, language: str) -> tuple[str, ...]:
    participant = item.participant
    voice = Voice(protocol_of(participant), participant.zone, language, now)
    clauses = list(dict.fromkeys(clause for clause, _number, _outcome in item.about))
    return (
        _section(item), participant.study.code, participant.site.name_in(language), participant.subject_number,
        voice.label(voice.protocol.stages[Stage(participant.stage)]), what_to_do(voice, item, now),
        listed(clause_title(voice.protocol, clause, language) for clause in clauses),
        listed(dict.fromkeys(_bases(voice, clauses))), state_words(Outcome(item.state)) if item.state else "",
        *(_instant(voice, at) for at in (item.opens_at, item.due_at, item.since)),
        step_label(voice, Step(item.step)) if item.step else "", _instant(voice, item.before_at),
    )  # fmt: skip


def _section(item: WorkItem) -> str:
    return {LATE: _("overdue"), DUE: _("due within 48 hours"), UPCOMING: _("upcoming")}[
        getattr(item, "section", UPCOMING)
    ]


def _bases(voice: Voice, clauses: list[str]) -> Iterator[str]:
    yield from filter(None, (basis_of(voice, clause) for clause in clauses))


def _instant(voice: Voice, at: datetime | None) -> str:
    return at.astimezone(voice.zone).isoformat(timespec="minutes") if at else ""

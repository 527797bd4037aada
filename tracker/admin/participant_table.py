"""Who is where as one table for a spreadsheet; each time is the site's, with its offset."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.admin.journey_card import dose_words
from tracker.evaluation import protocol_of
from tracker.models import Participant
from tracker.wording import Voice, clause_title
from workflow.stages import Stage


def header() -> list[str]:
    """The columns of the table of participants."""
    return [
        _("Study"), _("Site"), _("Subject number"), _("Stage"), _("Clause"), _("Next deadline"), _("Due"),
        _("Open alerts"), _("Dose level"),
    ]  # fmt: skip


def rows(people: QuerySet[Any]) -> Iterable[list[object]]:
    """The participants, as the list has annotated them for its reader."""
    for each in people:
        first = each.owed[0] if each.owed else None
        yield [
            each.study.code, _site(each), each.subject_number, _stage(each), first.clause if first else "",
            _title(each, first.clause) if first else "", local(first.due_at, each.zone) if first else "", each.raised,
            dose_words(each.dose_seen),
        ]  # fmt: skip


def local(instant: datetime | None, zone: ZoneInfo) -> str:
    """An instant on the site's clock, with its offset; "" for none."""
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else ""


def _site(each: Participant) -> str:
    return each.site.name_in(get_language() or "en")


def _stage(each: Participant) -> str:
    protocol = protocol_of(each)
    return Voice(protocol, each.zone, get_language() or "en").label(protocol.stages[Stage(each.stage)])


def _title(each: Participant, clause: str) -> str:
    return clause_title(protocol_of(each), clause, get_language() or "en")

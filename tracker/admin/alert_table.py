"""The alerts as one table for a spreadsheet: who must act on what, and what became of it."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.admin.alert_card import person
from tracker.admin.participant_table import local
from tracker.models import Alert


def header() -> list[str]:
    """The columns."""
    return [
        _("Study"), _("Site"), _("Participant"), _("Clause"), _("What to do"), _("Urgent"), _("Status"), _("Raised"),
        _("Due"), _("Acknowledged by"), _("Acknowledged at"), _("Resolved at"), _("Resolution"),
    ]  # fmt: skip


def rows(alerts: QuerySet[Alert]) -> Iterable[list[object]]:
    """The alerts; each time is the site's, with its offset. What somebody noted on one stays on its page."""
    for each in alerts:
        participant = each.deadline.participant
        zone = participant.zone
        yield [
            participant.study.code, participant.site.code, participant.subject_number, each.deadline.clause,
            each.say_in(get_language() or "en"), _("yes") if each.urgent else "", each.get_status_display(),
            local(each.raised_at, zone), local(each.due_at, zone),
            person(each.acknowledged_by) if each.acknowledged_by else "", local(each.acknowledged_at, zone),
            local(each.resolved_at, zone), each.get_resolution_display(),
        ]  # fmt: skip

"""The messages as one table for a spreadsheet: to whom, when, why and with what outcome; not what they said."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tracker.admin.alert_card import person
from tracker.models import Notification


def header() -> list[str]:
    """The columns."""
    return [
        _("Study"), _("Site"), _("Participant"), _("Clause"), _("Digest for"), _("Kind"), _("Urgent"), _("To"),
        _("In place of"), _("Told as"), _("Status"), _("Attempts"), _("Last error"), _("Address refused since"),
        _("Queued"), _("Held until"), _("Next attempt"), _("Sent"), _("Fault of the set-up"), _("Message number"),
    ]  # fmt: skip


def rows(messages: QuerySet[Notification]) -> Iterable[list[object]]:
    """The messages; each time is the site's, with its distance from UTC."""
    return (_cells(row) for row in messages.iterator(chunk_size=500))


def _cells(row: Notification) -> list[object]:
    participant = row.alert.deadline.participant if row.alert else None
    site = participant.site if participant else row.site
    zone = site.zone if site else ZoneInfo("UTC")
    refused_at = row.recipient.address_refused_at if row.recipient.is_unreachable else None
    return [
        participant.study.code if participant else "", site.code if site else "",
        participant.subject_number if participant else "", row.alert.deadline.clause if row.alert else "",
        row.digest_for or "", row.get_kind_display(), _("yes") if row.alert and row.alert.urgent else "",
        person(row.recipient), person(row.instead_of) if row.instead_of else "",
        row.role, row.get_status_display(), row.attempts, row.last_error,
        *(_local(each, zone) for each in (refused_at, row.created_at, row.held_until, row.next_try_at, row.sent_at)),
        row.fault, row.message_id,
    ]  # fmt: skip


def _local(instant: datetime | None, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else ""

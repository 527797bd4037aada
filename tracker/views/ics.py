"""A calendar as programs read it (RFC 5545): times, subject numbers and links; no word of what is due."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from tracker.models import CalendarEntry

ASKED_EVERY = timedelta(minutes=30)
"""How often programs should ask again."""


def calendar_file(entries: Iterable[CalendarEntry], language: str) -> bytes:
    """The file, all in UTC; the same bytes for as long as nothing in it changes."""
    with translation.override(language):
        calendar = Calendar()
        calendar.add("prodid", "-//Daymark//Daymark//EN")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", "Daymark")
        calendar.add("refresh-interval", ASKED_EVERY, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", ASKED_EVERY)
        for entry in entries:
            calendar.add_component(_event(entry))
        file: bytes = calendar.to_ical()
        return file


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", str(entry.uid))
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", _start(entry))
    event.add("summary", _summary(entry))
    event.add("url", _link(entry))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event


def _start(entry: CalendarEntry) -> datetime | date:
    return entry.starts_at.astimezone(entry.participant.zone).date() if entry.all_day else entry.starts_at


def _summary(entry: CalendarEntry) -> str:
    """Neutral on purpose: calendars lie open on phones and are shared; what it is stands behind the sign-in."""
    words = {"subject": entry.participant.subject_number}
    if entry.source.startswith("plan-"):
        return _("%(subject)s: something is planned, open Daymark") % words
    return _("%(subject)s: something is due, open Daymark") % words


def _link(entry: CalendarEntry) -> str:
    return settings.SITE_URL.rstrip("/") + reverse("admin:tracker_participant_change", args=[entry.participant_id])

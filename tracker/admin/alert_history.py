"""The history of an alert as people read it: who did what to it, and when."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.admin.alert_card import person
from tracker.models import Alert, AlertEvent, AlertEventKind, Resolution
from tracker.wording import Voice
from tracker.wording.joining import about


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history; `note` is what the person wrote."""

    when: str
    what: str
    note: str
    by: str


def history(voice: Voice, alert: Alert) -> list[Event]:
    """Everything that happened to the alert, newest first."""
    events = alert.events.select_related("by").order_by("-at", "-pk")
    return [_event(voice, event) for event in events]


def _event(voice: Voice, event: AlertEvent) -> Event:
    is_resolution = event.kind == AlertEventKind.RESOLVED
    return Event(
        when=voice.at(event.at), what=_what(voice, event), note="" if is_resolution else event.note,
        by=person(event.by) if event.by else _("Daymark"),
    )  # fmt: skip


def _what(voice: Voice, event: AlertEvent) -> str:
    said = str(event.get_kind_display()).capitalize()
    if event.kind == AlertEventKind.RESOLVED and event.note in Resolution.values:
        return about(said, str(Resolution(event.note).label))
    if event.until is not None:
        return _("%(what)s until %(when)s") % {"what": said, "when": voice.at(event.until)}
    return said

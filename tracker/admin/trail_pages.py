"""Reading the audit trail: of one participant, of one fact, and of everybody whose site one oversees."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.alert_card import person
from tracker.admin.csv_export import TOGETHER, csv_response
from tracker.admin.fact_card import value_words, when_words
from tracker.admin.own_pages import OwnPage
from tracker.admin.pages import ParticipantPage, staff
from tracker.admin.trail_form import TrailForm
from tracker.admin.trail_words import LONGEST, Entry, Reading
from tracker.audit.belonging import OF_A_PARTICIPANT, OF_A_SITE, is_about, of, of_pastes
from tracker.models import Assignment, AuditEvent, Laboratory, Participant, RecordedFact, Site, Study, UpperLimit, User

SHOWN = 50
"""How many events a page shows."""


def oversees(request: HttpRequest) -> bool:
    """Whether the reader may see the audit trail of a whole site; the sidebar asks."""
    return access.assignments_overseen_by(staff(request), timezone.now()).exists()


class Trail:
    """What both pages share: the events in reach, what was asked, one page of them and the whole as a table."""

    def __init__(
        self,
        reader: User,
        people: QuerySet[Participant],
        reach: Q,
        form: TrailForm,
        *,
        working: QuerySet[User],
        now: Any,
    ) -> None:
        self.reader, self.form, self.now = reader, form, now
        self.people, self.reach = people, reach
        self.staff = access.known_by_name(reader, working)

    def events(self) -> QuerySet[AuditEvent]:
        """What was asked for, newest first; nothing for a question that cannot be read."""
        if not self.form.is_valid():
            return AuditEvent.objects.none()
        hidden = of_pastes(access.pastes_hidden_from(self.reader, self.now))
        return AuditEvent.objects.filter(self.reach).exclude(hidden).filter(self.form.condition()).order_by("-pk")

    def page(self, asked: QueryDict) -> dict[str, Any]:
        """One page, and where the older ones are."""
        events = self.events()
        before = asked.get("before", "")
        if before.isdecimal():
            events = events.filter(pk__lt=int(before[:18]))
        found = list(events[: SHOWN + 1])
        older = asked.copy()
        older["before"] = str(found[SHOWN - 1].pk) if len(found) > SHOWN else ""
        newest = asked.copy()
        newest.pop("before", None)
        return {
            "form": self.form,
            "entries": self.read(found[:SHOWN]),
            "older": f"?{older.urlencode()}" if older["before"] else "",
            "newest": f"?{newest.urlencode()}" if before else "",
            "question": newest.urlencode(),
            "longest": LONGEST,
        }

    def table(self, name: str) -> StreamingHttpResponse:
        """Everything that was asked for, one line for each field of each event."""
        return csv_response(name, _header(), (line for entry in self._every() for line in _lines(entry)))

    def read(self, events: list[AuditEvent]) -> list[Entry]:
        """Events in words."""
        return Reading(events, self._people, self.staff).entries()

    def _every(self) -> Iterator[Entry]:
        events: list[AuditEvent] = []
        for event in self.events().iterator(chunk_size=TOGETHER):
            events.append(event)
            if len(events) == TOGETHER:
                yield from self.read(events)
                events = []
        yield from self.read(events)

    def _people(self, keys: set[int]) -> QuerySet[Participant]:
        found = self.people.filter(pk__in=keys).select_related("study", "site")
        return access.with_dose_seen_by(self.reader, found, self.now)


class ParticipantTrail(ParticipantPage):
    """Everything that was ever written about one participant, for whoever may see her."""

    def trail(self, request: HttpRequest) -> Trail:
        """What was asked."""
        working = access.staff_of(self.participant.site)
        models = list(OF_A_PARTICIPANT)
        form = TrailForm(request.GET, models=models, people=working, zone=self.participant.zone)
        people = Participant.objects.filter(pk=self.participant.pk)
        return Trail(self.staff, people, is_about(people, few=True), form, working=working, now=self.now)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        """One page of it."""
        shown = self.trail(request).page(request.GET)
        export = reverse("admin:tracker_participant_audit_export", args=[self.participant.pk])
        copy = reverse("admin:tracker_participant_copy", args=[self.participant.pk])
        may_copy = self.may(access.Action.TAKE_COPY)
        own = {"heading": _("Audit trail"), "export": export, "copy_url": copy if may_copy else ""}
        return self.page("tracker/trail.html", {**shown, **own})


class ExportParticipantTrail(ParticipantTrail):
    """The same as a table, whole."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        """The file."""
        return self.trail(request).table(f"audit-trail-{self.participant.subject_number}.csv")


class SiteTrail(OwnPage):
    """Everything that was written at the sites whose trail the reader oversees, in time."""

    def trail(self, request: HttpRequest) -> Trail:
        """What was asked. Raises NotAllowed for whoever oversees no site."""
        people = access.participants_overseen_by(self.staff, self.now)
        held = access.assignments_overseen_by(self.staff, self.now)
        if not held.exists():
            access.refuse(access.Action.READ_TRAIL)
        sites, studies = Site.objects.filter(assignments__in=held), Study.objects.filter(assignments__in=held)
        working = User.objects.filter(assignments__in=held).distinct()
        models: list[type[Model]] = [*OF_A_PARTICIPANT, *(each for each in OF_A_SITE if each not in OF_A_PARTICIPANT)]
        first = sites.order_by("pk").first()
        form = TrailForm(request.GET, models=models, people=working, zone=first.zone if first else ZoneInfo("UTC"))
        reach = is_about(people, few=False) | of(Site, sites) | of(Study, studies) | of(Assignment, held)
        reach |= of(Laboratory, Laboratory.objects.filter(site__in=sites))
        reach |= of(UpperLimit, UpperLimit.objects.filter(laboratory__site__in=sites))
        reach |= of(RecordedFact, RecordedFact.objects.filter(study__in=studies))
        return Trail(self.staff, people, reach, form, working=working, now=self.now)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        """One page of it."""
        own = {"heading": _("Audit trail"), "title": _("Audit trail"), "export": reverse("admin:tracker_audit_export")}
        return self.page("tracker/trail.html", {**self.trail(request).page(request.GET), **own})


class ExportSiteTrail(SiteTrail):
    """The same as a table, whole."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        """The file."""
        return self.trail(request).table("audit-trail.csv")


class FactHistory(ParticipantPage):
    """All versions of one fact, newest first, with the reason of each."""

    def get(self, _request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Read them. Raises Http404 for another participant's fact."""
        mine = RecordedFact.objects.filter(participant=self.participant)
        asked = mine.filter(pk=kwargs["fact"]).first()
        if asked is None:
            raise Http404(_("There is no such entry."))
        versions = list(mine.filter(key=asked.key).select_related("recorded_by").order_by("-version"))
        for row in versions:
            row.participant = self.participant
        events = of(RecordedFact, mine.filter(key=asked.key), few=True)
        trail = {event.row: event for event in AuditEvent.objects.filter(events, operation__in=("insert", "baseline"))}
        context = {
            "heading": _("History of an entry"),
            "concept": self.voice.concept(asked.concept),
            "versions": [self._version(row, trail.get(str(row.pk))) for row in versions],
        }
        return self.page("tracker/fact_history.html", context)

    def _version(self, row: RecordedFact, event: AuditEvent | None) -> dict[str, Any]:
        return {
            "version": row.version, "status": row.get_status_display(), "said": value_words(self.voice, row),
            "when": when_words(self.voice, row), "detail": row.detail, "reason": row.reason,
            "by": person(row.recorded_by), "recorded": self.voice.at(row.recorded_at),
            "utc": f"{row.recorded_at:%Y-%m-%d %H:%M:%S} UTC", "event": event,
        }  # fmt: skip


def _header() -> list[str]:
    return [
        _("Number"), _("Time (UTC)"), _("Time at the site"), _("Who"), _("Program"), _("Request"), _("Participant"),
        _("What was done"), _("Entry"), _("Field"), _("Before"), _("After"), _("Reason"),
    ]  # fmt: skip


def _lines(entry: Entry) -> Iterator[list[object]]:
    shared: list[object] = [
        entry.number, entry.utc, entry.local, entry.who, entry.program, entry.request, entry.subject, entry.done,
        entry.what,
    ]  # fmt: skip
    for change in entry.changes:
        yield [*shared, change.field, change.before, change.after, entry.reason]

"""The list of participants, and the addresses of everything that is done about one."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Count, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from tracker.access import participants_visible_to, with_dose_seen_by
from tracker.admin import hand_over, participant_table, screening_log
from tracker.admin.journey_card import dose_words
from tracker.admin.known_then import ShowAsKnown
from tracker.admin.laboratory_page import ShowLaboratories
from tracker.admin.pages import staff
from tracker.admin.participant_page import ShowParticipant
from tracker.admin.plan_card import OWED
from tracker.admin.register import Register, places
from tracker.admin.routes import participant_routes
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.admin.today import refresh
from tracker.admin.today_export import export as export_today
from tracker.admin.trail_pages import ExportSiteTrail, SiteTrail
from tracker.evaluation import protocol_of
from tracker.models import AlertStatus, Participant, TrackedDeadline
from tracker.wording import Voice, clause_title, distance_words
from tracker.wording.joining import phrased
from workflow.stages import Stage

STAGE_COLOURS = {
    Stage.SCREENING: "info", Stage.ENROLLED: "primary", Stage.LEUKAPHERESIS: "primary",
    Stage.LYMPHODEPLETION: "warning", Stage.INFUSION: "warning", Stage.FOLLOW_UP: "success",
    Stage.COMPLETED: "success",
}  # fmt: skip
"""Unfold's label colours; a stage that ended the journey early is grey."""


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    """Who is where, what is due next, and who has open alerts."""

    participant_path = ""
    list_display = ("number", "stage_label", "next_deadline", "open_alerts", "site_name", "level")
    list_display_links = ("number",)
    ordering = ("study", "subject_number")
    list_filter = ("stage", ("site", admin.RelatedOnlyFieldListFilter), ("study", admin.RelatedOnlyFieldListFilter))
    search_fields = ("subject_number",)
    search_help_text = gettext_lazy("Subject number")
    list_per_page = 50
    csv_name = "participants"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        """Everything the columns show, in a fixed number of queries."""
        owed = TrackedDeadline.objects.filter(status__in=OWED, due_at__isnull=False).order_by("due_at")
        first = Subquery(owed.filter(participant=OuterRef("pk")).values("due_at")[:1])
        raised = Count("deadlines__alerts", filter=Q(deadlines__alerts__status=AlertStatus.RAISED))
        rows: QuerySet[Participant] = super().get_queryset(request).select_related("study", "site")
        rows = with_dose_seen_by(staff(request), rows, timezone.now()).annotate(next_due=first, raised=raised)
        return rows.prefetch_related(Prefetch("deadlines", queryset=owed, to_attr="owed"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Nobody finds out a dose level by asking the list for it."""
        return "dose_level" not in lookup.split("__") and bool(super().lookup_allowed(lookup, value, request))

    def get_urls(self) -> list[URLPattern]:
        """Our own pages come before Django's: what is printed about everybody, and each participant's."""
        own = self.admin_site.admin_view
        return [
            path("screening-log/", own(screening_log.show), name="tracker_screening_log"),
            path("screening-log/export/", own(screening_log.export), name="tracker_screening_log_export"),
            path("laboratories/", own(ShowLaboratories.as_view()), name="tracker_laboratories"),
            path("audit/", own(SiteTrail.as_view()), name="tracker_audit"),
            path("audit/export/", own(ExportSiteTrail.as_view()), name="tracker_audit_export"),
            path("hand-over/", own(hand_over.show), name="tracker_hand_over"),
            path("today/", own(refresh), name="tracker_today"),
            path("today/export/", own(export_today), name="tracker_today_export"),
            *participant_routes(self.admin_site),
            *super().get_urls(),
        ]

    def csv_header(self) -> list[str]:
        """One column for each thing, where the list shows two in one."""
        return participant_table.header()

    def csv_rows(self, rows: QuerySet[Any]) -> Iterable[list[object]]:
        """The same people."""
        return participant_table.rows(rows)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may register somebody at one site at least."""
        return bool(places(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """The list; whoever types a whole subject number into the sidebar is led to that participant."""
        asked = request.GET.get("q", "").strip() if list(request.GET) == ["q"] else ""
        visible = participants_visible_to(request.user, timezone.now()).filter(subject_number__iexact=asked)
        keys = list(visible.values_list("pk", flat=True)[:2]) if asked else []
        if len(keys) == 1:
            return HttpResponseRedirect(reverse("admin:tracker_participant_change", args=keys))
        shown: HttpResponseBase = super().changelist_view(request, extra_context)
        return shown

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        """Register somebody."""
        return Register.as_view()(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The participant's own page, now or as it was known then."""
        page = ShowAsKnown if request.GET.get("known") else ShowParticipant
        return page.as_view()(request, pk=_key(object_id))

    @display(description=gettext_lazy("Subject number"), ordering="subject_number")
    def number(self, row: Participant) -> str:
        """The subject number."""
        return row.subject_number

    @display(description=gettext_lazy("Stage"), ordering="stage", label=STAGE_COLOURS)
    def stage_label(self, row: Participant) -> tuple[str, str]:
        """The stage, by the protocol's label."""
        return row.stage, _voice(row).label(protocol_of(row).stages[Stage(row.stage)])

    @display(description=gettext_lazy("Next deadline"), ordering="next_due")
    def next_deadline(self, row: Any) -> str:
        """What is due first, and when."""
        if not row.owed:
            return "–"
        voice, first = _voice(row), row.owed[0]
        now = timezone.now()
        late = "dm-late" if first.due_at < now else ""
        title = clause_title(voice.protocol, first.clause, voice.language)
        when = phrased([voice.through(first.due_at), distance_words(first.due_at, now)])
        return format_html('<span>{}<br><span class="dm-small {}">{}</span></span>', title, late, when)

    @display(description=gettext_lazy("Open alerts"), ordering="raised")
    def open_alerts(self, row: Any) -> str:
        """How many alerts wait to be acknowledged."""
        return format_html('<b class="dm-late">{}</b>', row.raised) if row.raised else "0"

    @display(description=gettext_lazy("Site"), ordering="site")
    def site_name(self, row: Participant) -> str:
        """The site, in the reader's language."""
        return row.site.name_in(get_language() or "en")

    @display(description=gettext_lazy("Dose level"), ordering="dose_seen")
    def level(self, row: Any) -> str:
        """The dose level, for those who may see it."""
        return dose_words(row.dose_seen)


def _key(object_id: str) -> int:
    """The key that an address names; the page itself looks whether the reader may see it. Raises Http404."""
    text = unquote(object_id)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404(_("There is no such participant."))
    return int(text)


def _voice(row: Participant) -> Voice:
    return Voice(protocol_of(row), row.zone, get_language() or "en", timezone.now())

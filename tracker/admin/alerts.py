"""Alerts: who must act on what; acknowledging one says that somebody has taken it up."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from tracker.admin import alert_table
from tracker.admin.alert_pages import Acknowledge, ShowAlert, Snooze
from tracker.admin.pages import FormPage
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.evaluation import protocol_of
from tracker.models import Alert, AlertStatus
from tracker.wording import Voice, distance_words


class StatusFilter(admin.SimpleListFilter):
    """Without a choice, what still needs somebody; resolved alerts on request."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Every status, and all of them."""
        return [("all", _("All")), *((code, str(label)) for code, label in AlertStatus.choices)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        """The alerts of the chosen status."""
        chosen = self.value()
        if chosen == "all":
            return queryset
        return queryset.filter(status=chosen) if chosen else queryset.exclude(status=AlertStatus.RESOLVED)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """The open alerts, urgent first."""

    participant_path = "deadline__participant"
    list_display = ("what", "subject", "urgency", "due", "state")
    list_display_links = ("what",)
    list_filter = (StatusFilter, "urgent", ("deadline__participant__site", admin.RelatedOnlyFieldListFilter))
    search_fields = ("deadline__participant__subject_number",)
    list_per_page = 50
    csv_name = "alerts"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        """Everything the columns show, in one query."""
        related = ("deadline__participant__study", "deadline__participant__site", "acknowledged_by")
        return super().get_queryset(request).select_related(*related)

    def get_urls(self) -> list[URLPattern]:
        """The pages that acknowledge and snooze come before Django's."""
        own = self.admin_site.admin_view
        return [
            path("<int:alert>/acknowledge/", own(_form_page(Acknowledge)), name="tracker_alert_acknowledge"),
            path("<int:alert>/snooze/", own(_form_page(Snooze)), name="tracker_alert_snooze"),
            *super().get_urls(),
        ]

    def csv_header(self) -> list[str]:
        """With what became of each."""
        return alert_table.header()

    def csv_rows(self, rows: QuerySet[Any]) -> Iterable[list[object]]:
        """The same alerts."""
        return alert_table.rows(rows)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The alert's own page."""
        alert = self.get_object(request, object_id)
        return ShowAlert.as_view()(request, pk=alert.deadline.participant_id, alert=alert.pk)

    @display(description=gettext_lazy("What to do"))
    def what(self, row: Alert) -> str:
        """The protocol file's words for what to do."""
        return row.say_in(get_language() or "en")

    @display(description=gettext_lazy("Participant"), ordering="deadline__participant__subject_number")
    def subject(self, row: Alert) -> str:
        """The participant, with a link."""
        participant = row.deadline.participant
        url = reverse("admin:tracker_participant_change", args=[participant.pk])
        return format_html('<a class="dm-link" href="{}">{}</a>', url, participant.subject_number)

    @display(
        description=gettext_lazy("Urgency"), ordering="urgent", label={"urgent": "danger", "usual": "info"}
    )  # fmt: skip
    def urgency(self, row: Alert) -> tuple[str, str]:
        """Urgent or not, in a colour of its own."""
        return ("urgent", _("Urgent")) if row.urgent else ("usual", _("Usual"))

    @display(description=gettext_lazy("Due"), ordering="due_at")
    def due(self, row: Alert) -> str:
        """When the deadline is due, in the site's time."""
        if row.due_at is None:
            return "–"
        now = timezone.now()
        voice = _voice(row)
        when, distance = voice.through(row.due_at), distance_words(row.due_at, now)
        late = "dm-late" if row.due_at < now else ""
        return format_html('<span>{}<br><span class="dm-small {}">{}</span></span>', when, late, distance)

    @display(
        description=gettext_lazy("Status"), ordering="status",
        label={AlertStatus.RAISED: "warning", AlertStatus.ACKNOWLEDGED: "success", AlertStatus.RESOLVED: "info"},
    )  # fmt: skip
    def state(self, row: Alert) -> tuple[str, str]:
        """Where it stands."""
        return row.status, str(row.get_status_display()).capitalize()


def _form_page(form_page: type[FormPage]) -> Callable[..., HttpResponseBase]:
    """The alert is found through its participant, so that another site's is not found."""

    def page(request: HttpRequest, alert: int) -> HttpResponseBase:
        participant = Alert.objects.filter(pk=alert).values_list("deadline__participant", flat=True).first()
        if participant is None:
            raise Http404(_("There is no such alert."))
        return form_page.as_view()(request, pk=participant, alert=alert)

    return page


def _voice(row: Alert) -> Voice:
    participant = row.deadline.participant
    return Voice(protocol_of(participant), participant.zone, get_language() or "en", timezone.now())

"""Deviations: where the protocol was not kept, and what became of each; one table for a spreadsheet."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from tracker.admin.alert_card import person
from tracker.admin.deviation_pages import CloseDeviation, CompleteDeviation, ShowDeviation
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.evaluation import protocol_of, versions_of
from tracker.models import Deviation, DeviationStatus
from tracker.wording import clause_title, moment_words


@admin.register(Deviation)
class DeviationAdmin(ReadOnlyAdmin):
    """The deviations, newest first."""

    list_display = ("what", "subject", "state", "drafted")
    list_display_links = ("what",)
    list_filter = ("status", ("participant__site", admin.RelatedOnlyFieldListFilter))
    search_fields = ("participant__subject_number",)
    list_per_page = 50
    csv_name = "deviations"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deviation]:
        """With what the columns show."""
        return super().get_queryset(request).select_related("participant__study", "participant__site", "step_record")

    def get_urls(self) -> list[URLPattern]:
        """Our own pages come before Django's."""
        own = self.admin_site.admin_view
        return [
            path("<int:deviation>/complete/", own(_page(CompleteDeviation)), name="tracker_deviation_complete"),
            path("<int:deviation>/close/", own(_page(CloseDeviation)), name="tracker_deviation_close"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The deviation's own page."""
        found = self.get_object(request, object_id)
        return ShowDeviation.as_view()(request, pk=found.participant_id, deviation=found.pk)

    def csv_header(self) -> list[str]:
        """With everything that was written about each."""
        return _header()

    def csv_rows(self, rows: QuerySet[Any]) -> Iterable[list[object]]:
        """The same deviations."""
        return _cells(rows.prefetch_related("signatures__signer").select_related("reported_by"))

    @display(description=gettext_lazy("Clause"), ordering="clause")
    def what(self, row: Deviation) -> str:
        """The clause that was not kept."""
        return _title(row)

    @display(description=gettext_lazy("Participant"), ordering="participant__subject_number")
    def subject(self, row: Deviation) -> str:
        """The participant, with a link."""
        url = reverse("admin:tracker_participant_change", args=[row.participant_id])
        return format_html('<a class="dm-link" href="{}">{}</a>', url, row.participant.subject_number)

    @display(
        description=gettext_lazy("Status"), ordering="status",
        label={DeviationStatus.DRAFT: "warning", DeviationStatus.CLOSED: "success", DeviationStatus.VOID: "info"},
    )  # fmt: skip
    def state(self, row: Deviation) -> tuple[str, str]:
        """Where it stands."""
        return row.status, str(row.get_status_display()).capitalize()

    @display(description=gettext_lazy("Drafted"), ordering="drafted_at")
    def drafted(self, row: Deviation) -> str:
        """When, in the site's time."""
        return moment_words(row.drafted_at, row.participant.zone, get_language() or "en")


def _page(page: Any) -> Any:
    """A page about one deviation, found through its participant, so that another site's is not found."""

    def show(request: HttpRequest, deviation: int) -> HttpResponseBase:
        participant = Deviation.objects.filter(pk=deviation).values_list("participant", flat=True).first()
        if participant is None:
            raise Http404(_("There is no such deviation."))
        shown: HttpResponseBase = page.as_view()(request, pk=participant, deviation=deviation)
        return shown

    return show


def _title(row: Deviation) -> str:
    decided = versions_of(row.participant).get(row.protocol_version) or protocol_of(row.participant)
    return clause_title(decided, row.clause, get_language() or "en")


def _header() -> list[str]:
    return [
        _("Participant"), _("Site"), _("Step"), _("Happened at"), _("Clause"), _("Title"), _("Drafted at"),
        _("Brought to light by"), _("Status"), _("Description"), _("Cause"), _("Impact"), _("Action taken"),
        _("Signed by"), _("Closed at"), _("Protocol version"), _("Hash of the rules"),
    ]  # fmt: skip


def _cells(rows: QuerySet[Deviation]) -> Iterator[list[object]]:
    for row in rows:
        step, zone = row.step_record, row.participant.zone

        def local(instant: datetime | None, zone: Any = zone) -> str:
            return instant.astimezone(zone).isoformat(timespec="seconds") if instant else ""

        yield [
            row.participant.subject_number, row.participant.site.code, step.get_step_display() if step else "",
            local(step.happened_at if step else None), row.clause, _title(row), local(row.drafted_at),
            person(row.reported_by) if row.reported_by else "", row.get_status_display(), row.description, row.cause,
            row.impact, row.action, ", ".join(person(each.signer) for each in row.signatures.all()),
            local(row.closed_at), row.protocol_version, row.protocol_hash,
        ]  # fmt: skip

"""Deviations: where the protocol was not kept; read only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from unfold.decorators import display

from tracker.admin.scoped import ReadOnlyAdmin
from tracker.evaluation import protocol_of
from tracker.models import Deviation, DeviationStatus
from tracker.wording import clause_title, moment_words


@admin.register(Deviation)
class DeviationAdmin(ReadOnlyAdmin):
    """The deviations, newest first."""

    list_display = ("participant", "what", "state", "drafted")
    list_filter = ("status", ("participant__site", admin.RelatedOnlyFieldListFilter))
    search_fields = ("participant__subject_number",)
    fields = (
        "participant", "what", "description", "step_record", "status", "drafted", "cause", "impact", "action",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deviation]:
        """With what the columns show."""
        return super().get_queryset(request).select_related("participant__study", "participant__site", "step_record")

    @display(description=gettext_lazy("Clause"), ordering="clause")
    def what(self, row: Deviation) -> str:
        """The clause that was not kept."""
        return clause_title(protocol_of(row.participant.study), row.clause, get_language() or "en")

    @display(description=gettext_lazy("drafted at"), ordering="drafted_at")
    def drafted(self, row: Deviation) -> str:
        """When it was drafted, in the site's time."""
        return moment_words(row.drafted_at, row.participant.zone, get_language() or "en", timezone.now())

    @display(
        description=gettext_lazy("Status"), ordering="status",
        label={DeviationStatus.DRAFT: "warning", DeviationStatus.CLOSED: "success"},
    )  # fmt: skip
    def state(self, row: Deviation) -> tuple[str, str]:
        """Where it stands."""
        return row.status, str(row.get_status_display()).capitalize()

"""Messages: exactly what was, or will be, sent to whom; read only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from tracker.access import messages_visible_to
from tracker.admin import message_table
from tracker.admin.alert_card import person
from tracker.admin.calendar_page import OwnCalendar
from tracker.admin.cover_pages import COVER_PAGES
from tracker.admin.message_pages import SendAgain, ShowDigest, ShowMessage
from tracker.admin.pages import staff
from tracker.admin.preference_page import EditPreferences
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.models import Notification, NotificationStatus
from tracker.wording import moment_words
from tracker.wording.joining import phrased

_COLOURS = {
    NotificationStatus.SENT: "success", NotificationStatus.PENDING: "info", NotificationStatus.SENDING: "info",
    NotificationStatus.HELD: "info",
    NotificationStatus.NOT_SENT_NO_MAIL_SERVER: "danger", NotificationStatus.FAILED: "danger",
    NotificationStatus.WITHDRAWN: "warning", NotificationStatus.ADDRESS_REFUSED: "danger",
    NotificationStatus.SUPPRESSED: "danger",
}  # fmt: skip


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """The outbox, newest first."""

    list_display = ("subject", "to", "kind", "state", "tries", "queued", "sent")
    list_display_links = ("subject",)
    list_filter = (
        "status",
        "kind",
        ("alert__urgent", admin.BooleanFieldListFilter),
        ("recipient", admin.RelatedOnlyFieldListFilter),
        ("alert__deadline__participant__site", admin.RelatedOnlyFieldListFilter),
        ("alert__deadline__participant__study", admin.RelatedOnlyFieldListFilter),
    )
    csv_name = "messages"
    search_fields = ("alert__deadline__participant__subject_number",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        """With the reader of each message, and the site whose time is shown."""
        mine = messages_visible_to(staff(request), timezone.now())
        related = (
            "recipient",
            "instead_of",
            "site",
            "alert__deadline__participant__site",
            "alert__deadline__participant__study",
        )
        return mine.select_related(*related)

    def get_urls(self) -> list[URLPattern]:
        """Where each person chooses how she is told comes before Django's pages."""
        own = self.admin_site.admin_view
        return [
            path("preferences/", own(EditPreferences.as_view()), name="tracker_preferences"),
            *(path(f"cover/{route}", own(page.as_view()), name=name) for route, name, page in COVER_PAGES),
            path("calendar/", own(OwnCalendar.as_view()), name="tracker_calendar"),
            path("<int:notification>/send-again/", own(self.send_again), name="tracker_notification_send_again"),
            *super().get_urls(),
        ]

    def csv_header(self) -> list[str]:
        """With every time and error, and no word of what a message said."""
        return message_table.header()

    def csv_rows(self, rows: QuerySet[Any]) -> Iterable[list[object]]:
        """The same messages."""
        return message_table.rows(rows)

    def send_again(self, request: HttpRequest, notification: int) -> HttpResponseBase:
        """A message is found through its participant, so that another site's is not found."""
        found = Notification.objects.filter(pk=notification, alert__isnull=False)
        participant = found.values_list("alert__deadline__participant", flat=True).first()
        if participant is None:
            raise Http404(_("There is no such entry."))
        return SendAgain.as_view()(request, pk=participant, message=notification)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The message's own page."""
        message = self.get_object(request, object_id)
        if message.alert is None:
            return ShowDigest.as_view()(request, message=message.pk)
        return ShowMessage.as_view()(request, pk=message.alert.deadline.participant_id, message=message.pk)

    @display(description=gettext_lazy("To"), ordering="recipient")
    def to(self, row: Notification) -> str:
        """The reader."""
        return person(row.recipient)

    @display(description=gettext_lazy("Status"), ordering="status", label=_COLOURS)
    def state(self, row: Notification) -> tuple[str, str]:
        """What became of it, in words."""
        return row.status, str(row.get_status_display()).capitalize()

    @display(description=gettext_lazy("Attempts"), ordering="attempts")
    def tries(self, row: Notification) -> str:
        """How often it was tried, and what the last attempt ended with."""
        return phrased([str(row.attempts), row.last_error])

    @display(description=gettext_lazy("Queued"), ordering="created_at")
    def queued(self, row: Notification) -> str:
        """When it was written, in the site's time."""
        return _at(row, row.created_at)

    @display(description=gettext_lazy("Sent"), ordering="sent_at")
    def sent(self, row: Notification) -> str:
        """When it went out, in the site's time."""
        return _at(row, row.sent_at) if row.sent_at else "–"


def _at(row: Notification, instant: datetime) -> str:
    """An instant in the time of the message's site: the participant's, or the one whose clock a digest goes by."""
    site = row.alert.deadline.participant.site if row.alert else row.site
    zone = site.zone if site else ZoneInfo("UTC")
    return moment_words(instant, zone, get_language() or "en", timezone.now())

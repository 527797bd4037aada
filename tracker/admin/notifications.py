"""Messages: exactly what was, or will be, sent to whom; read only."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from unfold.decorators import display

from tracker.access import messages_visible_to
from tracker.admin.alert_card import person
from tracker.admin.message_pages import ShowDigest, ShowMessage
from tracker.admin.pages import staff
from tracker.admin.preference_page import EditPreferences
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.models import Notification, NotificationStatus
from tracker.wording import moment_words

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

    list_display = ("subject", "to", "kind", "state", "queued", "sent")
    list_display_links = ("subject",)
    list_filter = ("status", "kind")
    search_fields = ("alert__deadline__participant__subject_number",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        """With the reader of each message, and the site whose time is shown."""
        mine = messages_visible_to(staff(request), timezone.now())
        return mine.select_related("recipient", "site", "alert__deadline__participant__site")

    def get_urls(self) -> list[URLPattern]:
        """Where each person chooses how she is told comes before Django's pages."""
        page = self.admin_site.admin_view(EditPreferences.as_view())
        return [path("preferences/", page, name="tracker_preferences"), *super().get_urls()]

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

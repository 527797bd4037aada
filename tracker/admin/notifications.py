"""Messages: exactly what was, or will be, sent to whom; read only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from tracker.admin.alert_card import person, role_words
from tracker.admin.pages import ParticipantPage
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.evaluation import protocol_of
from tracker.models import Notification, NotificationStatus
from tracker.wording import Voice

STATES = {
    NotificationStatus.SENT: "met", NotificationStatus.PENDING: "pending", NotificationStatus.SENDING: "pending",
    NotificationStatus.NOT_SENT_NO_MAIL_SERVER: "fail", NotificationStatus.FAILED: "fail",
    NotificationStatus.WITHDRAWN: "not_applicable",
}  # fmt: skip
"""Which shape and colour a message's state is shown in."""

_COLOURS = {
    NotificationStatus.SENT: "success", NotificationStatus.PENDING: "info", NotificationStatus.SENDING: "info",
    NotificationStatus.NOT_SENT_NO_MAIL_SERVER: "danger", NotificationStatus.FAILED: "danger",
    NotificationStatus.WITHDRAWN: "warning",
}  # fmt: skip


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """The outbox, newest first."""

    participant_path = "alert__deadline__participant"
    list_display = ("subject", "to", "kind", "state", "queued", "sent")
    list_display_links = ("subject",)
    list_filter = ("status", "kind")
    search_fields = ("alert__deadline__participant__subject_number",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        """With the reader of each message, and the site whose time is shown."""
        participant = "alert__deadline__participant"
        related = ("recipient", f"{participant}__site", f"{participant}__study")
        rows: QuerySet[Notification] = super().get_queryset(request).select_related(*related)
        return rows

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """The message's own page."""
        message = self.get_object(request, object_id)
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
        return _voice(row).at(row.created_at)

    @display(description=gettext_lazy("Sent"), ordering="sent_at")
    def sent(self, row: Notification) -> str:
        """When it went out, in the site's time."""
        return _voice(row).at(row.sent_at) if row.sent_at else "–"


class ShowMessage(ParticipantPage):
    """One message, word for word, as text and as it looks."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Read it."""
        mine = Notification.objects.filter(alert__deadline__participant=self.participant).select_related("recipient")
        message = mine.get(pk=self.kwargs["message"])
        context = {
            "heading": message.subject,
            "crumb": _("Message"),
            "message": message,
            "to": person(message.recipient),
            "role": role_words(self.voice, message.role),
            "state": STATES[NotificationStatus(message.status)],
            "status": str(message.get_status_display()).capitalize(),
            "queued": self.voice.at(message.created_at),
            "sent": self.voice.at(message.sent_at) if message.sent_at else "",
        }
        return self.page("tracker/message.html", context)


def _voice(row: Notification) -> Voice:
    participant = row.alert.deadline.participant
    return Voice(protocol_of(participant.study), participant.zone, get_language() or "en", timezone.now())

"""Messages: exactly what was, or will be, sent to whom; read only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from tracker.admin.alert_card import person
from tracker.admin.scoped import ReadOnlyAdmin
from tracker.models import Notification, NotificationStatus

_COLOURS = {
    NotificationStatus.SENT: "success", NotificationStatus.PENDING: "info", NotificationStatus.SENDING: "info",
    NotificationStatus.NOT_SENT_NO_MAIL_SERVER: "danger", NotificationStatus.FAILED: "danger",
    NotificationStatus.WITHDRAWN: "warning",
}  # fmt: skip


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """The outbox, newest first."""

    participant_path = "alert__deadline__participant"
    list_display = ("subject", "to", "kind", "state", "created_at", "sent_at")
    list_filter = ("status", "kind")
    search_fields = ("alert__deadline__participant__subject_number",)
    list_per_page = 50
    fields = (
        "subject", "to", "kind", "state", "fault", "last_error", "created_at", "sent_at", "message_id", "text", "html",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        """With the reader of each message."""
        return super().get_queryset(request).select_related("recipient")

    @display(description=gettext_lazy("To"), ordering="recipient")
    def to(self, row: Notification) -> str:
        """The reader, with the address."""
        return f"{person(row.recipient)} <{row.recipient.email}>" if row.recipient.email else person(row.recipient)

    @display(description=gettext_lazy("Status"), ordering="status", label=_COLOURS)
    def state(self, row: Notification) -> tuple[str, str]:
        """What became of it, in words."""
        return row.status, str(row.get_status_display()).capitalize()

    @display(description=gettext_lazy("Text"))
    def text(self, row: Notification) -> str:
        """The plain text, word for word."""
        return format_html('<pre class="dm-message">{}</pre>', row.text_body)

    @display(description=gettext_lazy("As it looks"))
    def html(self, row: Notification) -> str:
        """The HTML, in a frame that may run nothing and reach nothing."""
        return format_html(
            '<iframe class="dm-message" sandbox="" srcdoc="{}" title="{}"></iframe>', row.html_body, row.subject
        )

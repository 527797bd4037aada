"""One message, word for word, as text and as it looks; a digest is shown to its reader."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.alert_card import person, role_words
from tracker.admin.own_pages import OwnPage
from tracker.admin.pages import ParticipantPage
from tracker.models import Notification, NotificationStatus
from tracker.wording import moment_words

STATES = {
    NotificationStatus.SENT: "met", NotificationStatus.PENDING: "pending", NotificationStatus.SENDING: "pending",
    NotificationStatus.HELD: "pending", NotificationStatus.NOT_SENT_NO_MAIL_SERVER: "fail",
    NotificationStatus.FAILED: "fail", NotificationStatus.WITHDRAWN: "not_applicable",
    NotificationStatus.ADDRESS_REFUSED: "fail", NotificationStatus.SUPPRESSED: "fail",
}  # fmt: skip
"""Which shape and colour a message's state is shown in."""


class ShowMessage(ParticipantPage):
    """A message about an alert."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Read it."""
        mine = Notification.objects.filter(alert__deadline__participant=self.participant)
        message = mine.select_related("recipient", "digest").get(pk=self.kwargs["message"])
        role = role_words(self.voice, message.role)
        return self.page("tracker/message.html", {**_message_words(message, self.voice.at), "role": role})


class ShowDigest(OwnPage):
    """A digest: for its reader, and for superusers."""

    def get(self, _request: HttpRequest, message: int) -> HttpResponse:
        """Read it, in the time of the site whose clock it went by."""
        mine = access.messages_visible_to(self.staff, self.now).select_related("recipient", "site")
        digest = mine.filter(pk=message, alert=None).first()
        if digest is None or digest.site is None:
            raise Http404(_("There is no such entry."))
        zone, language = digest.site.zone, get_language() or "en"
        words = _message_words(digest, lambda instant: moment_words(instant, zone, language, self.now))
        place = {"place": _("Messages"), "home": reverse("admin:tracker_notification_changelist")}
        return self.page("tracker/message.html", {**words, **place, "title": digest.subject})


def _message_words(message: Notification, at: Callable[[datetime], str]) -> dict[str, Any]:
    held = message.status == NotificationStatus.HELD and message.held_until is not None
    return {
        "heading": message.subject,
        "crumb": _("Message"),
        "message": message,
        "to": person(message.recipient),
        "state": STATES[NotificationStatus(message.status)],
        "status": str(message.get_status_display()).capitalize(),
        "queued": at(message.created_at),
        "sent": at(message.sent_at) if message.sent_at else "",
        "held_until": at(message.held_until) if held and message.held_until else "",
    }

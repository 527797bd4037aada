"""One message, word for word, as text and as it looks; a digest is shown to its reader."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.alert_card import person, role_words
from tracker.admin.heartbeat import site_of
from tracker.admin.own_pages import OwnPage
from tracker.admin.pages import FormPage, ParticipantPage
from tracker.admin.service_forms import ServiceForm
from tracker.models import Notification, NotificationStatus
from tracker.services.resending import can_be_sent_again, send_again
from tracker.wording import moment_words
from tracker.wording.joining import told_together

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
        message = mine.select_related("recipient", "digest", "alert").get(pk=self.kwargs["message"])
        words = _message_words(message, self.voice.at)
        words["role"] = role_words(self.voice, message.role)
        words["may_send_again"] = can_be_sent_again(message) and self.may(access.Action.ACKNOWLEDGE)
        return self.page("tracker/message.html", words)


class SendAgain(FormPage):
    """Ask for another attempt at a message that did not arrive."""

    action = access.Action.ACKNOWLEDGE

    @cached_property
    def message(self) -> Notification:
        """The message of the page's address. Raises Http404 where the participant has none of that number."""
        mine = Notification.objects.filter(alert__deadline__participant=self.participant)
        found = mine.select_related("alert__deadline", "recipient").filter(pk=self.kwargs["message"]).first()
        if found is None:
            raise Http404(_("There is no such entry."))
        return found

    def heading(self) -> str:
        """The question."""
        return _("Send this message again?")

    def submit(self) -> str:
        """The consequence."""
        return _("Send again")

    def form(self, data: Any = None) -> ServiceForm:
        """Nothing to fill in."""
        return ServiceForm(data)

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """To whom and what stands above the button."""
        about = told_together([person(self.message.recipient), self.message.subject])
        hint = _("It goes out as it was written, under the same number, so that a copy can be told as one.")
        return {**super().context(form), "about": about, "hint": hint}

    def save(self, _form: ServiceForm) -> str:
        """Put it back into the outbox."""
        send_again(message=self.message, by=self.staff, now=self.now)
        return _("The message waits to be sent again.")


class ShowDigest(OwnPage):
    """A digest, or what a person is told of her account: for its reader, and for superusers."""

    def get(self, _request: HttpRequest, message: int) -> HttpResponse:
        """Read it, in the time of the site whose clock it went by, else of the reader's own."""
        mine = access.messages_visible_to(self.staff, self.now).select_related("recipient", "site")
        digest = mine.filter(pk=message, alert=None).first()
        if digest is None:
            raise Http404(_("There is no such entry."))
        site = digest.site or site_of(self.staff)
        zone, language = site.zone if site else ZoneInfo("UTC"), get_language() or "en"
        words = _message_words(digest, lambda instant: moment_words(instant, zone, language, self.now))
        place = {"place": _("Messages"), "home": reverse("admin:tracker_notification_changelist")}
        return self.page("tracker/message.html", {**words, **place, "title": digest.subject})


def _message_words(message: Notification, at: Callable[[datetime], str]) -> dict[str, Any]:
    held = message.status == NotificationStatus.HELD and message.held_until is not None
    failed = message.status == NotificationStatus.FAILED
    refused_at = message.recipient.address_refused_at
    return {
        "heading": message.subject,
        "crumb": _("Message"),
        "message": message,
        "to": person(message.recipient),
        "state": STATES[NotificationStatus(message.status)],
        "status": str(message.get_status_display()).capitalize(),
        "queued": at(message.created_at),
        "sent": at(message.sent_at) if message.sent_at else "",
        "next_try": at(message.next_try_at) if failed and message.next_try_at else "",
        "refused_since": at(refused_at) if message.recipient.is_unreachable and refused_at else "",
        "held_until": at(message.held_until) if held and message.held_until else "",
    }

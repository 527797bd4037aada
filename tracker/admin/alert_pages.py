"""One alert: what to do, who was told and when, the messages; and the form that acknowledges it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.alert_card import alert_words
from tracker.admin.alert_history import history
from tracker.admin.desk import Desk
from tracker.admin.pages import FormPage, ParticipantPage
from tracker.admin.service_forms import ServiceForm, reason_field
from tracker.models import Alert, AlertStatus
from tracker.services.alerts import acknowledge, snooze


class AcknowledgeForm(ServiceForm):
    """A note, if there is one."""

    note = forms.CharField(required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["note"].label = _("Note")


def alert_of(page: ParticipantPage) -> Alert:
    """The alert of a page's address. Raises Http404 where the participant has none of that number."""
    mine = Alert.objects.filter(deadline__participant=page.participant).select_related("deadline", "acknowledged_by")
    found = mine.filter(pk=page.kwargs["alert"]).first()
    if found is None:
        raise Http404(_("There is no such alert."))
    return found


class ShowAlert(ParticipantPage):
    """The alert's own page; it reads."""

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """What it says, and every message it led to."""
        alert = alert_of(self)
        context = {
            "heading": alert.say_in(self.voice.language),
            "crumb": _("Alert"),
            "alert": alert_words(self.voice, alert, self.now),
            "fault": alert.fault,
            "messages_sent": alert.notifications.select_related("recipient").order_by("pk"),
            "may_acknowledge": self.may(access.Action.ACKNOWLEDGE) and alert.status == AlertStatus.RAISED,
            "may_snooze": self.may(access.Action.ACKNOWLEDGE) and _can_be_snoozed(alert, self.now),
            "history": history(self.voice, alert),
        }
        return self.page("tracker/alert.html", context)


def _can_be_snoozed(alert: Alert, now: datetime) -> bool:
    """Whether there is anything to snooze: what is urgent, resolved or late is not offered."""
    is_late = alert.due_at is not None and alert.due_at <= now
    return alert.status != AlertStatus.RESOLVED and not alert.urgent and not is_late


class Acknowledge(FormPage):
    """Say that somebody has taken it up. The obligation stays until it is met."""

    action = access.Action.ACKNOWLEDGE

    def heading(self) -> str:
        """The question."""
        return _("Have you taken this up?")

    def submit(self) -> str:
        """The consequence."""
        return _("Acknowledge and stop its escalation")

    def form(self, data: Any = None) -> AcknowledgeForm:
        """A note."""
        return AcknowledgeForm(data)

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """What to do stands above the form."""
        say = alert_of(self).say_in(self.voice.language)
        hint = _("The obligation stays open until it is met, and later reminders still come.")
        return {**super().context(form), "about": say, "hint": hint}

    def save(self, form: AcknowledgeForm) -> str:
        """Acknowledge it."""
        acknowledge(alert=alert_of(self), by=self.staff, now=self.now, note=form.cleaned_data["note"])
        return _("Acknowledged. The obligation stays open until it is met.")


class SnoozeForm(ServiceForm):
    """Until when, and why."""

    def __init__(self, desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"] = desk.moment(_("Until"))
        self.fields["reason"] = reason_field()


class Snooze(FormPage):
    """Leave it out of one's own digests for a while."""

    action = access.Action.ACKNOWLEDGE

    def heading(self) -> str:
        """The question."""
        return _("Leave this out of your own digests for a while?")

    def submit(self) -> str:
        """The consequence."""
        return _("Snooze for me")

    def form(self, data: Any = None) -> SnoozeForm:
        """A time of the site, and a reason."""
        return SnoozeForm(self.desk, data)

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """What to do stands above the form."""
        hint = _(
            "It ends at that time, at the next reminder, or when the record changes. Nobody else is quieted, and the "
            "escalation goes on unless somebody acknowledges."
        )
        return {**super().context(form), "about": alert_of(self).say_in(self.voice.language), "hint": hint}

    def save(self, form: SnoozeForm) -> str:
        """Snooze it."""
        snooze(alert=alert_of(self), by=self.staff, now=self.now, **form.cleaned_data)
        return _("Snoozed for you until %(when)s.") % {"when": self.voice.at(form.cleaned_data["until"])}

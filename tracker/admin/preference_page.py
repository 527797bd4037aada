"""How you are told: each person chooses language, digest and quiet hours for herself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.admin.own_pages import OwnPage
from tracker.admin.service_forms import ServiceForm
from tracker.errors import PreferencesInvalid
from tracker.models import Language
from tracker.services.preferences import Preferences, choose


def _clock(label: Any, help_text: Any = "", *, required: bool = False) -> forms.TimeField:
    return forms.TimeField(
        label=label, help_text=help_text, required=required, input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Write the time of day as 10:00.")},
    )  # fmt: skip


class PreferencesForm(ServiceForm):
    """Language and times; a service judges them together."""

    language = forms.ChoiceField(label=gettext_lazy("Language of your pages and messages"), choices=Language.choices)
    wants_digest = forms.TypedChoiceField(
        label=gettext_lazy("Daily digest"), coerce=lambda typed: typed == str(True),
        choices=[(True, gettext_lazy("Every day")), (False, gettext_lazy("Never"))],
        help_text=gettext_lazy("Without it, reminders still come one by one: nobody can decline those."),
    )  # fmt: skip
    digest_at = _clock(
        gettext_lazy("Your daily digest comes at"),
        gettext_lazy("On the clock of your site; where you work at several, of the first by its code."), required=True,
    )  # fmt: skip
    quiet_from = _clock(gettext_lazy("Quiet hours from"))
    quiet_until = _clock(
        gettext_lazy("Quiet hours until"),
        gettext_lazy(
            "On the clock of the participant’s site. What comes in these hours waits for your digest, if that comes "
            "within three hours of their end, else for their end. What is urgent never waits, nor does anything whose "
            "next reminder or due time comes first."
        ),
    )


class EditPreferences(OwnPage):
    """Shown by GET, which changes nothing; kept by POST."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """What she chose last."""
        names = PreferencesForm.base_fields
        return self._shown(PreferencesForm(initial={name: getattr(self.staff, name) for name in names}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep it, or show the form again with everything that was typed."""
        form = PreferencesForm(request.POST)
        if form.is_valid():
            try:
                choose(preferences=Preferences(**form.cleaned_data), by=self.staff, now=self.now)
            except PreferencesInvalid as invalid:
                form.attach(invalid.errors)
            else:
                messages.success(request, _("Kept. It holds for everything that comes from now on."))
                return HttpResponseRedirect(reverse("admin:index"))
        return self._shown(form, status=422)

    def _shown(self, form: PreferencesForm, *, status: int = 200) -> HttpResponse:
        heading = _("How you are told")
        context = {"form": form, "title": heading, "heading": heading, "submit": _("Save"), "place": _("Today")}
        return self.page("tracker/form.html", context, status=status)

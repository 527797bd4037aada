"""A lost device: a superuser takes it out of use, and says why."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.admin.alert_card import person
from tracker.admin.own_pages import OwnPage
from tracker.audit.context import because
from tracker.models import User
from tracker.services import codes


class LostDeviceForm(forms.Form):
    """Why; nothing else."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("How you know that it is she who asks, and what became of the device."),
    )  # fmt: skip


class ResetCodes(OwnPage):
    """For superusers: shown by GET, done by POST."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Ask who it is first: nobody else learns which numbers there are."""
        super().setup(request, *args, **kwargs)
        if not (self.staff.is_active and self.staff.is_superuser):
            raise PermissionDenied
        self.person = get_object_or_404(User, pk=kwargs["pk"])
        self.back = reverse("admin:tracker_user_change", args=[self.person.pk])

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Ask why."""
        return self._shown(LostDeviceForm())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Take the device out of use, and tell the person."""
        form = LostDeviceForm(request.POST)
        if not form.is_valid():
            return self._shown(form, status=422)
        reason = form.cleaned_data["reason"]
        with because(reason, by=self.staff.pk):
            codes.reset(user=self.person, by=self.staff, reason=reason, now=self.now)
        messages.success(request, _("The codes are reset, and the person is told by e-mail."))
        return HttpResponseRedirect(self.back)

    def _shown(self, form: LostDeviceForm, *, status: int = 200) -> HttpResponse:
        heading = _("Reset the one-time codes of %(person)s?") % {"person": person(self.person)}
        about = _("The device and its back-up codes open nothing any more, and every session of this person ends.")
        context = {"form": form, "title": heading, "heading": heading, "about": about, "submit": _("Reset the codes")}
        return self.page("tracker/form.html", {**context, "place": _("People"), "home": self.back}, status=status)

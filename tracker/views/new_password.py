"""A new password for whoever forgot hers: nobody learns from these pages whether somebody has an account."""

from time import monotonic, sleep
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.core.validators import EmailValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import BASE_INPUT_CLASSES

from tracker.audit.context import acting
from tracker.door.limits import RESET_OF_ONE
from tracker.models import User
from tracker.services import new_passwords

ANSWERED_AFTER = 0.4
"""Seconds: longer than it takes to queue a mail, so that an answer's time tells nothing."""

_LINK = "daymark_password_link"
"""Under which name a session keeps the link: it leaves the address bar, and no page behind it is told of it."""

_INPUT = {"class": " ".join(BASE_INPUT_CLASSES)}


class AddressForm(forms.Form):
    """The address of an account."""

    email = forms.CharField(
        label=gettext_lazy("E-mail address of your account"), max_length=254,
        validators=[EmailValidator(gettext_lazy("Write the address as name@hospital.example."))],
        widget=forms.EmailInput(attrs={**_INPUT, "autocomplete": "email"}),
    )  # fmt: skip


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # it takes one in the stubs only
    """A new password, typed twice."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs |= _INPUT


@method_decorator(never_cache, name="dispatch")
class OutsidePage(View):
    """A page for people who are not signed in, in the look of the door."""

    def page(self, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
        """One page."""
        return TemplateResponse(
            self.request, template, {**admin.site.each_context(self.request), **more}, status=status
        )


class AskForPassword(OutsidePage):
    """Takes an address, and says the same whatever it is."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Ask for the address."""
        return self._shown(AddressForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Queue what is to be sent; the answer comes after the same time for everybody."""
        began, form = monotonic(), AddressForm(request.POST)
        if not form.is_valid():
            return self._shown(form, status=422)
        address, now = form.cleaned_data["email"], timezone.now()
        if RESET_OF_ONE.allows(address.casefold(), now):
            new_passwords.ask(address=address, now=now)
        sleep(max(0.0, ANSWERED_AFTER - (monotonic() - began)))
        return self.page("tracker/password_asked.html", title=_("Look into your mailbox"))

    def _shown(self, form: AddressForm, *, status: int = 200) -> HttpResponse:
        return self.page("tracker/password_ask.html", title=_("A new password"), form=form, status=status)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChoosePassword(OutsidePage):
    """The link from the mail: looked at, it changes nothing; the password that is typed behind it uses it up."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Take the link out of the address bar, then ask."""
        if "token" in request.GET:
            request.session[_LINK] = [request.GET.get("who", ""), request.GET["token"]]
            return HttpResponseRedirect(reverse("password_reset_confirm"))
        user = self._user()
        return self._shown(PasswordForm(user)) if user else self._gone()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the password, or show the form again."""
        with transaction.atomic():
            user = self._user(lock=True)
            if user is None:
                return self._gone()
            form = PasswordForm(user, request.POST)
            if not form.is_valid():
                return self._shown(form, status=422)
            with acting(actor=user.pk, reason="new password by e-mail"):
                form.save()
                new_passwords.chosen(user=user, now=timezone.now())
        del request.session[_LINK]
        messages.success(request, _("Your new password holds: sign in with it."))
        return HttpResponseRedirect(reverse("admin:login"))

    def _user(self, *, lock: bool = False) -> User | None:
        """Whose link it is; two at once do not both use it."""
        user = new_passwords.whose(*self.request.session.get(_LINK, ["", ""]))
        if user and lock:
            User.objects.select_for_update().get(pk=user.pk)
            user = new_passwords.whose(*self.request.session[_LINK])
        return user

    def _shown(self, form: PasswordForm, *, status: int = 200) -> HttpResponse:
        return self.page("tracker/password_choose.html", title=_("Choose a new password"), form=form, status=status)

    def _gone(self) -> HttpResponse:
        return self.page("tracker/password_gone.html", title=_("This link leads nowhere"), status=404)

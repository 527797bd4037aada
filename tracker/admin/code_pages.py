"""One-time codes: asked after the password, made on a page of their own, shown once."""

from datetime import datetime, timedelta
from typing import Any

import qrcode
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_otp import login as prove
from qrcode.image.svg import SvgPathImage
from unfold.widgets import BASE_INPUT_CLASSES

from tracker.admin.own_pages import OwnPage, wanted_page
from tracker.door import codes as door
from tracker.door import failures
from tracker.services import codes

_MAY_MOVE = "daymark_may_move_codes"
"""Under which name a session keeps when a code was given for changing to another device: seconds since 1970."""

_MOVES_WITHIN = timedelta(minutes=10)
"""How long that code holds: long enough for a new device, too short for whoever finds the desk unattended."""


class CodeForm(forms.Form):
    """One code; it never comes back with the page."""

    code = forms.CharField(
        label=gettext_lazy("One-time code"), max_length=40,
        widget=forms.TextInput(attrs={
            "autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True,
            "class": " ".join(BASE_INPUT_CLASSES),
        }),
    )  # fmt: skip


class CodePage(OwnPage):
    """What the pages with a code share: where to go afterwards, and what is said of a wrong one."""

    template = ""

    def shown(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page; `form` without what was typed."""
        context = {"form": CodeForm(), "next": self.following, **more}
        return self.page(self.template, context, status=status)

    @property
    def following(self) -> str:
        """Where somebody wanted to go."""
        return wanted_page(self.request)

    def code(self) -> str:
        """What was typed; "" for nothing that could be a code."""
        form = CodeForm(self.request.POST)
        return str(form.cleaned_data["code"]) if form.is_valid() else ""

    def refused(self) -> str:
        """Why a code was not taken."""
        seconds = codes.seconds_to_wait(self.staff, self.now)
        if seconds > 1:
            said = ngettext("Wrong code. Wait %(n)d second.", "Wrong code. Wait %(n)d seconds.", seconds)
            return said % {"n": seconds}
        return _("This code is not right, or was used already: expected the six digits shown now, or a back-up code.")


class AskCode(CodePage):
    """After the password: nothing else is reached before the code."""

    template = "tracker/code.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Ask, unless there is nothing to ask for."""
        if door.is_proven(self.request) or not codes.has_codes(self.staff):
            return HttpResponseRedirect(self.following)
        return self.shown(title=_("One-time code"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let the person in, or count the failure."""
        user = self.staff
        if door.is_proven(request) or not codes.has_codes(user):
            return HttpResponseRedirect(self.following)
        if failures.is_locked_out(request, user):
            return self._out()
        if codes.seconds_to_wait(user, self.now) > 1:
            return self._again()
        device = codes.verify(user=user, code=self.code(), now=self.now)
        if device is None:
            return self._out() if failures.count_failure(request, user) else self._again()
        request.session.cycle_key()
        prove(request, device)
        failures.forget(request, user)
        return HttpResponseRedirect(self.following)

    def _again(self) -> HttpResponse:
        return self.shown(title=_("One-time code"), error=self.refused(), status=422)

    def _out(self) -> HttpResponse:
        """Axes' middleware puts its own page in the place of this answer."""
        logout(self.request)
        return HttpResponse(status=429)


class BeginCodes(CodePage):
    """A new device: begun, shown once, proven with one code; then ten back-up codes, shown once."""

    template = "tracker/codes_begin.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Say what is to be done; the secret is made when somebody says that she is ready."""
        return self.shown(title=_("Set up one-time codes"), forced=door.must_have_codes(self.staff))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the new secret, or take the code that proves it."""
        if codes.has_codes(self.staff) and not _may_move(request, self.now):
            # An unattended desk is no way to another's codes.
            return HttpResponseRedirect(reverse("admin:tracker_codes"))
        if "begin" in request.POST:
            return self._secret(codes.begin(user=self.staff))
        begun = codes.begun(self.staff)
        if begun is None:
            return self.get(request)
        proven = codes.confirm(user=self.staff, code=self.code(), now=self.now)
        if proven is None:
            return self._secret(begun, error=self.refused(), status=422)
        device, backup = proven
        request.session.pop(_MAY_MOVE, None)
        prove(request, device)
        return self.shown(title=_("Keep these back-up codes"), backup=backup)

    def _secret(self, secret: codes.Secret, **more: Any) -> HttpResponse:
        return self.shown(title=_("Set up one-time codes"), secret=secret, picture=picture_of(secret.address), **more)


class ShowCodes(CodePage):
    """One's own page about them: whether they are on, new back-up codes, another device, off."""

    template = "tracker/codes.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """How it stands."""
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do what was chosen, once a code proves that it is she."""
        user = self.staff
        if not codes.has_codes(user):
            return self._shown()
        if failures.is_locked_out(request, user):
            return self._locked()
        if codes.verify(user=user, code=self.code(), now=self.now) is None:
            return self._locked() if failures.count_failure(request, user) else self._refused()
        request.session.pop(_MAY_MOVE, None)
        if "renew" in request.POST:
            return self._shown(backup=codes.renew_backup_codes(user=user, now=self.now))
        if "move" in request.POST:
            request.session[_MAY_MOVE] = self.now.timestamp()
            return HttpResponseRedirect(f"{reverse('admin:tracker_codes_begin')}?next={reverse('admin:tracker_codes')}")
        if "off" in request.POST and not door.must_have_codes(user):
            codes.switch_off(user=user, now=self.now)
            messages.success(request, _("One-time codes are switched off."))
        return HttpResponseRedirect(reverse("admin:tracker_codes"))

    def _refused(self) -> HttpResponse:
        return self._shown(error=self.refused(), status=422)

    def _locked(self) -> HttpResponse:
        logout(self.request)
        return HttpResponse(status=429)

    def _shown(self, *, status: int = 200, **more: Any) -> HttpResponse:
        user, heading = self.staff, _("One-time codes")
        context = {
            "title": heading, "heading": heading, "place": _("Today"), "on": codes.has_codes(user),
            "left": codes.backup_codes_left(user), "forced": door.must_have_codes(user),
        }  # fmt: skip
        return self.shown(status=status, **context, **more)


def _may_move(request: HttpRequest, now: datetime) -> bool:
    given = float(request.session.get(_MAY_MOVE, 0))
    return 0 <= now.timestamp() - given < _MOVES_WITHIN.total_seconds()


def picture_of(address: str) -> SafeString:
    """What an authenticator scans, drawn into the page itself: nothing is asked of anybody outside."""
    drawn: str = qrcode.make(address, image_factory=SvgPathImage, border=2).to_string(encoding="unicode")
    # It holds nothing but squares.
    return mark_safe(drawn)  # noqa: S308

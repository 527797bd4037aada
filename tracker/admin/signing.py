"""Signing on a page: the password is asked again, every failure counts, and the lock-out says so in words."""

from datetime import timedelta

from axes.utils import reset
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tracker.errors import Invalid
from tracker.models import User
from tracker.services.signatures import Signing


class PasswordRefused(Invalid):
    """The password is wrong, or too many were; nothing is signed and nothing was written."""

    def __init__(self, message: str) -> None:
        super().__init__({"password": [message]})


def password_field() -> forms.CharField:
    """The password of whoever is signed in; it never comes back with the page."""
    attrs = {"autocomplete": "current-password"}
    return forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs=attrs),
        help_text=_("With it you sign: your name, the time and what is shown here are kept together."),
    )  # fmt: skip


def signing_of(request: HttpRequest, user: User, password: str, shown: str = "") -> Signing:
    """The will to sign of whoever is signed in. Raises PasswordRefused.

    `shown` is the hash of what the page showed.
    """
    known = authenticate(request, username=user.get_username(), password=password)
    if _locked_out(request):
        minutes = int(_cool_off() / timedelta(minutes=1))
        said = _(
            "Too many wrong passwords: nobody can sign or sign in with this name from here for %(minutes)d minutes."
        )
        raise PasswordRefused(said % {"minutes": minutes})
    if known is None or known.pk != user.pk:
        raise PasswordRefused(_("This is not your password."))
    # As after signing in: what was mistyped before counts no more.
    reset(ip=getattr(request, "axes_ip_address", None), username=user.get_username())
    return Signing(user, shown)


def _locked_out(request: HttpRequest) -> bool:
    """Whether axes has locked the person out; the page says so itself, and keeps what was typed."""
    locked = bool(getattr(request, "axes_locked_out", False))
    request.axes_locked_out = False  # type: ignore[attr-defined]  # else its middleware replaces our page
    return locked


def _cool_off() -> timedelta:
    found: timedelta = settings.AXES_COOLOFF_TIME
    return found

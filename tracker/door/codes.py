"""Codes: after the password, nobody who has or needs one-time codes reaches anything before the code."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from tracker.access import signs
from tracker.door.presence import brings_session, is_poll
from tracker.models import User
from tracker.services.codes import has_codes

View = Callable[[HttpRequest], HttpResponse]

_ASKED_BY_NO_PERSON = ("/livez", "/readyz", "/metrics", "/unsubscribe/")
_ALWAYS_OPEN = ("admin:tracker_code", "admin:logout", "admin:jsi18n", "set_language")


def ask_for_code(get_response: View) -> View:
    """Middleware, behind django_otp's, which knows whether this session has proven a code."""

    def asked(request: HttpRequest) -> HttpResponse:
        if request.path in _ASKED_BY_NO_PERSON or not brings_session(request):
            return get_response(request)
        if not isinstance(request.user, User) or is_proven(request):
            return get_response(request)
        door = _door_for(request.user)
        if not door or request.path in {door, *map(reverse, _ALWAYS_OPEN)}:
            return get_response(request)
        return HttpResponse(status=401) if is_poll(request) else _to(door, request)

    return asked


def is_proven(request: HttpRequest) -> bool:
    """Whether whoever asks has given a code in this session."""
    return getattr(request.user, "otp_device", None) is not None


def must_have_codes(user: User) -> bool:
    """Whether this person may not work without: she signs, or sets the house up. A demo asks nobody."""
    return settings.CODES_ARE_FORCED and (user.is_superuser or signs(user, timezone.now()))


def _door_for(user: User) -> str:
    """Where somebody without a proven code is sent; "" where none is asked."""
    if has_codes(user):
        return reverse("admin:tracker_code")
    return reverse("admin:tracker_codes_begin") if must_have_codes(user) else ""


def _to(door: str, request: HttpRequest) -> HttpResponse:
    # What was sent is not sent again by a redirect: the way back leads to pages only.
    back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    return HttpResponseRedirect(f"{door}?{urlencode({'next': back})}")

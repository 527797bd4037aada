"""Doors behind the password: nobody reaches anything before the code that she needs and a password of her own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from tracker.door import codes
from tracker.door.presence import brings_session, is_poll
from tracker.models import User

View = Callable[[HttpRequest], HttpResponse]

_ASKED_BY_NO_PERSON = ("/livez", "/readyz", "/metrics", "/unsubscribe/")
_ALWAYS_OPEN = ("admin:logout", "admin:jsi18n", "set_language")
_OPEN_BEFORE_A_CODE = ("admin:tracker_code",)
_OPEN_BEFORE_AN_OWN_PASSWORD = ("admin:password_change", "admin:tracker_presence")


def lead_to_the_door(get_response: View) -> View:
    """Middleware, behind django_otp's, which knows whether this session has proven a code."""

    def led(request: HttpRequest) -> HttpResponse:
        if request.path in _ASKED_BY_NO_PERSON or not brings_session(request):
            return get_response(request)
        door, is_open = _door_for(request)
        if not door or request.path in {door, *map(reverse, _ALWAYS_OPEN + is_open)}:
            return get_response(request)
        return HttpResponse(status=401) if is_poll(request) else _to(door, request)

    return led


def _door_for(request: HttpRequest) -> tuple[str, tuple[str, ...]]:
    """Where whoever asks is sent first, and what is open beside it; "" if nowhere.

    The code comes before the own password: somebody else who knows the password that was given has no device.
    """
    if not isinstance(request.user, User):
        return "", ()
    door = "" if codes.is_proven(request) else codes.door_for(request.user)
    if door:
        return door, _OPEN_BEFORE_A_CODE
    must_choose = request.user.must_choose_password
    return (reverse("admin:password_change") if must_choose else ""), _OPEN_BEFORE_AN_OWN_PASSWORD


def _to(door: str, request: HttpRequest) -> HttpResponse:
    # What was sent is not sent again by a redirect: the way back leads to pages only.
    back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    return HttpResponseRedirect(f"{door}?{urlencode({'next': back})}")

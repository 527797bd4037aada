"""Presence: ties a session to its row, and ends it when nothing was done for too long or what it stood on is gone."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.door import failures
from tracker.models import SignIn, SignInEnd, User
from tracker.services import sign_ins
from tracker.services.codes import has_codes
from tracker.services.sign_ins import Patience
from tracker.wording.devices import device_words

View = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)

SIGN_IN = "daymark_sign_in"
"""Under which name a session keeps the number of its row."""

POLL = "X-Daymark-Poll"
"""The header of what a page asks by itself: it keeps nobody signed in, and is answered with 401 once nobody is."""

_ASKED_BY_NO_PERSON = ("/livez", "/readyz", "/metrics")


def patience() -> Patience:
    """How long a session may lie idle here."""
    return Patience(timedelta(minutes=settings.IDLE_MINUTES))


def is_poll(request: HttpRequest) -> bool:
    """Whether the page itself asks, and nobody."""
    return request.headers.get(POLL, "") not in {"", "0"}


def brings_session(request: HttpRequest) -> bool:
    """Whether somebody may have signed in: whoever brings no session is nobody, and is not looked for."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def number_of(request: HttpRequest) -> int:
    """The number of the session's row; 0 where it has none."""
    return int(request.session.get(SIGN_IN, 0))


def current(request: HttpRequest) -> SignIn | None:
    """The row of the session that asks."""
    known = SignIn.objects.filter(pk=number_of(request), user=request.user.pk)
    return known.select_related("last_seen", "user").first()


def keep_time(get_response: View) -> View:
    """Middleware, behind those that know who has signed in and that pass on messages."""

    def timed(request: HttpRequest) -> HttpResponse:
        if request.path in _ASKED_BY_NO_PERSON or not brings_session(request) or not request.user.is_authenticated:
            return get_response(request)
        now, sign_in = timezone.now(), current(request)
        why = sign_ins.why_over(sign_in, patience(), now) if sign_in else None
        if why is None and sign_in is not None:
            _note_seen(request, sign_in, now)
            return get_response(request)
        _send_away(request, why or SignInEnd.SIGNED_OUT, now)
        return HttpResponse(status=401) if is_poll(request) else get_response(request)

    return timed


def began(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    """Receives `user_logged_in`: give the session a row, and end the one that it had."""
    now = timezone.now()
    _end(request, SignInEnd.ANEW, now)
    device = device_words(request.headers.get("User-Agent", ""))
    request.session[SIGN_IN] = sign_ins.begin(user=user, device=device, now=now).pk
    if not has_codes(user):
        failures.forget(request, user)


def ended(sender: Any, request: HttpRequest, **_more: Any) -> None:
    """Receives `user_logged_out`."""
    _end(request, SignInEnd.SIGNED_OUT, timezone.now())


def _send_away(request: HttpRequest, why: SignInEnd, now: datetime) -> None:
    """Sign the session out. What was asked for then leads to the door, which knows the way back."""
    _end(request, why, now)
    logout(request)
    if why == SignInEnd.IDLE and not is_poll(request):
        said = _("You were signed out because nothing was done for %(minutes)d minutes.")
        messages.info(request, said % {"minutes": settings.IDLE_MINUTES})


def _end(request: HttpRequest, why: SignInEnd, now: datetime) -> None:
    known = SignIn.objects.filter(pk=number_of(request))
    sign_ins.end(sign_ins=known, why=why, by=None, now=now)


def _note_seen(request: HttpRequest, sign_in: SignIn, now: datetime) -> None:
    """A page can still be read while the database cannot be written to."""
    if is_poll(request):
        return
    try:
        sign_ins.note_seen(sign_in=sign_in, patience=patience(), now=now)
    except DatabaseError as error:
        logger.warning("it could not be noted that somebody was seen: %s", type(error).__name__)

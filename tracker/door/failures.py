"""Failures: wrong passwords and wrong codes count together, and who reaches the limit is locked out and told."""

from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.utils import reset
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from tracker.door.address import client_address
from tracker.models import User
from tracker.services import lock_outs

LONGEST_NAME = 255
"""Characters of a name that axes' table holds; PostgreSQL refuses a longer one."""


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """The name somebody tried to sign in with, as far as it can be kept. For axes."""
    name = (credentials or {}).get("username") or request.POST.get("username")
    return name[:LONGEST_NAME] if name else None


def is_locked_out(request: HttpRequest, user: User) -> bool:
    """Whether nobody may try with this name from here now; the answer then becomes the page that says so."""
    if AxesProxyHandler.is_allowed(request, {"username": user.get_username()}):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]  # for axes' middleware
    return True


def count_failure(request: HttpRequest, user: User) -> bool:
    """Count a wrong code, or a wrong old password, like one at the door; whether it was one too many."""
    user_login_failed.send(__name__, credentials={"username": user.get_username()}, request=request)
    return bool(getattr(request, "axes_locked_out", False))


def forget(request: HttpRequest, user: User) -> None:
    """Somebody is in: what was mistyped before counts no more."""
    reset(ip=client_address(request), username=user.get_username())


def locked_out(sender: Any, request: HttpRequest, username: str | None, **_more: Any) -> None:
    """Receives axes' `user_locked_out`. A name that is nobody's is answered in the same way, and told to nobody."""
    user = User.objects.filter(username=username or "", is_active=True).first()
    if user:
        minutes = int(settings.AXES_COOLOFF_TIME / timedelta(minutes=1))
        lock_outs.note(user=user, minutes=minutes, now=timezone.now())

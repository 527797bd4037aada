"""Codes: who has to give a one-time code after the password, and who has given it."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tracker.access import signs
from tracker.models import User
from tracker.services.codes import has_codes


def is_proven(request: HttpRequest) -> bool:
    """Whether whoever asks has given a code in this session."""
    return getattr(request.user, "otp_device", None) is not None


def must_have_codes(user: User) -> bool:
    """Whether this person may not work without: she signs, or sets the house up. A demo asks nobody."""
    return settings.CODES_ARE_FORCED and (user.is_superuser or signs(user, timezone.now()))


def door_for(user: User) -> str:
    """Where somebody without a proven code is sent; "" where none is asked."""
    if has_codes(user):
        return reverse("admin:tracker_code")
    return reverse("admin:tracker_codes_begin") if must_have_codes(user) else ""

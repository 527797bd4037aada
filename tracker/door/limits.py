"""Limits: how often somebody may knock, counted for all processes together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from tracker.door.address import neighbourhood

View = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within so long, counted from the full hour, minute, ...: at worst twice as many at its edge.

    `name` keeps one limit's count from another's.
    """

    name: str
    number: int
    within: timedelta

    def allows(self, who: str, now: datetime) -> bool:
        """Count one more of `who` (an address, a token), and say whether it is still allowed.

        Where the common memory is away it is: the lock-out is counted in the database, and nobody shall stand outside
        because a cache is down.
        """
        seconds = int(self.within.total_seconds())
        # What somebody typed, and from where, is not kept in words.
        digest = sha256(who.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        key = f"limit.{self.name}.{digest}.{int(now.timestamp()) // seconds}"
        try:
            return _one_more(key, seconds) <= self.number
        except (RedisError, OSError) as error:
            logger.warning("nobody counts how often is knocked: %s", type(error).__name__)
            return True


def _one_more(key: str, seconds: int) -> int:
    common = caches["common"]
    if common.add(key, 1, timeout=seconds):
        return 1
    try:
        return common.incr(key)
    except ValueError:
        # It ran out between the two.
        return 1


# A hospital stands behind one address: these stop a machine, not a ward at the change of shifts.
SIGN_IN = Limit("sign-in", 100, timedelta(minutes=10))
PASSWORD = Limit("password", 100, timedelta(minutes=10))
CODE = Limit("code", 100, timedelta(minutes=10))
RESET = Limit("reset", 20, timedelta(hours=1))
RESET_OF_ONE = Limit("reset-of-one", 3, timedelta(hours=1))
FEED = Limit("feed", 60, timedelta(hours=1))
GUESSED_FEED = Limit("guessed-feed", 100, timedelta(hours=1))


def limit_knocking(get_response: View) -> View:
    """Middleware: whoever posts too often to a page where something can be guessed is told to wait."""

    def limited(request: HttpRequest) -> HttpResponse:
        limit = _limits().get(request.path) if request.method == "POST" else None
        if limit is None or limit.allows(neighbourhood(request), timezone.now()):
            return get_response(request)
        return too_often(request, limit)

    return limited


def too_often(request: HttpRequest, limit: Limit) -> HttpResponse:
    """The page that says so."""
    answer = render(request, "tracker/too_often.html", status=429)
    answer.headers["Retry-After"] = str(int(limit.within.total_seconds()))
    return answer


def _limits() -> dict[str, Limit]:
    return {
        reverse("admin:login"): SIGN_IN,
        reverse("admin:password_change"): PASSWORD,
        reverse("admin:tracker_code"): CODE,
        reverse("admin:tracker_codes"): CODE,
        reverse("admin_password_reset"): RESET,
        reverse("password_reset_confirm"): RESET,
    }

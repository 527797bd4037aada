"""Names to the database who changes something, for as long as a request lasts that may."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import get_contextvars

from tracker.audit.context import acting

View = Callable[[HttpRequest], HttpResponse]

_HARMLESS = ("GET", "HEAD", "OPTIONS")


def name_the_actor(get_response: View) -> View:
    """Middleware, behind the one that knows who has signed in."""

    def named(request: HttpRequest) -> HttpResponse:
        if request.method in _HARMLESS or not request.user.is_authenticated:
            return get_response(request)
        with acting(actor=request.user.pk, request_id=str(get_contextvars().get("request_id", ""))):
            return get_response(request)

    return named

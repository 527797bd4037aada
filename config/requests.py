"""Numbers each request, so that what a person saw and what the log says find each other."""

from collections.abc import Callable
from time import monotonic
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from structlog.contextvars import bound_contextvars, get_contextvars

View = Callable[[HttpRequest], HttpResponse]

logger = structlog.get_logger(__name__)

_ASKED_ALL_DAY = ("/livez", "/readyz", "/metrics")


def number_requests(get_response: View) -> View:
    """Middleware: every line that is logged while a request is answered carries its number, and so does the answer.

    The last of them says what was answered; not what stood behind the question mark, where somebody may have searched.
    """

    def numbered(request: HttpRequest) -> HttpResponse:
        number, began = uuid4().hex, monotonic()
        with bound_contextvars(request_id=number):
            response = get_response(request)
            if request.path not in _ASKED_ALL_DAY:
                milliseconds = round((monotonic() - began) * 1000)
                answered = {"method": request.method, "path": request.path, "status": response.status_code}
                logger.info("answered", milliseconds=milliseconds, **answered)
        response.headers["X-Request-ID"] = number
        return response

    return numbered


def server_error(_request: HttpRequest) -> HttpResponse:
    """The page for what went wrong here: it asks no database, and gives the number under which the log tells more."""
    page = loader.get_template("500.html").render({"request_id": get_contextvars().get("request_id", "")})
    return HttpResponseServerError(page)

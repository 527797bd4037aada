"""Numbers each request, so that what a person saw and what the log says find each other."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from structlog.contextvars import bound_contextvars, get_contextvars

View = Callable[[HttpRequest], HttpResponse]


def number_requests(get_response: View) -> View:
    """Middleware: every line that is logged while a request is answered carries its number, and so does the answer."""

    def numbered(request: HttpRequest) -> HttpResponse:
        number = uuid4().hex
        with bound_contextvars(request_id=number):
            response = get_response(request)
        response.headers["X-Request-ID"] = number
        return response

    return numbered


def server_error(_request: HttpRequest) -> HttpResponse:
    """The page for what went wrong here: it asks no database, and gives the number under which the log tells more."""
    page = loader.get_template("500.html").render({"request_id": get_contextvars().get("request_id", "")})
    return HttpResponseServerError(page)

"""Questions that no database can be asked."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]


def refuse_nul(get_response: View) -> View:
    """Middleware: text with a NUL, which PostgreSQL cannot hold, names nothing, and is no question.

    Forms say so beside the field.
    """

    def asked(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        return get_response(request)

    return asked

"""Questions to the database: those that it cannot be asked, and those that a page asks it once."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from tracker.models.assignment import zones_asked_once

View = Callable[[HttpRequest], HttpResponse]


def refuse_nul(get_response: View) -> View:
    """Middleware: text with a NUL, which PostgreSQL cannot hold, names nothing, and is no question.

    Forms say so beside the field.
    """

    def asked(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", "") and not _reads_its_own_question(request):
            raise BadRequest("NUL in the address")
        return get_response(request)

    return asked


def ask_zones_once(get_response: View) -> View:
    """Middleware: the sites' zones, by which every question about roles is answered, are read once for a page."""

    def asked(request: HttpRequest) -> HttpResponse:
        with zones_asked_once():
            return get_response(request)

    return asked


def _reads_its_own_question(request: HttpRequest) -> bool:
    """A row's own page asks through a form, which says beside the field what is wrong; Django's lists do not."""
    return resolve(request.path).url_name in _FORMS


_FORMS = frozenset({"tracker_participant_change"})

"""The language of the pages: each person's own choice, wherever she signs in; until then, what the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from tracker.models import Language, User
from tracker.services.preferences import choose_language

View = Callable[[HttpRequest], HttpResponse]


def speak_her_language(get_response: View) -> View:
    """Middleware, behind those that know who has signed in and what the browser asks for.

    Whoever brings no session is nobody: the probes and calendars never ask the database who they are.
    """

    def spoken(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(request.user, User):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return get_response(request)

    return spoken


@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Switch the language: for the person who is signed in, her mails included, and for this browser's next sign-in."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in Language.values:
        choose_language(language=chosen, by=request.user)
    return response

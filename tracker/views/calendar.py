"""A person's calendar, for programs that cannot sign in: whoever has the secret address may read it."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from tracker.door.address import neighbourhood
from tracker.door.limits import FEED, GUESSED_FEED, too_often
from tracker.services.calendar_keys import KEY, owner_of
from tracker.services.calendars import entries_for
from tracker.views.ics import calendar_file


@require_safe
def calendar(request: HttpRequest) -> HttpResponseBase:
    """The calendar file; 304 while it is what the program has already. It reads, and writes nothing.

    A key that is unknown, one that was ended, and one whose owner works here no longer are answered alike. 429 to a
    program that asks for one key too often, and to a place from which too many keys are tried.
    """
    now, key = timezone.now(), request.GET.get(KEY, "")
    owner = owner_of(key, now)
    if not (FEED.allows(key, now) if owner else GUESSED_FEED.allows(neighbourhood(request), now)):
        return too_often(request, FEED)
    if owner is None:
        return _private(HttpResponse("not found\n", content_type="text/plain; charset=utf-8", status=404))
    file = calendar_file(entries_for(owner, now), owner.language)
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="daymark.ics"'
    etag = f'"{sha256(file).hexdigest()}"'
    response["ETag"] = etag
    return _private(get_conditional_response(request, etag=etag, response=response) or response)


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing between us and the program keeps a copy."""
    response.headers["Cache-Control"] = "private, no-store"
    return response

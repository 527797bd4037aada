"""Ending one's digests from a mail program: the address that every digest bears in its headers (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.services.unsubscribing import READER, end_digests, reader_of


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """GET asks and changes nothing, since mail scanners follow links; POST, from anywhere, ends that person's digests.

    Nobody signs in: the signed address is proof enough for this and opens nothing else. It names no person, neither in
    itself nor on the page, which is in the language of that person's mails.
    """
    reader = reader_of(request.GET.get(READER, ""))
    if reader is None:
        return HttpResponse(render_to_string("tracker/unsubscribe.html", {"unknown": True}, request), status=404)
    if request.method == "POST":
        end_digests(reader, timezone.now())
    with translation.override(reader.language):
        page = render_to_string("tracker/unsubscribe.html", {"done": request.method == "POST"}, request)
    return HttpResponse(page)

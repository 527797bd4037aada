"""Is it alive, can it serve, how is it doing: three answers for machines, none of which names a participant."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from tracker.views.readiness import OK, readiness
from tracker.views.readings import readings


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Answers 200 whenever the process can answer at all; looks at nothing else."""
    return _plain("ok\n", status=200)


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answers 200 when this process can serve, else 503; says of each thing that it needs how that is."""
    found = readiness()
    lines = "".join(f"{name}: {state}\n" for name, state in found.items())
    return _plain(lines, status=200 if set(found.values()) == {OK} else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The readings, for whoever bears DAYMARK_METRICS_TOKEN; where it is not set there is no such page.

    Being asked from this machine is no proof: behind a proxy everybody is.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        refused = _plain("a bearer token is needed\n", status=401)
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    return _uncached(HttpResponse(readings(timezone.now()), content_type=CONTENT_TYPE_LATEST))


def _plain(text: str, *, status: int) -> HttpResponse:
    return _uncached(HttpResponse(text, content_type="text/plain; charset=utf-8", status=status))


def _uncached(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response

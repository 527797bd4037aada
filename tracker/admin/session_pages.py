"""Where you are signed in: each person sees her own sessions and ends them; and what a page asks about its own."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.admin.heartbeat import site_of
from tracker.admin.own_pages import OwnPage
from tracker.door import presence
from tracker.models import SignIn, SignInEnd
from tracker.services import sign_ins
from tracker.wording import moment_words, zone_words


@dataclass(frozen=True, slots=True)
class SessionWords:
    """One session as its owner reads it."""

    pk: int
    device: str
    since: str
    seen: str
    here: bool


class ShowSessions(OwnPage):
    """Shown by GET; POST ends the session named by `end`, or all but this one."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Every session that stands open, the one last used first."""
        zone, language = self._zone(), get_language() or "en"
        heading = _("Where you are signed in")
        context = {
            "title": heading, "heading": heading, "place": _("Today"), "rows": self._rows(zone, language),
            "now_words": _at(self.now, zone, language), "zone": zone_words(zone, self.now),
        }  # fmt: skip
        return self.page("tracker/sessions.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End what was chosen; a number that is nobody's, or another's, ends nothing."""
        chosen = self._open().exclude(pk=self._here)
        if "others" not in request.POST:
            typed = request.POST.get("end", "")
            chosen = chosen.filter(pk=int(typed) if _is_number(typed) else 0)
        # As a query without joins, which can be updated.
        rows = SignIn.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        count = sign_ins.end(sign_ins=rows, why=SignInEnd.BY_HERSELF, by=self.staff, now=self.now)
        said = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count)
        messages.success(request, said % {"count": count})
        return HttpResponseRedirect(reverse("admin:tracker_sessions"))

    @property
    def _here(self) -> int:
        return presence.number_of(self.request)

    def _open(self) -> QuerySet[SignIn]:
        return sign_ins.open_of(self.staff, presence.patience(), self.now)

    def _zone(self) -> ZoneInfo:
        site = site_of(self.staff)
        return site.zone if site else ZoneInfo("UTC")

    def _rows(self, zone: ZoneInfo, language: str) -> list[SessionWords]:
        return [
            SessionWords(
                pk=row.pk, device=row.device or _("unknown device"),
                since=_at(row.began_at, zone, language),
                seen=_at(row.last_seen.at, zone, language), here=row.pk == self._here,
            )
            for row in self._open()
        ]  # fmt: skip


class Presence(OwnPage):
    """What a page asks about its own session, as JSON. POST says that somebody is there; GET with the poll's header
    only asks, and keeps nobody signed in.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """How many seconds are left, whose session it is, and a token with which forms can still be sent."""
        sign_in = presence.current(request)
        idle = presence.patience().idle
        left = sign_in.last_seen.at + idle - self.now if sign_in else idle
        seconds = max(0, int(left.total_seconds()))
        # The token under the name of the header in which a script sends it.
        return JsonResponse({"seconds_left": seconds, "user": self.staff.pk, "X-CSRFToken": get_token(request)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """The same, now that it is noted."""
        return self.get(request)


def _at(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """To the minute, which is how exactly it is known."""
    return moment_words(instant.replace(second=0, microsecond=0), zone, language)


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) < 18

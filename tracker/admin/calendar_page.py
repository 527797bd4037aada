"""Your calendar: the secret address at which one's own calendar program asks, made and ended by each person."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.admin.own_pages import OwnPage
from tracker.errors import NothingToShow
from tracker.services.calendar_keys import KEY, renew, revoke, standing_key
from tracker.services.recipients import own_site
from tracker.wording import moment_words

DOES = "do"
RENEW, REVOKE = "renew", "revoke"


class OwnCalendar(OwnPage):
    """Shown by GET, which changes nothing. A new address is shown once, in the answer that made it."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Whether there is an address, and since when."""
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make an address, which ends the one before it, or end it. A task publishes what it shows."""
        asked = request.POST.get(DOES)
        if asked == REVOKE:
            revoke(by=self.staff, now=self.now)
            return HttpResponseRedirect(request.path)
        if asked != RENEW:
            return self._shown(status=422)
        try:
            key = renew(by=self.staff, now=self.now)
        except NothingToShow as refused:
            return self._shown(status=422, error=str(refused))
        return self._shown(address=_address(key))

    def _shown(self, *, status: int = 200, **context: Any) -> HttpResponse:
        heading, key = _("Your calendar"), standing_key(self.staff)
        site = own_site(self.staff, self.now)
        since = moment_words(key.made_at, site.zone, get_language() or "en", self.now) if key and site else ""
        shown = {"title": heading, "heading": heading, "place": _("Today"), "key": key, "since": since, **context}
        page = self.page("tracker/calendar.html", shown, status=status)
        add_never_cache_headers(page)
        return page


def _address(key: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse('calendar')}?{urlencode({KEY: key})}"

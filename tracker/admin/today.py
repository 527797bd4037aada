"""Today: what is to be done, for whom, by when and why, before the next step that cannot be undone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import messages_about
from tracker.admin.heartbeat import Pulse, pulse_of, site_of
from tracker.admin.register import places
from tracker.admin.today_board import board_of, hero_of, progress_of
from tracker.admin.today_filters import EVERYONE, MINE, Scope, choices, scope_of
from tracker.admin.today_items import counts_of
from tracker.admin.today_rows import PER_PAGE, sections_of
from tracker.models import Participant, Role, Site
from tracker.wording import moment_words, zone_words

REFRESHED_EVERY = 45
"""Seconds between two times that the page refreshes itself."""

FORESEEABLE = timedelta(days=366)
"""What changes later, such as somebody's age, is no news."""


def today_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the first page of the admin."""
    now, language = timezone.now(), get_language() or "en"
    scope = scope_of(request, now)
    studies, sites = choices(scope, language)
    context.update(
        title=_("Today"), studies=studies, sites=sites, refreshed_every=REFRESHED_EVERY,
        refresh_url=f"{reverse('admin:tracker_today')}?{scope.filters.query}",
        **_live(request, scope, language, context["pulse"]),
    )  # fmt: skip
    return context


def refresh(request: HttpRequest) -> HttpResponse:
    """What changes by itself, without the frame around it: the page asks for it again and again."""
    now, language = timezone.now(), get_language() or "en"
    scope = scope_of(request, now)
    pulse = pulse_of(scope.user, scope.visible, now)
    live = _live(request, scope, language, pulse)
    return TemplateResponse(request, "tracker/parts/today_live.html", {**live, "pulse": pulse})


def _live(request: HttpRequest, scope: Scope, language: str, pulse: Pulse) -> dict[str, Any]:
    counts = counts_of(scope)
    chosen = counts[scope.filters.whose]
    total = sum(chosen.values())
    hero, stage = hero_of(scope, language)
    watch = _watch(scope, language, pulse)
    page, pages = scope.filters.page, max(1, -(-total // PER_PAGE))
    return {
        "filters": scope.filters, "may_register": bool(places(request)),
        "mine": scope.filters.of(MINE), "everyone": scope.filters.of(EVERYONE), "my_roles": _roles(scope),
        "totals": {name: sum(found.values()) for name, found in counts.items()},
        "is_mine": scope.filters.whose == MINE,
        "hero": hero,
        "total": total,
        "sections": sections_of(scope, chosen, language, watch.zone),
        "board": board_of(scope, language, stage),
        "progress": progress_of(scope),
        "earlier": scope.filters.on(page - 1) if page > 1 else "",
        "later": scope.filters.on(page + 1) if page < pages else "",
        "page": page, "pages": pages,
        "export_url": f"{reverse('admin:tracker_today_export')}?{scope.filters.query}",
        "watch": watch,
    }  # fmt: skip


def _roles(scope: Scope) -> str:
    """The reader's roles at the places that she sees, in words."""
    held = {role for roles in scope.held.values() for role in roles}
    return ", ".join(str(role.label) for role in Role if role.value in held)


@dataclass(frozen=True, slots=True)
class Watch:
    """That somebody watches: the last check and since when, what changes next by itself, the last e-mail."""

    pulse: Pulse
    ago: str
    next_change: str
    next_subject: str
    last_mail: str
    refreshed: str
    now: str
    zone: str


def _watch(scope: Scope, language: str, pulse: Pulse) -> Watch:
    now, site = scope.now, site_of(scope.user)
    ahead = scope.participants().filter(reassess_after__isnull=False).select_related("site").order_by("reassess_after")
    first = ahead.first()
    sent = messages_about(scope.visible, scope.user).aggregate(last=Max("sent_at"))["last"]
    zone = site.zone if site else ZoneInfo("UTC")
    return Watch(
        pulse=pulse,
        ago=_ago(pulse, now),
        next_change=_at(first, language, now),
        next_subject=first.subject_number if first else "",
        last_mail=moment_words(sent, zone, language, now) if sent else "",
        refreshed=f"{now.astimezone(zone):%H:%M:%S}",
        now=_now_words(site, now, language),
        zone=zone_words(zone, now),
    )


def _at(first: Participant | None, language: str, now: datetime) -> str:
    """When the first of all participants is to be looked at again, on the clock of the own site; "" for far ahead."""
    if first is None or first.reassess_after is None or first.reassess_after - now > FORESEEABLE:
        return ""
    return moment_words(first.reassess_after, first.zone, language, now)


def _ago(pulse: Pulse, now: datetime) -> str:
    if pulse.at is None:
        return ""
    seconds = int((now - pulse.at).total_seconds())
    return _("%(seconds)d s ago") % {"seconds": seconds} if seconds < 120 else ""


def _now_words(site: Site | None, now: datetime, language: str) -> str:
    """The day and the time at the reader's site."""
    if site is None:
        return ""
    words = {
        "now": moment_words(now.replace(second=0, microsecond=0), site.zone, language),
        "site": site.name_in(language), "zone": zone_words(site.zone, now),
    }  # fmt: skip
    return _("%(now)s · %(site)s (%(zone)s)") % words

"""On every page: when Daymark last checked, so that silence does not look like safety."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import colleagues_of, messages_about, participants_visible_to
from tracker.admin.alert_card import person
from tracker.models import LATE, UNSENT, Heartbeat, Participant, Site, User
from tracker.wording import is_chinese, moment_words, zone_words


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last check, in words, and when it was; `late` turns it into a red banner."""

    said: str
    late: bool
    waiting: int
    no_mail_server: bool
    at: datetime | None = None


def every_page(request: HttpRequest) -> dict[str, Any]:
    """What every page of the admin shows; nothing for people who are not signed in."""
    if not isinstance(request.user, User) or not request.user.is_staff:
        return {"demo": settings.DEMO}
    now = timezone.now()
    visible = participants_visible_to(request.user, now)
    return {
        "pulse": pulse_of(request.user, visible, now),
        "idle": {"seconds": settings.IDLE_MINUTES * 60, "user": request.user.pk},
        "unreachable": _unreachable(request.user, now),
        "set_aside": _set_aside(visible, now),
        "chinese": is_chinese(get_language() or "en"),
    }


def _unreachable(user: User, now: datetime) -> list[dict[str, str]]:
    """Those of the reader's sites whom no message reaches, and since when, in her own time."""
    silent = list(User.objects.unreachable().filter(pk__in=colleagues_of(user, now)).order_by("address_refused_at"))
    if not silent:
        return []
    site = site_of(user)
    zone = site.zone if site else ZoneInfo("UTC")
    language = get_language() or "en"
    return [
        {
            "pk": str(each.pk),
            "person": person(each),
            "since": moment_words(each.address_refused_at, zone, language, now),
        }
        for each in silent
        if each.address_refused_at
    ]


def _set_aside(visible: QuerySet[Participant], now: datetime) -> list[dict[str, str]]:
    """The reader's participants whose reassessment fails, and since when, on the clock of each one's site."""
    language = get_language() or "en"
    failing = visible.filter(set_aside_since__isnull=False).select_related("site")
    return [
        {
            "participant": each.subject_number,
            "url": reverse("admin:tracker_participant_change", args=[each.pk]),
            "since": moment_words(each.set_aside_since, each.zone, language, now),
        }
        for each in failing.order_by("set_aside_since")
        if each.set_aside_since
    ]


def site_of(user: User) -> Site | None:
    """The site on whose clock the reader is told the time."""
    everywhere = Site.objects.all()
    return (everywhere if user.is_superuser else everywhere.filter(assignments__user=user)).first()


def pulse_of(user: User, visible: QuerySet[Participant], now: datetime) -> Pulse:
    """The last check, as the person is told of it."""
    mute = not settings.MAIL_CONFIGURED
    beat = Heartbeat.objects.filter(name="sweep").first()
    waiting = messages_about(visible, user).filter(status__in=UNSENT).count()
    if beat is None:
        return Pulse(_("never"), late=True, waiting=waiting, no_mail_server=mute)
    site = site_of(user)
    local = beat.at.astimezone(site.zone) if site else beat.at
    zone = zone_words(site.zone, beat.at) if site else "UTC"
    clock = f"{local:%H:%M:%S}" if now - beat.at < timedelta(hours=12) else f"{local:%Y-%m-%d %H:%M:%S}"
    return Pulse(f"{clock} ({zone})", now - beat.at > LATE, waiting, mute, beat.at)

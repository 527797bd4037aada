"""On every page: when Daymark last checked, so that silence does not look like safety."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import messages_visible_to
from tracker.models import LATE, UNSENT, Heartbeat, Site, User
from tracker.wording import is_chinese, zone_words


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last check, in words; `late` turns it into a red banner."""

    said: str
    late: bool
    waiting: int
    no_mail_server: bool


def every_page(request: HttpRequest) -> dict[str, Any]:
    """What every page of the admin shows; nothing for people who are not signed in."""
    if not isinstance(request.user, User) or not request.user.is_staff:
        return {}
    return {"pulse": _pulse(request.user), "chinese": is_chinese(get_language() or "en")}


def _pulse(user: User) -> Pulse:
    now, mute = timezone.now(), not settings.MAIL_CONFIGURED
    beat = Heartbeat.objects.filter(name="sweep").first()
    waiting = messages_visible_to(user, now).filter(status__in=UNSENT).count()
    if beat is None:
        return Pulse(_("never"), late=True, waiting=waiting, no_mail_server=mute)
    everywhere = Site.objects.all()
    site = (everywhere if user.is_superuser else everywhere.filter(assignments__user=user)).first()
    local = beat.at.astimezone(site.zone) if site else beat.at
    zone = zone_words(site.zone, beat.at) if site else "UTC"
    clock = f"{local:%H:%M:%S}" if now - beat.at < timedelta(hours=12) else f"{local:%Y-%m-%d %H:%M:%S}"
    return Pulse(f"{clock} ({zone})", late=now - beat.at > LATE, waiting=waiting, no_mail_server=mute)

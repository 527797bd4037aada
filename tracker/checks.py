"""Start-up checks: every protocol parses, clocks are UTC, mail can be sent, and links lead somewhere safe."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own word

from workflow.loading import shipped_protocol, shipped_protocols
from workflow.mistakes import ProtocolInvalid

_LOCAL = {"127.0.0.1", "localhost", "::1"}


def check_protocols(**_options: Any) -> list[CheckMessage]:
    """E001 for each shipped protocol file that cannot be used, with every mistake in it."""
    return [error for name in shipped_protocols() for error in _protocol_errors(name)]


def _protocol_errors(name: str) -> list[CheckMessage]:
    try:
        shipped_protocol(name)
    except ProtocolInvalid as invalid:
        hint = f"manage.py check_protocol workflow/protocols/{name}.yaml"
        return [Error(f"protocol {name}: {mistake}", hint=hint, id="tracker.E001") for mistake in invalid.mistakes]
    return []


def check_time_zone(**_options: Any) -> list[CheckMessage]:
    """E002 unless what is stored is UTC: a window must not move when a server does."""
    if settings.TIME_ZONE == "UTC" and settings.USE_TZ:
        return []
    hint = "Set TIME_ZONE to 'UTC' and USE_TZ to True; each site has a time zone of its own."
    return [Error(f"TIME_ZONE is {settings.TIME_ZONE!r}, expected 'UTC'", hint=hint, id="tracker.E002")]


def check_mail(**_options: Any) -> list[CheckMessage]:
    """W001 without a mail server: alerts are then seen in the admin only. A demo is meant to be without one."""
    if settings.MAIL_CONFIGURED or settings.DEMO:
        return []
    hint = "Name a mail server; until then every message reads 'not sent: no mail server'."
    return [Warning("DAYMARK_EMAIL_HOST is not set: nobody is told by e-mail", hint=hint, id="tracker.W001")]


def check_site_address(**_options: Any) -> list[CheckMessage]:
    """W002 when staff would reach the site, or follow a link in a mail, over plain http."""
    address = urlsplit(settings.SITE_URL)
    if address.scheme == "https" or address.hostname in _LOCAL:
        return []
    hint = "Set DAYMARK_SITE_URL to the https address that staff use."
    return [Warning(f"DAYMARK_SITE_URL is {settings.SITE_URL}: it is not https", hint=hint, id="tracker.W002")]

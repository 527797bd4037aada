"""Ending one's digests: from the preferences, or with one click in a mail program, without signing in (RFC 8058)."""

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from tracker.models import UNSENT, Notification, NotificationKind, NotificationStatus, User
from tracker.services.quiet import quiet_ends

READER = "reader"
"""What the signed key is called in the address: behind the question mark, where no log keeps it."""

_SIGNER = Signer(salt="tracker.digests")


def headers_for(reader: User) -> dict[str, str]:
    """The headers with which a mail program offers its own button; only digests bear them."""
    asked = urlencode({READER: _SIGNER.sign(str(reader.pk))})
    link = f"{settings.SITE_URL.rstrip('/')}{reverse('unsubscribe')}?{asked}"
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def reader_of(signed: str) -> User | None:
    """Whose digests an address ends; None unless we wrote it ourselves."""
    try:
        key = _SIGNER.unsign(signed)
    except BadSignature:
        return None
    return User.objects.filter(pk=int(key)).first()


def end_digests(reader: User, now: datetime) -> None:
    """Write no more digests for a person, until she asks for them again on her preferences. Reminders go on.

    A digest that waits is withdrawn. What quiet hours hold goes out by itself when they end, and is no longer kept for
    a digest.
    """
    with transaction.atomic():
        reader.wants_digest = False
        reader.save(update_fields=["wants_digest"])
        mine = Notification.objects.filter(recipient=reader)
        waiting = mine.filter(kind=NotificationKind.DIGEST, status__in=UNSENT)
        waiting.update(status=NotificationStatus.WITHDRAWN)
        for row in mine.filter(status=NotificationStatus.HELD).select_related("alert__deadline__participant__site"):
            _let_go_when_quiet_ends(row, reader, now)


def _let_go_when_quiet_ends(row: Notification, reader: User, now: datetime) -> None:
    if row.alert is None or row.held_until is None:
        return
    ends = quiet_ends(reader, now, row.alert.deadline.participant.zone) or now
    held = Notification.objects.filter(pk=row.pk, status=NotificationStatus.HELD)
    held.update(held_until=min(row.held_until, ends), digest=None)

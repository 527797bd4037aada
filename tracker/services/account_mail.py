"""Mails about a person's own account: into the outbox like every other, and no secret among what is kept there."""

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from tracker import emails
from tracker.emails import Message
from tracker.models import Notification, NotificationKind, NotificationStatus, User

LINK_LIVES = timedelta(hours=1)
"""How long somebody has to choose a new password; Django's PASSWORD_RESET_TIMEOUT says it to the token."""


def tell_codes_were_reset(user: User, now: datetime) -> None:
    """Tell a person that her one-time codes open nothing any more."""
    _queue(user, NotificationKind.ACCOUNT, emails.codes_reset(user.language), now)


def tell_locked_out(user: User, minutes: int, now: datetime) -> None:
    """Tell a person that she is locked out, and every superuser that somebody is."""
    _queue(user, NotificationKind.ACCOUNT, emails.locked_out(minutes, user.language), now)
    page = settings.SITE_URL + reverse("admin:tracker_user_change", args=[user.pk])
    for each in User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk):
        _queue(each, NotificationKind.ACCOUNT, emails.somebody_locked_out(minutes, page, each.language), now)


def send_password_link(user: User, now: datetime) -> None:
    """Send a person the link under which she chooses a new password. What is queued does not hold it."""
    with override(user.language):
        kept = _("(the link stands in the mail alone)")
    _queue(user, NotificationKind.PASSWORD_RESET, emails.new_password(kept, user.language), now)


def with_its_link(row: Notification) -> Message:
    """The mail about a new password as it goes out: its link is made at this moment, and lives from now on."""
    user = row.recipient
    named = {"who": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}
    link = f"{settings.SITE_URL}{reverse('password_reset_confirm')}?{urlencode(named)}"
    return emails.new_password(link, row.language)


def still_holds(row: Notification, now: datetime) -> bool:
    """Whether it still makes sense to send this: nobody waits for a link longer than it would live."""
    return row.kind != NotificationKind.PASSWORD_RESET or now - row.created_at < LINK_LIVES


def _queue(user: User, kind: NotificationKind, message: Message, now: datetime) -> None:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    Notification.objects.create(
        kind=kind, recipient=user, language=user.language, subject=message.subject[:300], text_body=message.text,
        html_body=message.html, created_at=now, message_id=f"<daymark.account.{uuid4().hex}@{host}>",
        status=NotificationStatus.SUPPRESSED if user.is_unreachable else NotificationStatus.PENDING,
    )  # fmt: skip

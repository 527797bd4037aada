"""New passwords: chosen by their owner, also with a link that lives for an hour and works once, or given by others."""

from datetime import datetime
from typing import Any

from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode

from tracker.models import AccountEvent, AccountEventKind, SignInEnd, User
from tracker.services import sign_ins
from tracker.services.account_mail import send_password_link


def ask(*, address: str, now: datetime) -> None:
    """Send everybody who signs in and has this address a link; nobody is told whether there was anybody."""
    people: Any = PasswordResetForm().get_users(address)
    with transaction.atomic():
        for user in people:
            AccountEvent.objects.create(user=user, kind=AccountEventKind.RESET_ASKED, at=now)
            send_password_link(user, now)


def whose(who: str, token: str) -> User | None:
    """Whose link this is; None for one that is not ours, is older than an hour, or was used."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(who))), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return user if user and default_token_generator.check_token(user, token) else None


def chosen(*, user: User, now: datetime, but: int = 0) -> None:
    """A person chose a new password: she is signed out wherever the old one was typed, but for the session `but`."""
    with transaction.atomic():
        user.must_choose_password = False
        user.save(update_fields=["must_choose_password"])
        sign_ins.end_all(user=user, why=SignInEnd.PASSWORD, by=user, now=now, but=but)


def given(*, user: User, now: datetime) -> None:
    """Somebody else chose a person's password: all her sessions end, and she has to choose her own.

    The caller saves the password in the same transaction. An account without a password has nothing to choose.
    """
    with transaction.atomic():
        user.must_choose_password = user.has_usable_password()
        user.save(update_fields=["must_choose_password"])
        sign_ins.end_all(user=user, why=SignInEnd.PASSWORD, by=None, now=now)

"""One-time codes: a device is shown once, proven, used, and reset when it is lost. No secret is told twice."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.models import AccountEvent, AccountEventKind, SignInEnd, User
from tracker.services import sign_ins
from tracker.services.account_mail import tell_codes_were_reset

BACKUP_CODES = 10
DIGITS = 6
ISSUER = "Daymark"


@dataclass(frozen=True, slots=True)
class Secret:
    """What an authenticator is told, once: as an address in a picture, and to be typed."""

    address: str
    key: str


def has_codes(user: User) -> bool:
    """Whether somebody has a device that is proven."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def begin(*, user: User) -> Secret:
    """A new secret, in place of one that was shown and never proven; a proven device stays until this one is."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        made = TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False, digits=DIGITS)
    return _secret(made)


def begun(user: User) -> Secret | None:
    """The secret that waits to be proven; None where there is none."""
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return _secret(waiting) if waiting else None


def confirm(*, user: User, code: str, now: datetime) -> tuple[TOTPDevice, list[str]] | None:
    """Prove the new device with one code: it and its back-up codes take the place of the old. None for a wrong code."""
    with transaction.atomic():
        waiting = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if waiting is None or not waiting.verify_token(_plain(code)):
            return None
        TOTPDevice.objects.filter(user=user).exclude(pk=waiting.pk).delete()
        waiting.confirmed = True
        waiting.save(update_fields=["confirmed"])
        _note(user, AccountEventKind.CODES_ON, by=user, now=now)
        return waiting, _new_backup_codes(user)


def verify(*, user: User, code: str, now: datetime) -> TOTPDevice | StaticDevice | None:
    """The device that a code proves; None for a wrong one, a used one, or one that came too soon after others."""
    plain = _plain(code)
    with transaction.atomic():
        if plain.isdigit() and len(plain) == DIGITS:
            totp = TOTPDevice.objects.filter(user=user, confirmed=True).first()
            return verify_token(user, totp.persistent_id, plain) if totp else None
        static = StaticDevice.objects.filter(user=user, confirmed=True).first()
        proven = verify_token(user, static.persistent_id, _kept(user, plain)) if static else None
        if proven:
            _note(user, AccountEventKind.BACKUP_USED, by=user, now=now)
        return proven


def seconds_to_wait(user: User, now: datetime) -> int:
    """For how long no code is looked at, after wrong ones; 0 where the next may be tried at once."""
    waits = [0.0]
    for device in (*TOTPDevice.objects.filter(user=user), *StaticDevice.objects.filter(user=user)):
        allowed, told = device.verify_is_allowed()
        if not allowed and told:
            waits.append((told["locked_until"] - now) / timedelta(seconds=1))
    return -int(-max(waits) // 1)


def renew_backup_codes(*, user: User, now: datetime) -> list[str]:
    """Ten new back-up codes; the old ones open nothing any more."""
    with transaction.atomic():
        _note(user, AccountEventKind.BACKUP_RENEWED, by=user, now=now)
        return _new_backup_codes(user)


def backup_codes_left(user: User) -> int:
    """How many back-up codes were not used yet."""
    return int(StaticToken.objects.filter(device__user=user).count())


def switch_off(*, user: User, now: datetime) -> None:
    """Somebody who needs no codes gives them up."""
    with transaction.atomic():
        _forget(user)
        _note(user, AccountEventKind.CODES_OFF, by=user, now=now)


def reset(*, user: User, by: User | None, reason: str, now: datetime) -> None:
    """A lost device opens nothing any more, and nobody stays signed in with it. The person is told by e-mail."""
    with transaction.atomic():
        _forget(user)
        sign_ins.end_all(user=user, why=SignInEnd.CODES, by=by, now=now)
        _note(user, AccountEventKind.CODES_RESET, by=by, now=now, reason=reason)
        tell_codes_were_reset(user, now)


def _note(user: User, kind: AccountEventKind, *, by: User | None, now: datetime, reason: str = "") -> None:
    AccountEvent.objects.create(user=user, kind=kind, by=by, at=now, reason=reason[:500])


def _forget(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _secret(device: TOTPDevice) -> Secret:
    """The picture names the program and the account, so that an authenticator with many of them can tell them apart."""
    key = b32encode(device.bin_key).decode().rstrip("=")
    label = quote(f"{ISSUER}:{device.user.get_username()}")
    address = f"otpauth://totp/{label}?secret={key}&issuer={ISSUER}&digits={DIGITS}&period={device.step}"
    return Secret(address, " ".join(key[start : start + 4] for start in range(0, len(key), 4)))


def _new_backup_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="back-up codes", confirmed=True)
    codes = [StaticToken.random_token() for _each in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(user, code)) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def _kept(user: User, code: str) -> str:
    """What the database keeps of a back-up code: whoever reads it there cannot type it."""
    return salted_hmac(f"daymark.backup-code.{user.pk}", code, algorithm="sha256").hexdigest()[:16]


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()

"""One-time codes in tests: the authenticator in somebody's hand."""

import re
from base64 import b32decode
from datetime import datetime

from django_otp.oath import TOTP

from tracker.models import User
from tracker.services import codes

KEY = re.compile(r'class="dm-key">([A-Z2-7 ]+)<')
BACKUP = re.compile(r"<code>([a-z2-7]{4}-[a-z2-7]{4})</code>")


def shown(key: str, now: datetime) -> str:
    """The six digits that an authenticator with this key shows."""
    bare = key.replace(" ", "")
    counter = TOTP(b32decode(bare + "=" * (-len(bare) % 8)))
    counter.time = now.timestamp()
    return f"{counter.token():06d}"


def equip(user: User, now: datetime) -> tuple[str, list[str]]:
    """Give somebody a proven device: its key, and the back-up codes."""
    key = codes.begin(user=user).key
    proven = codes.confirm(user=user, code=shown(key, now), now=now)
    assert proven is not None
    return key, proven[1]

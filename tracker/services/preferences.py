"""Preferences: how a person wants to be told; each for herself."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from tracker.errors import PreferencesInvalid
from tracker.models import Language, User
from tracker.services.unsubscribing import end_digests


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chooses. Quiet hours begin with `quiet_from` and end just before `quiet_until`; None for none.

    Without `wants_digest` no digest comes; reminders cannot be declined.
    """

    language: str
    digest_at: time | None
    quiet_from: time | None = None
    quiet_until: time | None = None
    wants_digest: bool = True


def choose(*, preferences: Preferences, by: User, now: datetime) -> None:
    """Keep what somebody chooses for herself. Raises PreferencesInvalid.

    What is held already stays held until the time that was said then, unless no digest is to bring it any more.
    """
    errors = _errors(preferences)
    if errors:
        raise PreferencesInvalid(errors)
    by.language, by.digest_at = preferences.language, preferences.digest_at or by.digest_at
    by.quiet_from, by.quiet_until = preferences.quiet_from, preferences.quiet_until
    ends_digests = by.wants_digest and not preferences.wants_digest
    by.wants_digest = preferences.wants_digest
    with transaction.atomic():
        by.save(update_fields=["language", "digest_at", "quiet_from", "quiet_until", "wants_digest"])
        if ends_digests:
            end_digests(by, now)


def choose_language(*, language: str, by: User) -> None:
    """Keep the language that somebody chooses for her pages and her messages. Raises PreferencesInvalid."""
    if language not in Language.values:
        raise PreferencesInvalid({"language": [_("Choose one of the languages.")]})
    by.language = language
    by.save(update_fields=["language"])


def _errors(chosen: Preferences) -> dict[str, list[str]]:
    errors = {}
    if chosen.language not in Language.values:
        errors["language"] = [_("Choose one of the languages.")]
    if chosen.digest_at is None:
        errors["digest_at"] = [_("Say when the digest shall come: it comes every day.")]
    if chosen.quiet_from is not None and chosen.quiet_until is None:
        errors["quiet_until"] = [_("Say until when, or leave both empty.")]
    if chosen.quiet_until is not None and chosen.quiet_from is None:
        errors["quiet_from"] = [_("Say from when, or leave both empty.")]
    if chosen.quiet_from is not None and chosen.quiet_from == chosen.quiet_until:
        errors["quiet_until"] = [_("Quiet hours end at another time than they begin.")]
    return errors

"""Every e-mail this program writes, one function each: who is to do what by when, and never anything clinical."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.wording import day_words, is_chinese, last_moment_words, moment_words, zone_words


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a message is about: all that may be said, and nothing else.

    `say` is the protocol file's sentence for what to do. `due_at` is None where there is no time left to keep.
    `also_told` are the other roles told now; `next_at` and `next_told` say who is told then if nothing changes.
    `stands_in` says that the reader is told in place of somebody who is away.
    """

    participant_id: int
    subject_number: str
    clause: str
    say: str
    urgent: bool
    due_at: datetime | None
    zone: ZoneInfo
    site: str
    role: str
    also_told: tuple[str, ...] = ()
    next_at: datetime | None = None
    next_told: tuple[str, ...] = ()
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One thing that stands open: what a message about it would say, in short."""

    participant_id: int
    subject_number: str
    clause: str
    say: str
    due_at: datetime | None
    zone: ZoneInfo
    urgent: bool
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class DigestOccasion:
    """What one person is told of one day: what quiet hours held, and what else stands open, each by due time.

    `digest_at` is the time on the clock of `site`, in `zone`. `unchecked_since` is when the sweep last ran; with
    `is_checked` that was a moment ago.
    """

    day: date
    digest_at: time
    zone: ZoneInfo
    site: str
    held: tuple[DigestLine, ...]
    standing: tuple[DigestLine, ...]
    is_checked: bool
    unchecked_since: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail, written in full."""

    subject: str
    text: str
    html: str


def reminder(occasion: Occasion, language: str) -> Message:
    """Something is owed: the first message of a rung."""
    return _written("reminder", occasion, language)


def escalation(occasion: Occasion, language: str) -> Message:
    """Nobody has taken up an alert in time."""
    return _written("escalation", occasion, language)


def renewal(occasion: Occasion, language: str) -> Message:
    """What was acknowledged has to be looked at again: the record has changed since."""
    return _written("renewal", occasion, language)


def withdrawal(occasion: Occasion, language: str) -> Message:
    """A reminder that was sent holds no longer."""
    return _written("withdrawal", occasion, language)


def digest(occasion: DigestOccasion, language: str) -> Message:
    """What stands open for one person today; also when nothing does."""
    with translation.override(language):
        words = _digest_words(occasion, language)
        html = render_to_string("emails/digest.html", words)
        text = render_to_string("emails/digest.txt", words)
    return Message(subject=words["headline"], text=text.strip() + "\n", html=css_inline.inline(html))


def codes_reset(language: str) -> Message:
    """Somebody's one-time codes were reset."""
    with translation.override(language):
        said = _(
            "A superuser has reset your one-time codes, because your device was reported lost. The old codes open "
            "nothing any more; where you need codes, you make new ones when you sign in next."
        )
        return _about_the_account(_("Daymark: your one-time codes were reset"), [said, _not_you()], _home(), language)


def locked_out(minutes: int, language: str) -> Message:
    """Too many wrong passwords or codes, told to the person whose account it is."""
    with translation.override(language):
        said = _(
            "Five wrong passwords or codes were typed with your name. Nobody can sign in with it from there for "
            "%(minutes)d minutes."
        )
        title = _("Daymark: your account was locked for a while")
        return _about_the_account(title, [said % {"minutes": minutes}, _not_you()], _home(), language)


def somebody_locked_out(minutes: int, page: str, language: str) -> Message:
    """The same, told to a superuser; `page` leads to the person, who is not named."""
    with translation.override(language):
        said = _(
            "Five wrong passwords or codes were typed with somebody’s name, who is locked out there for %(minutes)d "
            "minutes. Ask the person, and let her in again under “Failed sign-ins” if it was she."
        )
        title = _("Daymark: an account was locked for a while")
        return _about_the_account(title, [said % {"minutes": minutes}], (page, _("Open the person")), language)


def new_password(link: str, language: str) -> Message:
    """How somebody who forgot her password chooses another."""
    with translation.override(language):
        said = _("Somebody, hopefully you, asked for a new password. The link lives for one hour and works once.")
        rest = _("If it was not you, do nothing: your password stays as it is.")
        title = _("Daymark: choose a new password")
        return _about_the_account(title, [said, rest], (link, _("Choose a new password")), language)


def _not_you() -> str:
    return _("If it was not you, tell whoever runs Daymark at your site at once.")


def _home() -> tuple[str, str]:
    return f"{settings.SITE_URL}/admin/", _("Open Daymark")


def _about_the_account(title: str, said: list[str], link: tuple[str, str], language: str) -> Message:
    """Without any name, role or site: who reads along learns that there is an account, and no more."""
    words = {"title": title, "headline": title, "said": said, "link": link[0], "link_words": link[1]}
    words["language"] = "zh-Hans" if is_chinese(language) else "en"
    html = render_to_string("emails/account.html", words)
    text = render_to_string("emails/account.txt", words)
    return Message(subject=title, text=text.strip() + "\n", html=css_inline.inline(html))


def _digest_words(occasion: DigestOccasion, language: str) -> dict[str, Any]:
    count = len(occasion.held) + len(occasion.standing)
    day = day_words(occasion.day, language, year=False)
    opened = ngettext("Daymark, %(day)s: %(count)d open for you", "Daymark, %(day)s: %(count)d open for you", count)
    headline = (opened if count else _("Daymark, %(day)s: nothing is open for you")) % {"day": day, "count": count}
    sections = ((_("Held during your quiet hours"), occasion.held), (_("Open for you"), occasion.standing))
    where = {"time": f"{occasion.digest_at:%H:%M}", "site": occasion.site}
    return {
        "language": "zh-Hans" if is_chinese(language) else "en",
        "headline": headline,
        "title": headline,
        "unchecked": "" if occasion.is_checked else _unchecked(occasion, language),
        "sections": [
            {"title": title, "lines": [_line_words(line, language) for line in lines]}
            for title, lines in sections
            if lines
        ],
        "every_day": _(
            "This digest comes every day, also when nothing is open. If it does not come, something is wrong."
        ),
        "comes_at": _("It is written at %(time)s on the clock of %(site)s; you choose the time in Daymark.") % where,
        "link": f"{settings.SITE_URL.rstrip('/')}/admin/",
    }


def _unchecked(occasion: DigestOccasion, language: str) -> str:
    since = occasion.unchecked_since
    when = moment_words(since, occasion.zone, language) if since else _("never")
    return _("Not checked since %(when)s: reminders may be late.") % {"when": when}


def _line_words(line: DigestLine, language: str) -> dict[str, Any]:
    return {
        "subject_number": line.subject_number,
        "say": line.say,
        "clause": line.clause,
        "urgent": line.urgent,
        "acknowledged": line.acknowledged,
        "due": last_moment_words(line.due_at, line.zone, language) if line.due_at else "",
        "zone": _zone_at(line.zone, line.due_at),
        "link": participant_link(line.participant_id),
    }


def _written(name: str, occasion: Occasion, language: str) -> Message:
    with translation.override(language):
        words = {**_words(occasion, language), "kind": name}
        words["headline"] = _headline(name, occasion, words)
        html = render_to_string(f"emails/{name}.html", words)
        text = render_to_string(f"emails/{name}.txt", words)
    return Message(subject=words["headline"], text=text.strip() + "\n", html=css_inline.inline(html))


def _headline(name: str, occasion: Occasion, words: dict[str, Any]) -> str:
    said = {"subject": occasion.subject_number, "say": words["say"].rstrip(".。"), "due": words["due_short"]}
    if name == "withdrawal":
        return _("%(subject)s: an earlier reminder no longer holds") % said
    if name == "renewal":
        return _("%(subject)s: look again. %(say)s") % said
    if name == "escalation":
        return _("%(subject)s: not taken up yet. %(say)s") % said
    return (_("%(subject)s: %(say)s (by %(due)s)") if said["due"] else _("%(subject)s: %(say)s")) % said


def _words(occasion: Occasion, language: str) -> dict[str, Any]:
    def at(instant: datetime | None, as_of: datetime | None = None) -> str:
        return moment_words(instant, occasion.zone, language, as_of) if instant else ""

    def through(instant: datetime | None, as_of: datetime | None = None) -> str:
        return last_moment_words(instant, occasion.zone, language, as_of) if instant else ""

    between = "、" if is_chinese(language) else ", "
    return {
        "language": "zh-Hans" if is_chinese(language) else "en",
        "subject_number": occasion.subject_number,
        "say": occasion.say,
        "clause": occasion.clause,
        "urgent": occasion.urgent,
        "due": through(occasion.due_at),
        "due_short": through(occasion.due_at, occasion.due_at),
        "zone": _zone_at(occasion.zone, occasion.due_at),
        "site": occasion.site,
        "role": occasion.role,
        "stands_in": occasion.stands_in,
        "also_told": between.join(occasion.also_told),
        "next_at": at(occasion.next_at, occasion.next_at),
        "next_told": between.join(occasion.next_told),
        "link": participant_link(occasion.participant_id),
    }


def _zone_at(zone: ZoneInfo, due_at: datetime | None) -> str:
    return f"{zone.key} ({zone_words(zone, due_at)})" if due_at else ""


def participant_link(participant_id: int) -> str:
    """The address of a participant's page."""
    return f"{settings.SITE_URL.rstrip('/')}/admin/tracker/participant/{participant_id}/change/"

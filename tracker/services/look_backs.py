"""Look-backs: somebody looked for everything that clauses ask about, and says so in one go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tracker.models import FactStatus, Participant, RecordedFact, User
from tracker.services import facts
from tracker.services.entries import FactEntry
from tracker.services.ledger import last_done, latest_versions


@dataclass(frozen=True, slots=True)
class Look:
    """One look-back: when somebody looked last, None where nobody did, and what is recorded to have happened since."""

    review: str
    last: RecordedFact | None
    since: tuple[RecordedFact, ...]


def looks(participant: Participant, asked: Mapping[str, Iterable[str]]) -> list[Look]:
    """Where each look-back stands; `asked` names what each of them looks for."""
    return [_look(participant, review, looked_for) for review, looked_for in asked.items()]


def say_none_since(
    *, participant: Participant, asked: Mapping[str, Iterable[str]], at: datetime, by: User, now: datetime
) -> list[RecordedFact]:
    """Document every look-back at an instant: nothing since the last one but what is recorded. Raises NotAllowed."""
    found = looks(participant, asked)
    entries = {look.review: FactEntry(concept=look.review, at=at, detail=_said(participant, look)) for look in found}
    return facts.record_all(participant=participant, entries=entries, by=by, now=now)


def _look(participant: Participant, review: str, looked_for: Iterable[str]) -> Look:
    last = last_done(participant, review)
    done = [row for concept in looked_for for row in latest_versions(participant, concept)]
    since = [row for row in done if row.status == FactStatus.DONE and (last is None or _reaches(row, last))]
    return Look(review, last, tuple(since))


def _reaches(row: RecordedFact, last: RecordedFact) -> bool:
    """Whether something happened after a look, or lasted longer than that."""
    return max(row.at, row.until or row.at) > last.at


def _said(participant: Participant, look: Look) -> str:
    if look.last is None:
        return _("First look: nothing but what is recorded here") if look.since else _("First look: none")
    when = f"{look.last.at.astimezone(participant.zone):%Y-%m-%d %H:%M}"
    if look.since:
        return _("Nothing but what is recorded here since %(when)s") % {"when": when}
    return _("None since %(when)s") % {"when": when}

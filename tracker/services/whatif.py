"""What if: everything that planning or moving steps would bring about, told beforehand and without a trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tracker.evaluation import protocol_of, timeline_of
from tracker.models import NotificationKind, NotificationStatus, Participant, User
from tracker.services.forecast import Foreseen, forecast
from tracker.services.locking import lock
from tracker.services.pictures import MessageRow, Picture, picture_of
from tracker.services.plans import plan_steps
from workflow.facts import Moment
from workflow.prospects import open_plans
from workflow.site_calendar import SiteCalendar
from workflow.stages import Step

_ONLY_ASKED = "only asked about"
"""The reason on a row that is never kept."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How things stand, and how they would stand right after saving.

    `coming_before` and `coming_after` are the messages that would follow until the last of the plans, if nothing else
    happens.
    """

    before: Picture
    after: Picture
    coming_before: tuple[Foreseen, ...]
    coming_after: tuple[Foreseen, ...]

    @property
    def told_at_once(self) -> list[MessageRow]:
        """The messages that saving writes and sends, by their readers' keys each reader once."""
        readers: dict[int, MessageRow] = {}
        for row in self.after.written_since(self.before):
            if row.status not in (NotificationStatus.HELD, NotificationStatus.SUPPRESSED):
                readers.setdefault(row.recipient, row)
        return list(readers.values())

    @property
    def taken_back(self) -> list[MessageRow]:
        """What people who were told already are told now: it no longer holds."""
        written = self.after.written_since(self.before)
        return [row for row in written if row.kind == NotificationKind.WITHDRAWN]

    @property
    def no_longer_coming(self) -> list[Foreseen]:
        """The messages that would have followed and will not."""
        return [each for each in self.coming_before if each not in self.coming_after]

    @property
    def newly_coming(self) -> list[Foreseen]:
        """The messages that will follow and would not have."""
        return [each for each in self.coming_after if each not in self.coming_before]


def preview(*, participant: Participant, plans: Mapping[Step, Moment], by: User, now: datetime) -> Preview:
    """What `plan_steps` would do now, and what would follow from it.

    The very services are asked that will do it, in a transaction that is rolled back: no row stays, no event of the
    audit trail, no message, and nothing that waits for the commit. Raises what `plan_steps` raises.
    """
    with transaction.atomic():
        row = lock(participant.pk)
        before, until = picture_of(row, now), _last_of(row, plans, now)
        coming_before = forecast(row, now=now, until=until)
        plan_steps(participant=row, plans=plans, by=by, now=now, reason=_ONLY_ASKED)
        row = lock(participant.pk)
        found = Preview(before, picture_of(row, now), tuple(coming_before), tuple(forecast(row, now=now, until=until)))
        transaction.set_rollback(True)
    return found


def _last_of(participant: Participant, plans: Mapping[Step, Moment], now: datetime) -> datetime:
    """The last instant of the plans as they are and as they would be."""
    end = SiteCalendar(participant.zone).end
    standing = open_plans(protocol_of(participant), timeline_of(participant), now)
    return max(now, *map(end, [*standing.values(), *plans.values()]))

"""The one shape of a change: lock the row, ask whether the person may, change, make the deadlines equal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from tracker import access
from tracker.audit.context import because
from tracker.models import Participant, Study, User
from tracker.services import deadlines
from tracker.services.locking import lock


@contextmanager
def change_of(
    participant: Participant, action: access.Action, *, by: User, now: datetime, reason: str = ""
) -> Iterator[Participant]:
    """One transaction about one participant, whose fresh and locked row is given; the audit trail keeps the reason.

    Raises NotAllowed before anything is touched. At the end the deadlines, alerts and messages are made equal to what
    the protocol now answers; an exception undoes everything.
    """
    with because(reason, by=by.pk), transaction.atomic():
        row = lock(participant.pk)
        access.demand(by, action, row, now.astimezone(row.zone).date())
        yield row
        deadlines.reconcile(row, now)


@contextmanager
def change_of_study(
    study: Study, action: access.Action, *, by: User, now: datetime, reason: str = ""
) -> Iterator[Study]:
    """One transaction about a study as a whole; its participants are reassessed by the next sweep.

    Raises NotAllowed before anything is touched.
    """
    with because(reason, by=by.pk), transaction.atomic():
        row = Study.objects.select_for_update().get(pk=study.pk)
        if not access.may_for_study(by, action, row, now):
            access.refuse(action)
        yield row
        row.participants.update(reassess_after=now)

"""The participant's row, locked: whoever holds it is alone with the participant until the transaction ends."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from tracker.models import Participant


def lock(pk: int) -> Participant:
    """The row as it is now, with its study and site. Waits for whoever holds it. Raises Participant.DoesNotExist.

    On SQLite the transaction itself holds the one write lock of the database.
    """
    rows = Participant.objects.select_related("study", "site").select_for_update(of=("self",))
    row: Participant = rows.get(pk=pk)
    return row


def lock_due(now: datetime, at_most: int) -> list[Participant]:
    """Those whose reassessment is due, the longest due first; who is locked already is left alone."""
    rows = Participant.objects.select_related("study", "site").filter(reassess_after__lte=now)
    skips = connection.features.has_select_for_update_skip_locked
    return list(rows.order_by("reassess_after", "pk").select_for_update(of=("self",), skip_locked=skips)[:at_most])


def lock_settled(keys: Iterable[int], now: datetime) -> list[Participant]:
    """Those of them whose next reassessment is still to come, if any is. Waits for whoever holds one."""
    rows = Participant.objects.select_related("study", "site").filter(pk__in=keys).exclude(reassess_after__lte=now)
    return list(rows.order_by("pk").select_for_update(of=("self",)))

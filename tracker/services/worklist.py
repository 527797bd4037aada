"""The work list: rows made equal to what there is to do, with the same answer that deadlines and alerts are made of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model

from tracker.models import Deviation, DeviationStatus, Outlook, WorkItem
from tracker.services.ladders import Ladder
from tracker.services.work import Desk, items_of, outlook_of

_Row = TypeVar("_Row", Outlook, WorkItem)

_KEY = ("step", "action", "subject", "row")
_COLUMNS = ("about", "state", "roles", "opens_at", "due_at", "since", "before_at", "is_open")
_DONE = {"is_open": False}
_AHEAD = ("next_step", "cannot_be_undone", "planned_at", "open_conditions", "can_clear", "worst", "urgency")


def make_equal(ladders: Sequence[Ladder]) -> None:
    """Write what there is to do about these participants, and what lies ahead of each.

    The caller holds their locks. Doing it twice writes nothing the second time. The number of queries does not depend
    on how many there are.
    """
    keys = [ladder.participant.pk for ladder in ladders]
    drafts: defaultdict[int, list[Deviation]] = defaultdict(list)
    for deviation in Deviation.objects.filter(participant__in=keys, status=DeviationStatus.DRAFT).order_by("pk"):
        drafts[deviation.participant_id].append(deviation)
    desks = {ladder.participant.pk: Desk(ladder, drafts[ladder.participant.pk]) for ladder in ladders}
    _make_outlooks(desks)
    _make_items(desks)


def _make_outlooks(desks: Mapping[int, Desk]) -> None:
    rows = {row.participant_id: row for row in Outlook.objects.filter(participant__in=list(desks))}
    wanted = {pk: outlook_of(desk) for pk, desk in desks.items()}
    Outlook.objects.bulk_create(
        Outlook(participant_id=pk, **columns) for pk, columns in wanted.items() if pk not in rows
    )
    _save(Outlook, _changed((row, wanted[pk]) for pk, row in rows.items()), _AHEAD)


def _make_items(desks: Mapping[int, Desk]) -> None:
    wanted = {(pk, *key): columns for pk, desk in desks.items() for key, columns in items_of(desk).items()}
    rows = {_key_of(row): row for row in WorkItem.objects.filter(participant__in=list(desks))}
    WorkItem.objects.bulk_create(
        WorkItem(participant_id=key[0], **dict(zip(_KEY, key[1:], strict=True)), **columns)
        for key, columns in wanted.items()
        if key not in rows
    )
    _save(WorkItem, _changed((row, wanted.get(key, _DONE)) for key, row in rows.items()), _COLUMNS)


def _key_of(row: WorkItem) -> tuple[int, str, str, str, str]:
    return row.participant_id, row.step, row.action, row.subject, row.row


def _changed(pairs: Iterable[tuple[_Row, dict[str, Any]]]) -> list[_Row]:
    """The rows that differ from what is wanted, with it written into them, in memory."""
    return [row for row, columns in pairs if _differs(row, columns)]


def _differs(row: Model, columns: Mapping[str, Any]) -> bool:
    differs = any(getattr(row, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(row, name, value)
    return differs


def _save(model: type[_Row], rows: list[_Row], columns: Sequence[str]) -> None:
    if rows:
        model.objects.bulk_update(rows, columns)

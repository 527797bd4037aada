"""`manage.py reconcile [--check] [SUBJECT …]`: is everything in the database what the protocol answers?"""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from tracker.management.asking import participant_named
from tracker.models import Alert, AuditEvent, Operation, Participant, TrackedDeadline
from tracker.services import drift
from tracker.services.drift import Drift

TOGETHER = 1_000
"""How many keys are in hand at a time, and after how many the progress is told."""

_DEADLINE, _ALERT, _PARTICIPANT = "tracker_trackeddeadline", "tracker_alert", "tracker_participant"


class Command(BaseCommand):
    """A line for each row that differs; with --check it ends with 1 if there is any, and nothing is written."""

    help = "Compare every deadline, alert and next reassessment with what the protocol answers, and make them equal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and whether to mend."""
        parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="subject numbers (default: everybody)")
        parser.add_argument("--study", default="", help="the study's code")
        parser.add_argument("--check", action="store_true", help="only say what differs; end with 1 if anything does")

    def handle(self, *_args: Any, check: bool, study: str, subjects: list[str], **_options: Any) -> None:
        """Print what differs, and what was done about it."""
        people, now = _people(subjects, study), timezone.now()
        looked_at, differing, failed = 0, 0, 0
        for keys in _portions(people):
            for each in (drift.find if check else drift.mend)(keys, now):
                differing, failed = differing + 1, failed + bool(each.error)
                for line in _lines(each):
                    self.stdout.write(f"{each.participant.subject_number} | {line}")
            looked_at += len(keys)
            self.stderr.write(f"{looked_at} compared")
        mended = "differ" if check else "differed and were made equal"
        self.stdout.write(
            f"{looked_at} compared, {differing - failed} {mended}, {failed} cannot be reassessed,"
            f" {drift.waiting(people, now)} wait for the sweep"
        )
        if failed or (check and differing):
            raise CommandError(f"{differing} of {looked_at} are not what the protocol answers")


def _people(subjects: list[str], study: str) -> QuerySet[Participant]:
    people: QuerySet[Participant] = Participant.objects.order_by("pk")
    if subjects:
        return people.filter(pk__in=[participant_named(subject, study).pk for subject in subjects])
    return people.filter(study__code=study) if study else people


def _portions(people: QuerySet[Participant]) -> Iterator[list[int]]:
    """Their keys, some at a time, however many there are."""
    after = 0
    while keys := list(people.filter(pk__gt=after).values_list("pk", flat=True)[:TOGETHER]):
        yield keys
        after = keys[-1]


def _lines(each: Drift) -> Iterator[str]:
    if each.error:
        yield f"cannot be reassessed: {each.error}"
    for event in each.events:
        yield f"{_named(event)} | {_change(event)}"


def _named(event: AuditEvent) -> str:
    """The row in words: its clause, its rung, or only its table, where more would say what is nobody's business."""
    new: dict[str, Any] = event.new or {}
    if event.table == _PARTICIPANT:
        return "participant"
    if event.table == _DEADLINE:
        row = TrackedDeadline.objects.filter(pk=event.row).first()
        return f"deadline {row.clause} {row.occurrence}" if row else f"deadline {new['clause']} {new['occurrence']}"
    if event.table == _ALERT:
        alert = Alert.objects.filter(pk=event.row).first()
        return f"alert {alert.rung if alert else new['rung']}"
    return event.table.removeprefix("tracker_")


def _change(event: AuditEvent) -> str:
    if event.operation != Operation.UPDATE:
        return "is missing" if event.operation == Operation.INSERT else "should not be there"
    if event.table not in {_DEADLINE, _ALERT, _PARTICIPANT}:
        return "differs"
    old, new = event.old or {}, event.new or {}
    return ", ".join(f"{name}: {old.get(name)} should be {new[name]}" for name in sorted(new.keys() - {"updated_at"}))

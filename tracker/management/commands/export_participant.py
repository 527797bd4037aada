"""`manage.py export_participant SUBJECT`: one participant's whole record as a file that proves itself."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.audit.sealing import seal
from tracker.copies.collecting import copy_of_participant
from tracker.copies.files import zipped
from tracker.errors import TooOldToWithhold
from tracker.models import Participant


class Command(BaseCommand):
    """Everything: every version of every fact, what was told, what was signed, and the audit trail with its seals."""

    help = "Write a participant's whole record to a ZIP: a page for people, JSON for machines, both with digests."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose record, of which study, and where to."""
        parser.add_argument("subject", help="the subject number")
        parser.add_argument("--study", default="", help="the study's code, where the number is used in several")
        parser.add_argument("--to", type=Path, default=None, help="default: SUBJECT.zip")
        parser.add_argument("--blinded", action="store_true", help="withhold the dose level")

    def handle(self, *_args: Any, subject: str, study: str, to: Path | None, **options: Any) -> None:
        """Seal what is not sealed yet, and write the file."""
        found = list(Participant.objects.filter(subject_number=subject).select_related("study", "site"))
        chosen = [each for each in found if not study or each.study.code == study]
        if len(chosen) != 1:
            codes = ", ".join(each.study.code for each in found)
            raise CommandError(
                f"{subject} is in several studies ({codes}): name one" if chosen else f"there is no {subject}"
            )
        now = timezone.now()
        seal(now)
        path = to or Path(f"{subject}.zip")
        try:
            path.write_bytes(zipped(copy_of_participant(chosen[0], now=now, blinded=options["blinded"])))
        except TooOldToWithhold as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"written: {path}")

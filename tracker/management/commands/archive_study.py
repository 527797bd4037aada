"""`manage.py archive_study CODE FILE`: a whole study as one file that proves itself, to be kept."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.audit.sealing import seal
from tracker.copies.collecting import copy_of_study
from tracker.copies.files import zipped
from tracker.models import Study


class Command(BaseCommand):
    """Nothing is taken out of the database: a study is never deleted."""

    help = "Write a whole study to a ZIP: everybody, the whole chain of the audit trail, and the published heads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which study, and where to."""
        parser.add_argument("code", help="the study's code")
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, code: str, file: Path, **_options: Any) -> None:
        """Seal what is not sealed yet, and write the file."""
        study = Study.objects.filter(code=code).first()
        if study is None:
            raise CommandError(f"there is no study {code}")
        now = timezone.now()
        seal(now)
        copy = copy_of_study(study, now=now)
        file.write_bytes(zipped(copy, {"heads.jsonl": Path(settings.AUDIT_HEADS).read_text(encoding="utf-8")}))
        self.stdout.write(f"written: {file}, {len(copy['rows']['tracker_participant'])} participants")

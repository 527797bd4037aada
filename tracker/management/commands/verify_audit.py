"""`manage.py verify_audit`: is the audit trail whole, and is everything on record what it says?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.audit.chain import Head
from tracker.audit.proving import everything_wrong
from tracker.audit.sealing import published
from tracker.models import AuditSeal


class Command(BaseCommand):
    """Names every break, the first one first; ends with 1 if there is any."""

    help = (
        "Check the chain of audit events against its published heads, the triggers, every signature, and every row"
        " against its history."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the heads were published."""
        parser.add_argument(
            "--heads", type=Path, default=Path(settings.AUDIT_HEADS), help="the file of published heads"
        )

    def handle(self, *_args: Any, heads: Path, **_options: Any) -> None:
        """Print what was found."""
        found = list(everything_wrong(timezone.now(), self._heads(heads)))
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"the audit trail does not hold: {len(found)} found, the first: {found[0]}")
        self.stdout.write(f"the audit trail holds: {AuditSeal.objects.count()} sealed")

    def _heads(self, path: Path) -> list[Head] | None:
        try:
            return published(path)
        except FileNotFoundError:
            self.stderr.write(f"no heads were published in {path}: a cut end would not be found")
            return None
        except (ValueError, KeyError) as error:
            raise CommandError(f"{path}: a line is no published head") from error

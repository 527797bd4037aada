"""`manage.py compare_participant FILE`: does a copy hold, and is it read back as it was, the audit trail included?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.copies.proving import NotACopy
from tracker.management.comparing_copies import checked


class Command(BaseCommand):
    """Needs nothing but the file: the configured database is neither read nor written. Ends with 1 if it differs."""

    help = "Prove a participant's copy by its seals, read it into an empty throwaway database, and compare both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path, help="a ZIP of export_participant, or the JSON in it")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        """Say that it holds, or everything that does not."""
        try:
            copy, found = checked(file)
        except (NotACopy, OSError) as error:
            raise CommandError(str(error)) from error
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"the copy does not hold: {len(found)} found, the first: {found[0]}")
        events = sum(1 for link in copy["trail"] if link["event"])
        rows = sum(map(len, copy["rows"].values()))
        self.stdout.write(f"the copy holds: {rows} rows and {events} audit events read back equal")

"""`manage.py qualify [--out FILE]`: is this installation what was delivered, and does it work where it stands?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.management.qualification.installed import installed
from tracker.management.qualification.report import report, summary
from tracker.management.qualification.rules import journeys, rules
from tracker.management.qualification.surroundings import surroundings

ROOT: Path = settings.BASE_DIR
JOURNEYS = ROOT / "tests" / "journeys" / "golden"


class Command(BaseCommand):
    """Writes the report whatever it finds; exit 1 when something failed, 2 when the report cannot be written."""

    help = "Check this installation, and write a dated report: what was expected, what was seen, whether it passed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write, what to hold the files against, which journeys, and to whom one mail may go."""
        parser.add_argument("--out", type=Path, help="the file to write the report to (default: print it)")
        parser.add_argument(
            "--journeys", type=Path, default=JOURNEYS, help="a folder of journeys (default: %(default)s)"
        )
        parser.add_argument(
            "--send-to", default="", metavar="ADDRESS", help="send one mail there (default: none is sent)"
        )

        parser.add_argument(
            "--own-files", default="", metavar="SHA256",
            help="the digest of Daymark's own files in the report of the release you validated (default: not compared)",
        )  # fmt: skip

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look at everything, write it down, and say how it went."""
        now = timezone.now()
        groups = [
            installed(ROOT, options["own_files"]),
            surroundings(now, options["send_to"]),
            rules(),
            journeys(options["journeys"]),
        ]
        self._write(report(groups, at=now, address=settings.SITE_URL), options["out"])
        failed = [outcome for group in groups for outcome in group.outcomes if outcome.passed is False]
        if failed:
            said = "; ".join(f"{outcome.what}: {outcome.seen}" for outcome in failed)
            raise CommandError(f"{summary(groups)}: {said}", returncode=1)
        self.stderr.write(summary(groups))

    def _write(self, page: str, out: Path | None) -> None:
        if out is None:
            self.stdout.write(page)
            return
        try:
            out.write_text(page, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}", returncode=2) from error

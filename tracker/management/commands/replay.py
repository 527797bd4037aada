"""`manage.py replay PATH...`: live through journeys with hand-computed answers, and compare every answer."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracker.replaying.journey_file import find_files, read_journey
from tracker.replaying.player import Player
from tracker.replaying.questions import Verdict
from tracker.replaying.reading import Unreadable
from tracker.replaying.throwaway import throwaway_database


class Command(BaseCommand):
    """Exit 0 when every answer is the expected one, 1 on a mismatch, 2 when a file cannot be read."""

    help = "Replay journey files through the real services, in a database of its own; nothing is sent."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which files, and by which protocol."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a journey file, or a folder of them")
        parser.add_argument("--protocol", default="relma-cel-ssc", help="the protocol the journeys follow")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a line for each answer, then the sum."""
        self.passed = self.failed = 0
        self.unreadable: list[str] = []
        with throwaway_database():
            for file in self._files(options["paths"]):
                self._replay(file, options["protocol"])
        self.stdout.write(f"{self.passed} passed, {self.failed} failed")
        if self.unreadable:
            raise CommandError("\n".join(self.unreadable), returncode=2)
        if self.failed:
            raise CommandError("some answers are not the expected ones", returncode=1)

    def _files(self, paths: list[Path]) -> list[Path]:
        try:
            return list(find_files(paths))
        except Unreadable as error:
            raise CommandError(str(error), returncode=2) from error

    def _replay(self, file: Path, protocol: str) -> None:
        try:
            with transaction.atomic():
                for verdict in Player(read_journey(file), protocol).verdicts():
                    self._tell(file, verdict)
                # The next journey starts with an empty database.
                transaction.set_rollback(True)
        except Unreadable as error:
            self.unreadable.append(str(error))

    def _tell(self, file: Path, verdict: Verdict) -> None:
        self.passed += verdict.ok
        self.failed += not verdict.ok
        result = "ok" if verdict.ok else f"MISMATCH: {verdict.difference}"
        self.stdout.write(
            f"{file.name} | {verdict.question} | {verdict.at.isoformat()} | expected {verdict.expected}"
            f" | got {verdict.got} | {result}"
        )

"""`manage.py check_protocol FILE`: read a protocol file strictly and tell every mistake with its line and a hint."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.loading import json_schema, load_protocol
from workflow.mistakes import ProtocolInvalid


class Command(BaseCommand):
    """Exit 0 when the file can be used, 1 with all mistakes when it cannot, 2 when it cannot be read."""

    help = "Check a protocol file: every mistake at once, each with its line and a hint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, or --schema for editors."""
        parser.add_argument("file", type=Path, nargs="?", help="the protocol file (YAML)")
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of protocol files instead")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the verdict."""
        if options["schema"]:
            self.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False))
            return
        if options["file"] is None:
            raise CommandError("name the protocol file to check, or --schema", returncode=2)
        self._check(options["file"])

    def _check(self, path: Path) -> None:
        try:
            protocol = load_protocol(path)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}", returncode=2) from error
        except ProtocolInvalid as error:
            lines = [f"{path}:{line}: {where}: {_told(message, hint)}" for line, where, message, hint in error.mistakes]
            count = len(lines)
            raise CommandError("\n".join([*lines, f"{count} mistake{'s' if count != 1 else ''}"])) from error
        self.stdout.write(f"{path}: no mistake; {protocol.id} version {protocol.version}, {len(protocol.rules)} rules")


def _told(message: str, hint: str) -> str:
    return f"{message} ({hint})" if hint else message

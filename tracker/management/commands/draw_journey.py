"""`manage.py draw_journey`: write docs/journey.md from the machine, so that the drawing can never lie."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.models import Participant
from tracker.models.machine import edges
from workflow.stages import Stage

_HEAD = """# The participant's journey

Drawn by `manage.py draw_journey` from the machine in `tracker/models/machine.py`: do not edit it by hand. An arrow says
that a step is possible from a stage; whether it is allowed at an instant, the protocol's gate decides. Not drawn: the
last step, when it was recorded in error, is taken back, and the participant stands again where it was recorded from.

```mermaid
stateDiagram-v2
"""


class Command(BaseCommand):
    """Write the drawing; with --check, exit 1 when the file differs from it."""

    help = "Draw the participant's stages and steps as Mermaid in docs/journey.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write, and whether only to compare."""
        parser.add_argument("--file", type=Path, default=Path(settings.BASE_DIR) / "docs" / "journey.md")
        parser.add_argument("--check", action="store_true", help="compare instead of writing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or compare."""
        file: Path = options["file"]
        if not options["check"]:
            file.write_text(drawing(), encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != drawing():
            raise CommandError(f"{file} is not what the machine draws: run manage.py draw_journey")


def drawing() -> str:
    """The page, the same for the same machine: stages and steps in their own order."""
    arrows = [f"    {source.value} --> {target.value}: {step.value}" for source, step, target in edges(Participant)]
    ends = [f"    {stage.value} --> [*]" for stage in Stage if stage.is_terminal]
    return _HEAD + "\n".join([f"    [*] --> {Stage.SCREENING.value}", *arrows, *ends]) + "\n```\n"

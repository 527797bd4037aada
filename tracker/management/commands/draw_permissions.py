"""`manage.py draw_permissions`: write docs/permissions.md from the matrix, so that the page can never lie."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from tracker.access import MATRIX, Action
from tracker.models import Role

_HEAD = """# Who may do what

Drawn by `manage.py draw_permissions` from `MATRIX` in `tracker/access.py`: do not edit it by hand. Roles are held at
one site of one study, from a first day through a last one, counted on the site's calendar; a person with several roles
may do what any of them may. Another site's participant is not found, whatever the role. Superusers set up sites,
studies, people and roles, and may do everything.

● may; empty: may not.

"""

MEANINGS: Mapping[Action, str] = {
    Action.VIEW: "read everything about the participants of the site, except a blinded dose level",
    Action.REGISTER: "register a participant, and screen one again after a screen failure",
    Action.RECORD_FACT: "record, complete, correct and withdraw facts",
    Action.PLAN: "plan a step, move its plan, cancel it",
    Action.ENROL: "enrol",
    Action.LEUKAPHERESIS: "start leukapheresis",
    Action.LYMPHODEPLETION: "start lymphodepletion",
    Action.INFUSION: "infuse",
    Action.FOLLOW_UP: "start follow-up",
    Action.COMPLETE: "complete the study",
    Action.EXIT: "end the journey early: screen failure, withdrawal, death, loss to follow-up",
    Action.ACKNOWLEDGE: "acknowledge an alert",
    Action.SEE_DOSE: "see the dose level although the study is blinded to it",
    Action.HOLD: "put a participant on hold, and release the hold",
    Action.ACCEPT_PRODUCT: "decide to use a product that is out of specification",
    Action.COMPLETE_DEVIATION: "say of a deviation its cause, its impact and what was done",
    Action.CLOSE_DEVIATION: "close a deviation, with a signature",
    Action.READ_TRAIL: "read the audit trail of a whole site; a participant's own is open to whoever sees her",
    Action.TAKE_COPY: "save a participant's whole record as a file, the audit trail included",
    Action.REDACT: "ask that a value be taken out of record and trail; another principal investigator confirms it",
    Action.ARRANGE_COVER: "enter absences, deputies and duties on call for others; one's own absence needs no role",
}


class Command(BaseCommand):
    """Write the page; with --check, exit 1 when the file differs from it."""

    help = "Draw the matrix of roles and actions in docs/permissions.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write, and whether only to compare."""
        parser.add_argument("--file", type=Path, default=Path(settings.BASE_DIR) / "docs" / "permissions.md")
        parser.add_argument("--check", action="store_true", help="compare instead of writing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or compare."""
        file: Path = options["file"]
        if not options["check"]:
            file.write_text(page(), encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != page():
            raise CommandError(f"{file} is not what the matrix says: run manage.py draw_permissions")


def page() -> str:
    """The page, the same for the same matrix: actions down, roles across, each in its own order, and what it means."""
    with override("en"):
        header = ["action", *(str(role.label) for role in Role), "it permits to"]
    lines = [header, ["---", *(":-:" for _role in Role), "---"], *(_cells(action) for action in Action)]
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(action: Action) -> list[str]:
    return [f"`{action}`", *("●" if action in MATRIX[role] else " " for role in Role), _meaning(action)]


def _meaning(action: Action) -> str:
    if action not in MEANINGS:
        raise CommandError(f"say in MEANINGS of tracker/management/commands/draw_permissions.py what {action} permits")
    return MEANINGS[action]

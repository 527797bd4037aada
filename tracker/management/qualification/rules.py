"""What it decides by: the protocol files, the decisions on record, and the journeys with hand-computed answers."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.db import transaction

from tracker.management.qualification.outcome import Group, Outcome, asked
from tracker.models import StepRecord
from tracker.replaying.decisions import decisions
from tracker.replaying.journey_file import find_files, read_journey
from tracker.replaying.kept import rules_not_kept
from tracker.replaying.player import Player
from tracker.replaying.throwaway import throwaway_database
from workflow.loading import shipped_protocol, shipped_protocols


def rules() -> Group:
    """Each protocol that comes with the program, and whether what was decided still comes out."""
    files = (asked(f"Protocol file {name}.yaml", "no mistake", partial(_read, name)) for name in shipped_protocols())
    kept = asked("Rules that decided what is on record", "all there, word for word", _kept)
    return Group("What it decides by", (*files, kept, asked("Decisions on record", "all come out again", _decisions)))


def _read(name: str) -> tuple[str, bool]:
    protocol = shipped_protocol(name)
    return f"{protocol.id} version {protocol.version}, {len(protocol.rules)} rules, hash {protocol.hash}", True


def _kept() -> tuple[str, bool]:
    found = rules_not_kept()
    return "; ".join(found) or "all there", not found


def _decisions() -> tuple[str, bool]:
    records = StepRecord.objects.select_related("participant__study", "participant__site").order_by("pk")
    outcomes = [not decision.difference for decision in decisions(records.iterator())]
    failed = len(outcomes) - sum(outcomes)
    said = (
        f"{failed} of {len(outcomes)} do not: manage.py replay_decisions names them"
        if failed
        else f"{len(outcomes)} do"
    )
    return said, not failed


def journeys(folder: Path) -> Group:
    """Every journey of a folder, lived through in a database of its own."""
    title = "Journeys with hand-computed answers"
    if not folder.is_dir():
        return Group(
            title, (Outcome("Journeys", "replayed", "not here: give their folder with --journeys", passed=False),)
        )
    lived: list[Outcome] = []

    def live() -> tuple[str, bool]:
        with throwaway_database():
            lived.extend(_replayed(folder))
        return f"{len(lived)} replayed", bool(lived)

    ran = asked("Journeys", "replayed", live)
    return Group(title, (ran, *lived))


def _replayed(folder: Path) -> Iterator[Outcome]:
    for file in find_files([folder]):
        yield asked(file.stem, "every answer as computed by hand", partial(_answers, file))


def _answers(file: Path) -> tuple[str, bool]:
    with transaction.atomic():
        verdicts = [verdict.ok for verdict in Player(read_journey(file), "relma-cel-ssc").verdicts()]
        # The next journey starts with an empty database.
        transaction.set_rollback(True)
    return f"{sum(verdicts)} of {len(verdicts)}", all(verdicts) and bool(verdicts)

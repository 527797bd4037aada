"""`manage.py replay_decisions [--study CODE]`: judge every past gate again, and tell which comes out differently."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.models import StepRecord, Study
from tracker.replaying.decisions import Decision, decisions


class Command(BaseCommand):
    """Exit 0 when every decision comes out as it was recorded, 1 when one differs, 2 for an unknown study."""

    help = "Derive every past decision of a gate again, over what was known then; nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", default="", metavar="CODE", help="only this study (default: all)")

    def handle(self, *_args: Any, **options: Any) -> None:
        passed = failed = 0
        for decision in decisions(self._records(options["study"])):
            passed += not decision.difference
            failed += bool(decision.difference)
            self.stdout.write(_line(decision))
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed:
            raise CommandError("some decisions do not come out as they were recorded", returncode=1)

    def _records(self, study: str) -> Any:
        """The journal, participant by participant, in the order in which it was written."""
        if study and not Study.objects.filter(code=study).exists():
            known = ", ".join(Study.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"no study has the code {study!r}: expected one of {known}", returncode=2)
        records = StepRecord.objects.select_related("participant__study", "participant__site")
        chosen = records.filter(participant__study__code=study) if study else records
        return chosen.order_by("participant__study__code", "participant__subject_number", "pk").iterator()


def _line(decision: Decision) -> str:
    record, participant = decision.record, decision.record.participant
    started = record.happened_at.astimezone(participant.zone).isoformat()
    result = f"DIFFERS: {decision.difference}" if decision.difference else "ok"
    return f"{participant.study.code} {participant.subject_number} | {record.step} | {started} | {result}"

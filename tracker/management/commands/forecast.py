"""`manage.py forecast --to B [--from A] [SUBJECT]`: who will get which message, and when, if nothing else happens."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.management.asking import instant_typed, participant_named
from tracker.models import Participant
from tracker.services.forecast import Foreseen, forecast


class Command(BaseCommand):
    """One line for each message, in the order in which they will be written; nothing is kept and nothing is sent."""

    help = "Say who will be told what, and when, if nothing else happens; nothing is written or sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom, and between which instants."""
        parser.add_argument("subject", nargs="?", default="", help="the subject number (default: everybody)")
        parser.add_argument("--from", dest="start", metavar="A", help="an instant with its offset (default: now)")
        parser.add_argument("--to", dest="until", metavar="B", required=True, help="an instant with its offset")
        parser.add_argument("--study", default="", help="the study's code")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the messages, participant by participant put in order of time."""
        now = timezone.now()
        start = instant_typed(options["start"]) if options["start"] else now
        until = instant_typed(options["until"])
        if until < start:
            raise CommandError(f"--to {options['until']} lies before --from {start.isoformat()}")
        people = self._people(options["subject"], options["study"])
        found = [
            (each, person) for person in people for each in forecast(person, now=now, until=until) if each.at >= start
        ]
        for each, person in sorted(found, key=lambda pair: (pair[0].at, pair[0].subject_number)):
            self.stdout.write(_line(each, person))
        self.stdout.write(f"{len(found)} messages")

    def _people(self, subject: str, study: str) -> list[Participant]:
        if subject:
            return [participant_named(subject, study)]
        everybody = Participant.objects.select_related("study", "site").order_by("pk")
        return list(everybody.filter(study__code=study) if study else everybody)


def _line(each: Foreseen, person: Participant) -> str:
    at = each.at.astimezone(person.zone).strftime("%Y-%m-%d %H:%M %Z")
    weight = "urgent" if each.urgent else "-"
    told = f"{each.role} {each.recipient} <{each.email or 'no address'}>"
    return f"{at} | {each.subject_number} | {each.clause} | {each.rung} | {each.kind} | {weight} | {told}"

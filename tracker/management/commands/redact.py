"""`manage.py redact ask|confirm|list`: take a name out of a free text and out of its trail; it takes two people."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.errors import NotAllowed, Refused
from tracker.models import Redaction, User
from tracker.services import redactions


class Command(BaseCommand):
    """Both people give their passwords. What was taken out is written down nowhere."""

    help = "Take a free text out of the record and of its audit trail: one person asks, a PI confirms."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who asks for what; who confirms which."""
        acts = parser.add_subparsers(dest="act", required=True)
        asking = acts.add_parser("ask", help="ask for it; prints its number, and where else the same text stands")
        asking.add_argument("table", help="for example tracker_recordedfact, as the audit trail names it")
        asking.add_argument("row", type=int)
        asking.add_argument("column", help="for example detail")
        asking.add_argument("--reason", required=True, help="why; kept for ever, so without the text itself")
        asking.add_argument("--by", required=True, help="the user name of who asks")
        confirming = acts.add_parser("confirm", help="take it out")
        confirming.add_argument("number", type=int)
        confirming.add_argument("--by", required=True, help="the user name of who confirms")
        acts.add_parser("list", help="every redaction, with who and why")

    def handle(self, *_args: Any, act: str, **options: Any) -> None:
        """Do one of the three."""
        try:
            getattr(self, f"_{act}")(options)
        except (Refused, NotAllowed) as refused:
            raise CommandError(str(refused)) from refused

    def _ask(self, options: dict[str, Any]) -> None:
        by = _who(options["by"])
        asked = redactions.ask(
            table=options["table"], row=options["row"], column=options["column"], reason=options["reason"], by=by,
            now=timezone.now(),
        )  # fmt: skip
        self.stdout.write(f"redaction {asked.pk} is asked for: rows {', '.join(map(str, asked.rows))}")
        self.stdout.write("a principal investigator of the site, who is somebody else, confirms it")
        for place in redactions.places_beside(asked):
            self.stdout.write(f"the same text also stands in {place}: ask for that too")

    def _confirm(self, options: dict[str, Any]) -> None:
        asked = Redaction.objects.filter(pk=options["number"]).first()
        if asked is None:
            raise CommandError(f"there is no redaction {options['number']}")
        redactions.confirm(redaction=asked, by=_who(options["by"]), now=timezone.now())
        self.stdout.write(f"redaction {asked.pk} is done")

    def _list(self, _options: dict[str, Any]) -> None:
        for each in Redaction.objects.select_related("asked_by", "confirmed_by"):
            done = f"done {each.done_at:%Y-%m-%d %H:%M}Z, confirmed by {each.confirmed_by}" if each.done_at else "waits"
            where = f"{each.table} {', '.join(map(str, each.rows))} {each.column}"
            self.stdout.write(f"{each.pk} | {where} | asked by {each.asked_by}: {each.reason} | {done}")


def _who(name: str) -> User:
    """The person, by her password. Raises CommandError."""
    person = User.objects.filter(username=name, is_active=True).first()
    if person is None or not person.check_password(getpass(f"Password of {name}: ")):
        raise CommandError("this name and password do not belong together")
    return person

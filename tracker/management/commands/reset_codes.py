"""`manage.py reset_codes USERNAME --reason …`: a lost device, where no superuser can sign in to reset it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.audit.context import acting
from tracker.models import User
from tracker.services import codes


class Command(BaseCommand):
    """Takes somebody's device out of use; the reason and the program stand in the audit trail."""

    help = "Reset the one-time codes of a person whose device is lost; she is told by e-mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and why."""
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="how it is known who asks, and what became of the device")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Reset them, or say that there is no such person."""
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"Nobody is called {options['username']}.")
        if not options["reason"].strip():
            raise CommandError("Say why: the reason is kept.")
        with acting(actor=None, reason=options["reason"]):
            codes.reset(user=user, by=None, reason=options["reason"], now=timezone.now())
        self.stdout.write(f"The one-time codes of {user.username} are reset.")

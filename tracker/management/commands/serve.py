"""`manage.py serve`: the whole product as one process: pages, reminders and their clock."""

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any, NoReturn

import waitress
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import DEFAULT_DB_ALIAS

from tracker.management.background import BackgroundWork

WEB_THREADS = 8


class Command(BaseCommand):
    """Prepare the database, serve until told to stop, and stop without losing anything."""

    help = "Serve the site with its reminders in one process; SIGTERM or Ctrl-C stops it cleanly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prepare, serve, and say when it is over."""
        signal.signal(signal.SIGTERM, _leave)
        try:
            self._prepare()
            self._serve(options["host"], options["port"])
        except KeyboardInterrupt:
            pass
        self.stdout.write("Daymark has stopped.")

    def _prepare(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        self.check(databases=[DEFAULT_DB_ALIAS])
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)

    def _serve(self, host: str, port: int) -> None:
        # The page handler comes after the static files are collected: it lists them once, when it is made.
        server = _listen(host, port)
        with BackgroundWork(current_app):
            self.stdout.write(f"Daymark is served at http://{_in_url(host)}:{port}/ (Ctrl-C stops it)")
            self.stdout.flush()
            server.run()


def _listen(host: str, port: int) -> Any:
    try:
        return waitress.create_server(
            get_wsgi_application(),
            host=host,
            port=port,
            threads=WEB_THREADS,
            ident=None,
            # Whether the reader came over https is for the proxy to say, if there is one.
            clear_untrusted_proxy_headers=not settings.BEHIND_PROXY,
        )
    except OSError as error:
        raise CommandError(f"port {port} of {host} cannot be used: {error.strerror}; choose another --port") from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    # One way out for both signals: the server's loop ends, then the `with` block lets the tasks finish.
    raise KeyboardInterrupt

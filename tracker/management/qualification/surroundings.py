"""What the program stands on: its settings, database, clocks, broker, mail server, and the work that nobody sees."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.checks import run_checks
from django.core.mail import EmailMessage, get_connection
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.loader import MigrationLoader

from tracker.audit.proving import everything_wrong
from tracker.audit.sealing import published
from tracker.audit.triggers import missing
from tracker.management.qualification.outcome import Group, Outcome, asked
from tracker.models import LATE, Heartbeat

CLOCKS_APART = timedelta(seconds=5)
OLDEST_POSTGRESQL = 150_000
WORK = ("beat", "sweep", "deliver", "seal")
_DATABASE_NOW = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
}


def surroundings(now: datetime, send_to: str = "") -> Group:
    """Everything outside the program. Nothing is sent, but for one mail to `send_to` where that is given."""
    checks = (
        asked("Settings", "nothing to say", _settings),
        asked("Time zone of what is stored", "UTC", _time_zone),
        asked("Database", "PostgreSQL 15 or newer, or SQLite", _database),
        asked("Migrations", "all applied", _migrations),
        asked("Database's clock", f"within {CLOCKS_APART.seconds} s of this machine's", _clock),
        asked("Triggers of the audit trail", "all there", _triggers),
        asked("Audit trail", "whole", lambda: _audit(now)),
        asked("Broker", "reachable", _broker),
        asked("Mail server", "takes a message" if send_to else "reachable", lambda: _mail(send_to)),
    )  # fmt: skip
    return Group("What it stands on", (*checks, *(_heartbeat(name, now) for name in WORK)))


def _settings() -> tuple[str, bool]:
    found = run_checks(databases=[DEFAULT_DB_ALIAS])
    return "; ".join(f"{each.id}: {each.msg}" for each in found) or "nothing to say", not found


def _time_zone() -> tuple[str, bool]:
    return settings.TIME_ZONE, settings.TIME_ZONE == "UTC" and settings.USE_TZ


def _database() -> tuple[str, bool]:
    version = ".".join(map(str, connection.get_database_version()))
    is_old = connection.vendor == "postgresql" and connection.pg_version < OLDEST_POSTGRESQL  # type: ignore[attr-defined]
    return f"{connection.display_name} {version}", not is_old


def _migrations() -> tuple[str, bool]:
    loader = MigrationLoader(connection)
    missing_ = sorted(f"{app}.{name}" for app, name in loader.disk_migrations.keys() - loader.applied_migrations.keys())
    return f"not applied: {', '.join(missing_)}" if missing_ else f"{len(loader.disk_migrations)} applied", not missing_


def _clock() -> tuple[str, bool]:
    with connection.cursor() as cursor:
        before = datetime.now(UTC)
        cursor.execute(_DATABASE_NOW[connection.vendor])
        (said,) = cursor.fetchone()
    there = datetime.fromisoformat(said) if isinstance(said, str) else said
    apart = abs(there - before)
    return f"{apart.total_seconds():.3f} s apart", apart <= CLOCKS_APART


def _triggers() -> tuple[str, bool]:
    found = missing()
    return f"{len(found)} are missing: manage.py migrate" if found else "all there", not found


def _audit(now: datetime) -> tuple[str, bool]:
    heads = Path(settings.AUDIT_HEADS)
    found = list(everything_wrong(now, published(heads) if heads.exists() else None))
    if found:
        return f"{len(found)} found: manage.py verify_audit names them", False
    return (
        "whole" if heads.exists() else "whole, but no heads were published: a cut end would not be seen"
    ), heads.exists()


def _broker() -> tuple[str, bool]:
    with current_app.connection_for_write() as broker:
        broker.connect()
    return "reachable", True


def _mail(send_to: str) -> tuple[str, bool]:
    if not settings.MAIL_CONFIGURED:
        return "DAYMARK_EMAIL_HOST is not set", False
    server = get_connection()
    server.open()
    try:
        if not send_to:
            return "reachable; nothing was sent", True
        words = "This installation of Daymark was asked to send one message. Nothing has to be done."
        sent = EmailMessage("Daymark: qualification", words, to=[send_to], connection=server).send()
    finally:
        server.close()
    return ("took a message" if sent else "took no message"), bool(sent)


def _heartbeat(name: str, now: datetime) -> Outcome:
    return asked(f"Background work: {name}", f"done within {LATE.seconds} s", lambda: _age(name, now))


def _age(name: str, now: datetime) -> tuple[str, bool]:
    last = Heartbeat.objects.filter(name=name).first()
    if last is None:
        return "never done", False
    return f"{(now - last.at).total_seconds():.0f} s ago", now - last.at <= LATE

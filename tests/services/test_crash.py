"""A power cut between a fact and its e-mail: after the next start each message arrives, once."""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.environment import BASE_DIR
from tests.services.processes import environment, free_port, running


class Letterbox:
    """Takes every message and keeps its Message-ID."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.arrived.append(str(message_from_bytes(content, policy=default)["Message-ID"]).strip())
        return "250 OK"


@contextmanager
def silent_server(port: int) -> Iterator[None]:
    """A mail server that takes the call and never says a word: who calls it is caught in the act of sending."""
    with socket.create_server(("127.0.0.1", port)):
        yield


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A database with a transfusion recorded a moment ago, about which messages wait."""
    path = tmp_path / "site.sqlite3"
    settings = environment(DAYMARK_DATABASE_URL=f"sqlite:///{path}")
    subprocess.run(
        [sys.executable, "manage.py", "load_demo"], cwd=BASE_DIR, env=settings, check=True, timeout=120,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return path


def asked(database: Path, question: str) -> list[str]:
    """The first column of what the database answers."""
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        return [str(row[0]) for row in connection.execute(question)]


def test_a_message_caught_in_the_act_of_sending_by_a_power_cut_arrives_once_after_the_next_start(
    demo: Path, tmp_path: Path
) -> None:
    waiting = asked(demo, "SELECT message_id FROM tracker_notification WHERE status = 'pending'")
    assert waiting, "the demo has nothing to tell anybody"
    mail_port = free_port()
    settings = environment(
        DAYMARK_DATABASE_URL=f"sqlite:///{demo}",
        DAYMARK_EMAIL_HOST="127.0.0.1",
        DAYMARK_EMAIL_PORT=str(mail_port),
        DAYMARK_EMAIL_ENCRYPTION="none",
    )
    serve = ["manage.py", "serve", "--port", str(free_port())]

    # The power fails while the mail server has the first message half in its hands.
    with silent_server(mail_port), running(serve, settings, tmp_path / "before") as process:
        sending = "SELECT id FROM tracker_notification WHERE status = 'sending'"
        process.wait_until(lambda: asked(demo, sending) != [], "message being sent")
        process.kill()
    assert asked(demo, "SELECT id FROM tracker_notification WHERE status = 'sent'") == []

    # Two minutes go by: whoever had the message has lost its claim on it.
    asked(demo, "UPDATE tracker_notification SET lease_until = '2026-01-01 00:00:00' WHERE lease_until IS NOT NULL")

    letterbox = Letterbox()
    mail = Controller(letterbox, hostname="127.0.0.1", port=mail_port)
    mail.start()
    try:
        with running(serve, settings, tmp_path / "after") as process:
            process.wait_until(lambda: set(waiting) <= set(letterbox.arrived), "messages in the letterbox")
            delivered_at = "SELECT at FROM tracker_heartbeat WHERE name = 'deliver'"
            last = asked(demo, delivered_at)
            process.wait_until(lambda: asked(demo, delivered_at) > last, "one more look at the outbox")
            assert process.stop() == 0
    finally:
        mail.stop()
    assert len(letterbox.arrived) == len(set(letterbox.arrived))
    assert set(letterbox.arrived) == set(
        asked(demo, "SELECT message_id FROM tracker_notification WHERE status = 'sent'")
    )
    assert asked(demo, "SELECT id FROM tracker_notification WHERE status IN ('pending', 'sending', 'failed')") == []

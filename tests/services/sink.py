"""A mail server for the tests: keeps what it accepts, by Message-ID and by conversation, and can be slow or worse."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

FOR_EVER = 3600.0

DIGEST = ".digest."
"""Whether digests come depends on the hour of the day at which a test runs: they are taken, and not counted."""


@dataclass(frozen=True)
class Accepted:
    """One message that was taken, when, and in which conversation: one connection of one sender."""

    message_id: str
    conversation: str
    at: datetime


@dataclass
class Sink:
    """Accepts every message after a pause; a sender that hangs up during the pause has sent nothing.

    `before_accepting` and `before_answering` are called on either side of the moment from which a message is taken.
    """

    pause_seconds: float = 0.0
    before_accepting: Callable[[], object] = lambda: None
    before_answering: Callable[[], object] = lambda: None
    accepted: list[Accepted] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The text has come in full; aiosmtpd's name for it."""
        content = envelope.content
        assert isinstance(content, bytes)
        message_id = str(message_from_bytes(content, policy=default)["Message-ID"]).strip()
        if DIGEST in message_id:
            return "250 OK"
        self.before_accepting()
        await asyncio.sleep(self.pause_seconds)
        self.accepted.append(Accepted(message_id, str(session.peer), datetime.now(UTC)))
        self.before_answering()
        return "250 OK"

    @property
    def message_ids(self) -> list[str]:
        """What was accepted, in order, repetitions included."""
        return [each.message_id for each in self.accepted]

    def has_accepted(self, count: int) -> bool:
        """Whether so many messages were accepted by now, repetitions included."""
        return len(self.accepted) >= count

    def repeated(self) -> list[Accepted]:
        """Whatever was accepted once more later."""
        return [each for place, each in enumerate(self.accepted) if each.message_id in self.message_ids[place + 1 :]]

    def last_of(self, conversation: str) -> str:
        """The last message that a conversation brought."""
        return next(each.message_id for each in reversed(self.accepted) if each.conversation == conversation)


@contextmanager
def listening(sink: Sink, port: int) -> Iterator[Sink]:
    """The sink at a port of this machine, until the block ends."""
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()

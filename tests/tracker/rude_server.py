"""A mail server without manners: it hangs, hangs up and refuses at whatever point it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import BinaryIO

HANGS, HANGS_UP = "(silence)", "(hangs up)"
"""Instead of an answer: nothing for as long as the sender waits; the end of the conversation."""


@dataclass
class RudeServer:
    """Each answer is what it says at that point. `accepted` holds the Message-IDs of what it answered with 250.

    `read_to_the_end` holds those of every text that came in full, whatever became of it.
    """

    listener: socket.socket
    greeting: str = "220 ready"
    at_recipient: dict[str, str] = field(default_factory=dict)
    after_text: str = "250 taken"
    accepted: list[str] = field(default_factory=list)
    read_to_the_end: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        number: int = self.listener.getsockname()[1]
        return number

    def behave(self) -> None:
        """Have manners from now on."""
        self.greeting, self.at_recipient, self.after_text = "220 ready", {}, "250 taken"

    def serve(self) -> None:
        """One conversation after another, until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _peer = self.listener.accept()
                with connection, connection.makefile("rb") as lines, suppress(OSError):
                    self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines: BinaryIO) -> None:
        goes_on = _say(connection, self.greeting)
        while goes_on and (line := lines.readline()):
            verb = line[:4].upper()
            if verb == b"DATA":
                _say(connection, "354 go on")
                goes_on = self._take(connection, lines)
            elif verb == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
                goes_on = _say(connection, self.at_recipient.get(address, self.at_recipient.get("*", "250 fine")))
            else:
                goes_on = _say(connection, "221 bye" if verb == b"QUIT" else "250 fine")

    def _take(self, connection: socket.socket, lines: BinaryIO) -> bool:
        text = b"".join(iter(lines.readline, b".\r\n"))
        number = str(message_from_bytes(text, policy=default)["Message-ID"]).strip()
        self.read_to_the_end.append(number)
        answer = self.after_text
        if answer.startswith("250"):
            self.accepted.append(number)
        return _say(connection, answer)


def _say(connection: socket.socket, answer: str) -> bool:
    """Answer; whether the conversation goes on."""
    if answer == HANGS:
        connection.recv(1)  # until the sender gives up
    if answer in (HANGS, HANGS_UP):
        return False
    connection.sendall(answer.encode() + b"\r\n")
    return not answer.startswith(("421", "221"))


@contextmanager
def rude_server() -> Iterator[RudeServer]:
    """One that runs until the block ends; it behaves until it is told otherwise."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RudeServer(listener)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)

"""One site as compose.yaml lays it out, without containers: the image's files and the services' own commands."""

import re
import subprocess
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.services import composed
from tests.services.processes import Running, environment, free_port, running_program

HOST, TOKEN = "daymark.example.test", "bXq7-tnR2vKd0_hZ8mWc5yLs3uFj6aGe"
COLLECT = ("python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")


@dataclass
class Installation:
    """One site as compose.yaml lays it out: the image's files, and every service started by its own command."""

    folder: Path
    settings: dict[str, str]
    port: int
    mail_port: int

    def done(self, command: list[str]) -> None:
        """Run one program to its end."""
        whole = composed.program(command)
        subprocess.run(whole, cwd=self.folder, env=self.settings, check=True, timeout=180, stdout=subprocess.DEVNULL)

    def started(self, stack: ExitStack) -> dict[str, Running]:
        """The services that stay, each as a process."""
        return {name: stack.enter_context(self.service(name)) for name in composed.ours() if name != "migrate"}

    def service(self, name: str) -> AbstractContextManager[Running]:
        """One service as a process, until the block ends; only its port is another than in the file."""
        command = composed.program(composed.ours()[name]["command"])
        here = [word.replace("0.0.0.0:8000", f"127.0.0.1:{self.port}") for word in command]
        return running_program(here, self.settings, self.folder.parent / f"{name}.log", self.folder)

    def asked(self, question: str) -> list[tuple[str, ...]]:
        """What the database answers."""
        with psycopg.connect(self.settings["DAYMARK_DATABASE_URL"]) as connection:
            return [tuple(map(str, row)) for row in connection.execute(question.encode())]

    def password_of(self, username: str) -> str:
        """What the demo wrote down for one of its accounts."""
        accounts = (self.folder.parent / "accounts").read_text(encoding="utf-8")
        (password,) = re.findall(rf"^{username} +(\S+)", accounts, re.MULTILINE)
        return str(password)


def laid_out(folder: Path, *, mail_port: int, **chosen: str) -> Installation:
    """An installation in an empty folder, with what .env would choose besides a key, an address and a token."""
    settings = composed.variables(
        composed.ours()["web"], DAYMARK_SECRET_KEY=uuid4().hex + uuid4().hex, DAYMARK_SITE_URL=f"https://{HOST}",
        DAYMARK_METRICS_TOKEN=TOKEN, DAYMARK_EMAIL_PORT=str(mail_port),
        DAYMARK_AUDIT_HEADS=str(folder / "audit-heads.jsonl"), **chosen,
    )  # fmt: skip
    site = Installation(composed.image(folder), environment(**settings), free_port(), mail_port)
    site.done([*COLLECT])
    return site

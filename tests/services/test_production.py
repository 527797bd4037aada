"""Production without containers: what compose.yaml starts, with its own commands, on a PostgreSQL and a Redis."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
import redis
from psycopg.sql import SQL, Identifier

from tests.environment import POSTGRES_URL, REDIS_URL
from tests.services import composed
from tests.services.processes import Running, answers, environment, free_port, running_program
from tests.services.sink import Sink, listening
from tests.services.visitor import Answer, Visitor

pytestmark = pytest.mark.services("PostgreSQL", "Redis")

HOST, TOKEN = "daymark.example.test", "m" * 40
TOLD = {"demo-pi", "demo-sub-i", "demo-crc", "demo-pharmacist"}
"""Who is told of a positive pregnancy test at once."""

STOPPED_WITHIN = 10
"""Seconds after which an engine kills what has not stopped."""


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"daymark_test_{uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield _with_a_password(urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl())
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _with_a_password(url: str) -> str:
    """The address with a password, if it has none: production insists on one, a server that trusts us ignores it."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return url if parts.password else parts._replace(netloc=f"{parts.username}:never-asked-for@{place}").geturl()


@pytest.fixture
def broker_url() -> Iterator[str]:
    """A Redis database that was empty, and is emptied afterwards: nobody else's data are touched."""
    own = urlsplit(REDIS_URL).path
    for number in range(1, 16):
        url = urlsplit(REDIS_URL)._replace(path=f"/{number}").geturl()
        if own == f"/{number}":
            # The other tests on Redis may be running there at this moment.
            continue
        with redis.Redis.from_url(url) as client:
            if client.dbsize():
                continue
            yield url
            client.flushdb()
            return
    pytest.fail("every Redis database holds something: name another server in DAYMARK_TEST_REDIS_URL")


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
        """The services that stay, each as a process; only the port is another than in the file."""
        commands = {name: each["command"] for name, each in composed.ours().items() if name != "migrate"}
        here = {
            name: [word.replace("0.0.0.0:8000", f"127.0.0.1:{self.port}") for word in command]
            for name, command in commands.items()
        }
        logs = self.folder.parent
        return {
            name: stack.enter_context(
                running_program(composed.program(command), self.settings, logs / f"{name}.log", self.folder)
            )
            for name, command in here.items()
        }

    def asked(self, question: str) -> list[tuple[str, ...]]:
        """What the database answers."""
        with psycopg.connect(self.settings["DAYMARK_DATABASE_URL"]) as connection:
            return [tuple(map(str, row)) for row in connection.execute(question.encode())]

    def password_of(self, username: str) -> str:
        """What the demo wrote down for one of its accounts."""
        accounts = (self.folder.parent / "accounts").read_text(encoding="utf-8")
        (password,) = re.findall(rf"^{username} +(\S+)", accounts, re.MULTILINE)
        return str(password)


@pytest.fixture
def installation(database_url: str, broker_url: str, tmp_path: Path) -> Installation:
    """The image's files, the database brought up to date, some people to sign in as."""
    port, mail_port = free_port(), free_port()
    chosen = composed.variables(
        composed.ours()["web"],
        DAYMARK_SECRET_KEY=uuid4().hex + uuid4().hex, DAYMARK_SITE_URL=f"https://{HOST}",
        DAYMARK_DATABASE_URL=database_url, DAYMARK_BROKER_URL=broker_url, DAYMARK_METRICS_TOKEN=TOKEN,
        DAYMARK_EMAIL_HOST="127.0.0.1", DAYMARK_EMAIL_PORT=str(mail_port), DAYMARK_EMAIL_ENCRYPTION="none",
        DAYMARK_EMAIL_FROM=f"daymark@{HOST}",
    )  # fmt: skip
    site = Installation(composed.image(tmp_path), environment(**chosen), port, mail_port)
    site.done([*COLLECT])
    site.done(composed.ours()["migrate"]["command"])
    site.done(["python", "manage.py", "load_demo", "--accounts", str(tmp_path / "accounts")])
    return site


COLLECT = ("python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")


def test_the_image_collects_its_static_files_with_the_command_that_is_tried_here() -> None:
    assert " ".join(COLLECT) in composed.DOCKERFILE.read_text(encoding="utf-8")


def test_a_positive_result_typed_into_a_page_reaches_the_mail_of_all_who_must_know_and_everything_stops_when_asked(
    installation: Installation,
) -> None:
    site, visitor = installation, Visitor(installation.port, HOST)
    with listening(Sink(), site.mail_port) as sink, ExitStack() as stack:
        parts = site.started(stack)
        web = parts["web"]
        assert {"web", "reassess", "mail", "beat"} == parts.keys()
        web.wait_until(lambda: _is_ready(visitor), "readiness")
        assert visitor.get("/readyz").text == "database: ok\nbroker: ok\n"

        site_login = visitor.post(
            "/admin/login/?next=/admin/", username="demo-crc", password=site.password_of("demo-crc")
        )
        assert (site_login.status, site_login.headers["Location"]) == (302, "/admin/")
        before = {key for (key,) in site.asked("SELECT message_id FROM tracker_notification")}
        assert _record_a_positive_test(visitor, site).status == 302
        told = site.asked(
            "SELECT message_id, username FROM tracker_notification n JOIN tracker_user u ON u.id = n.recipient_id"
            " JOIN tracker_alert a ON a.id = n.alert_id WHERE a.urgent"
        )
        fresh = {key: name for key, name in told if key not in before}
        assert set(fresh.values()) >= TOLD
        parts["mail"].wait_until(lambda: set(sink.message_ids) >= fresh.keys(), "message")

        web.wait_until(lambda: _oldest_work(visitor) < 60, "round of everything that is done by itself", seconds=60)
        assert visitor.get("/metrics").status == 401
        for (number,) in site.asked("SELECT subject_number FROM tracker_participant"):
            assert number not in _metrics(visitor)
        assert _worker_processes(web) == 2
        assert _stopped(parts) == {"web": 0, "reassess": 0, "mail": 0, "beat": 0}
    assert [name for name, part in parts.items() if "Traceback" in part.said() or '"exception"' in part.said()] == []
    answered = [line for line in map(json.loads, web.said().splitlines()) if line["event"] == "answered"]
    assert {line["path"] for line in answered} >= {"/admin/login/"}
    assert len({line["request_id"] for line in answered}) == len(answered)


def _is_ready(visitor: Visitor) -> bool:
    try:
        return visitor.get("/readyz").status == 200
    except OSError:
        return False


def _record_a_positive_test(visitor: Visitor, site: Installation) -> Answer:
    ((woman,), *_others) = site.asked("SELECT id FROM tracker_participant WHERE sex = 'female' AND stage = 'screening'")
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    drawn, out = now - timedelta(hours=2), now - timedelta(hours=1)
    return visitor.post(
        f"/admin/tracker/participant/{woman}/facts/add/serum_hcg/", value="positive",
        at_0=f"{drawn:%Y-%m-%d}", at_1=f"{drawn:%H:%M}", resulted_at_0=f"{out:%Y-%m-%d}", resulted_at_1=f"{out:%H:%M}",
    )  # fmt: skip


def _metrics(visitor: Visitor) -> str:
    answer = visitor.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert answer.status == 200
    return answer.text


def _oldest_work(visitor: Visitor) -> float:
    """The age of what was done longest ago: the beat's round, the sweep or the delivery; infinite before the first."""
    ages = dict(re.findall(r'^daymark_heartbeat_age_seconds{work="(\w+)"} (\S+)$', _metrics(visitor), re.MULTILINE))
    assert ages.keys() == {"beat", "sweep", "deliver"}
    return max(map(float, ages.values()))


def _worker_processes(web: Running) -> int:
    children = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children").read_text(encoding="ascii")
    return len(children.split())


def _stopped(parts: dict[str, Running]) -> dict[str, int]:
    """The exit codes, all asked to stop at the same moment."""
    deadline = time.monotonic() + STOPPED_WITHIN
    for part in parts.values():
        part.process.terminate()
    return {name: part.process.wait(max(0.1, deadline - time.monotonic())) for name, part in parts.items()}


def test_a_web_process_whose_database_and_broker_are_away_lives_and_says_what_it_waits_for(tmp_path: Path) -> None:
    nobody, port = free_port(), free_port()
    chosen = composed.variables(
        composed.ours()["web"], DAYMARK_SECRET_KEY=uuid4().hex + uuid4().hex, DAYMARK_SITE_URL=f"https://{HOST}",
        DAYMARK_DATABASE_URL=f"postgresql://daymark:never-asked-for@127.0.0.1:{nobody}/daymark",
        DAYMARK_BROKER_URL=f"redis://127.0.0.1:{nobody}/0",
    )  # fmt: skip
    site = Installation(composed.image(tmp_path), environment(**chosen), port, mail_port=nobody)
    site.done([*COLLECT])
    command = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in composed.ours()["web"]["command"]]
    with running_program(composed.program(command), site.settings, tmp_path / "web.log", site.folder) as web:
        web.wait_until(lambda: answers(f"http://127.0.0.1:{port}/livez"), "answer")
        answer = Visitor(port, HOST).get("/readyz")
        assert (answer.status, answer.text) == (503, "database: not reachable\nbroker: not reachable\n")
        assert web.stop() == 0
    assert str(nobody) not in web.said()

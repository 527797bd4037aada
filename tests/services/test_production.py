"""Production without containers: what compose.yaml starts, with its own commands, on a PostgreSQL and a Redis."""

import json
import re
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.codes import BACKUP
from tests.services import composed
from tests.services.installation import COLLECT, HOST, TOKEN, Installation, laid_out
from tests.services.processes import Running, answers, free_port
from tests.services.sink import Sink, listening
from tests.services.visitor import Answer, Visitor

pytestmark = pytest.mark.services("PostgreSQL", "Redis")

TOLD = {"demo-pi", "demo-sub-i", "demo-crc", "demo-pharmacist"}
"""Who is told of a positive pregnancy test at once."""

STOPPED_WITHIN = 10
"""Seconds after which an engine kills what has not stopped."""


@pytest.fixture
def installation(database_url: str, broker_url: str, tmp_path: Path) -> Installation:
    """The image's files, the database brought up to date, some people to sign in as."""
    site = laid_out(
        tmp_path, mail_port=free_port(), DAYMARK_DATABASE_URL=database_url, DAYMARK_BROKER_URL=broker_url,
        DAYMARK_EMAIL_HOST="127.0.0.1", DAYMARK_EMAIL_ENCRYPTION="none", DAYMARK_EMAIL_FROM=f"daymark@{HOST}",
    )  # fmt: skip
    site.done(composed.ours()["migrate"]["command"])
    site.done(["python", "manage.py", "load_demo", "--accounts", str(tmp_path / "accounts")])
    return site


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
        assert visitor.get("/readyz").text == "database: ok\naudit trail: ok\nbroker: ok\n"

        site_login = visitor.post(
            "/admin/login/?next=/admin/", username="demo-crc", password=site.password_of("demo-crc")
        )
        assert (site_login.status, site_login.headers["Location"]) == (302, "/admin/")
        assert visitor.get("/admin/").headers["Location"].startswith("/admin/account/codes/begin/")
        assert len(BACKUP.findall(visitor.make_codes().text)) == 10
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
    """The age of what was done longest ago, the beat's round among it; infinite before the first."""
    ages = dict(re.findall(r'^daymark_heartbeat_age_seconds{work="(\w+)"} (\S+)$', _metrics(visitor), re.MULTILINE))
    assert ages.keys() == {"beat", "sweep", "deliver", "seal"}
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
    nobody = free_port()
    site = laid_out(
        tmp_path, mail_port=nobody, DAYMARK_BROKER_URL=f"redis://127.0.0.1:{nobody}/0",
        DAYMARK_DATABASE_URL=f"postgresql://daymark:never-asked-for@127.0.0.1:{nobody}/daymark",
    )  # fmt: skip
    with site.service("web") as web:
        web.wait_until(lambda: answers(f"http://127.0.0.1:{site.port}/livez"), "answer")
        answer = Visitor(site.port, HOST).get("/readyz")
        assert (answer.status, answer.text) == (
            503,
            "database: not reachable\naudit trail: not reachable\nbroker: not reachable\n",
        )
        assert web.stop() == 0
    assert str(nobody) not in web.said()

"""`manage.py serve` from outside: an empty folder becomes a working site, and stops when asked."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from config.environment import BASE_DIR
from tests.services.processes import answers, environment, free_port, running


def heartbeats(database: Path) -> set[str]:
    """The names of the background work that has been done at least once."""
    with sqlite3.connect(database) as connection:
        return {str(name) for (name,) in connection.execute("SELECT name FROM tracker_heartbeat")}


def test_an_empty_folder_becomes_a_site_with_reminders_and_stops_cleanly(tmp_path: Path) -> None:
    database, port = tmp_path / "site.sqlite3", free_port()
    settings = environment(DAYMARK_DATABASE_URL=f"sqlite:///{database}")
    site = f"http://127.0.0.1:{port}"
    with running(["manage.py", "serve", "--port", str(port)], settings, tmp_path / "log") as serve:
        serve.wait_until(lambda: answers(f"{site}/livez"), "answer")
        with urlopen(f"{site}/admin/login/", timeout=10) as login:
            assert b"Daymark" in login.read()
        serve.wait_until(lambda: heartbeats(database) >= {"beat", "sweep", "deliver"}, "first sweep and delivery")
        assert serve.stop() == 0
        assert f"served at {site}/" in serve.said()
        assert serve.said().rstrip().endswith("Daymark has stopped.")
        assert "Traceback" not in serve.said()


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    port = free_port()
    settings = environment(DAYMARK_DATABASE_URL=f"sqlite:///{tmp_path / 'site.sqlite3'}")
    with running(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)][1:], settings, tmp_path / "l"
    ) as other:
        other.wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), "other server")
        second = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            check=False, cwd=BASE_DIR, env=settings, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
    assert second.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in second.stderr
    assert "Traceback" not in second.stderr

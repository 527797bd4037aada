"""compose.yaml and the Dockerfile: accepted by docker-compose, in step with each other and with the program."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from config.celery import celery_options
from config.environment import BASE_DIR
from tests.services import composed
from tests.test_settings import VARIABLE

NEVER_IN_PRODUCTION = {"DAYMARK_DEBUG", "DAYMARK_DEMO"}
CHOSEN = {"POSTGRES_PASSWORD": "correcthorsebattery", "DAYMARK_EMAIL_HOST": "mail.example.org"}


def accepted(file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What docker-compose makes of a compose file: its whole content, or why it is none."""
    return subprocess.run(
        ["docker-compose", "--file", str(file), "config"], env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture(scope="module")
def understood() -> dict[str, Any]:
    """The services as docker-compose understands them."""
    done = accepted(composed.COMPOSE, **CHOSEN)
    assert done.returncode == 0, done.stderr
    services: dict[str, Any] = YAML(typ="safe", pure=True).load(done.stdout)["services"]
    return services


@pytest.mark.services("docker-compose")
def test_docker_compose_accepts_the_file_and_reads_from_it_what_the_tests_start(understood: dict[str, Any]) -> None:
    assert understood.keys() == composed.services().keys()
    for name, service in composed.ours().items():
        assert understood[name]["command"] == service["command"]
        assert understood[name]["environment"].keys() == service["environment"].keys()


@pytest.mark.services("docker-compose")
def test_what_stands_in_env_reaches_the_program_and_what_does_not_is_empty(understood: dict[str, Any]) -> None:
    told = understood["mail"]["environment"]
    assert told["DAYMARK_EMAIL_HOST"] == "mail.example.org"
    assert told["DAYMARK_DATABASE_URL"] == "postgresql://daymark:correcthorsebattery@postgres:5432/daymark"
    assert told["DAYMARK_SECRET_KEY"] == ""
    assert told == {**composed.variables(composed.ours()["mail"]), **{name: told[name] for name in (
        "DAYMARK_EMAIL_HOST", "DAYMARK_DATABASE_URL",
    )}}  # fmt: skip


@pytest.mark.services("docker-compose")
def test_docker_compose_refuses_a_file_with_a_mistake_and_one_without_the_databases_password(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(composed.COMPOSE.read_text(encoding="utf-8").replace("cap_drop:", "cap_dorp:"), encoding="utf-8")
    assert "cap_dorp" in accepted(wrong, **CHOSEN).stderr
    assert "set it in .env" in accepted(composed.COMPOSE).stderr


def test_production_passes_on_every_variable_that_the_program_reads_and_no_other() -> None:
    sources = (BASE_DIR / "config").glob("*.py")
    read = {name for source in sources for name in VARIABLE.findall(source.read_text(encoding="utf-8"))}
    for service in composed.ours().values():
        assert set(service["environment"]) == read - NEVER_IN_PRODUCTION


def test_no_secret_stands_in_the_file() -> None:
    secret = re.compile(r"^\s*(\w*(?:KEY|PASSWORD|TOKEN)\w*): (.+)$", re.MULTILINE)
    written = secret.findall(composed.COMPOSE.read_text(encoding="utf-8"))
    assert len(written) >= 4
    assert [name for name, value in written if not value.startswith("${")] == []


def test_there_is_one_beat_and_every_queue_has_a_worker() -> None:
    commands = [service["command"] for service in composed.ours().values()]
    assert sum("beat" in command for command in commands) == 1
    worked = {command[command.index("--queues") + 1] for command in commands if "worker" in command}
    assert worked == {queue.name for queue in celery_options("redis://broker/0")["task_queues"]}


def test_the_image_runs_as_nobody_in_particular_and_serves_as_the_compose_file_does() -> None:
    text = composed.DOCKERFILE.read_text(encoding="utf-8")
    (user,) = re.findall(r"^USER (\w+)$", text, re.MULTILINE)
    assert user != "root"
    (command,) = re.findall(r"^CMD (.+)$", text, re.MULTILINE)
    assert json.loads(command) == composed.ours()["web"]["command"]


def test_the_build_is_sent_all_that_the_image_copies() -> None:
    sent = {line[1:] for line in (BASE_DIR / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (\S+) ", composed.DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sent == set(copied)


def test_the_manual_calls_unbuilt_what_was_not_built() -> None:
    manual = (BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
    assert "**The image was not built and the\ncontainers were not started" in manual

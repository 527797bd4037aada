"""compose.yaml and the Dockerfile without an engine: the image's files, each service's command and variables."""

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from config.environment import BASE_DIR

COMPOSE = BASE_DIR / "compose.yaml"
DOCKERFILE = BASE_DIR / "Dockerfile"

_FALLBACK = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


def services() -> dict[str, dict[str, Any]]:
    """Every service, with what it shares with others filled in."""
    read = YAML(typ="safe", pure=True).load(COMPOSE)
    return {name: dict(service) for name, service in read["services"].items()}


def ours() -> dict[str, dict[str, Any]]:
    """The services that run from our own image."""
    return {name: service for name, service in services().items() if "build" in service}


def variables(service: dict[str, Any], **chosen: str) -> dict[str, str]:
    """The service's environment where .env chooses these; the others are as empty as the file leaves them."""
    written = {name: _FALLBACK.sub(r"\1", str(value)) for name, value in service["environment"].items()}
    assert chosen.keys() <= written.keys()
    return written | chosen


def image(folder: Path) -> Path:
    """What the image would hold, copied as the Dockerfile says: a checkout that holds nothing else."""
    inside = folder / "app"
    inside.mkdir()
    for source, target in re.findall(r"^COPY (\S+) (\S+)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE):
        if (BASE_DIR / source).is_dir():
            shutil.copytree(BASE_DIR / source, inside / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(BASE_DIR / source, inside / target)
    return inside


def program(command: list[str]) -> list[str]:
    """The command with this environment's own python, gunicorn or celery in the place of the image's."""
    return [str(Path(sys.executable).parent / command[0]), *command[1:]]

"""The key that signs sessions: from the environment, or made once and kept beside the embedded database."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from config.environment import Environment


def secret_key(env: Environment, path: Path) -> str:
    """The key in DAYMARK_SECRET_KEY, else the one kept at `path`; when neither can be had, that is noted."""
    given = env.text("DAYMARK_SECRET_KEY")
    try:
        return given or kept_secret_key(path)
    except OSError as error:
        env.note(
            "DAYMARK_SECRET_KEY", f"not set, and {path} cannot be used ({error.strerror})", "a key of 50 characters"
        )
        return get_random_secret_key()


def kept_secret_key(path: Path) -> str:
    """The key in the file at `path`, which is made, readable by its owner only, when it is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_once(path)
    return path.read_text(encoding="ascii").strip()


def _make_once(path: Path) -> None:
    # Written aside and linked into place, so that two processes that start together read the same whole key.
    if path.exists():
        return
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(get_random_secret_key(), encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

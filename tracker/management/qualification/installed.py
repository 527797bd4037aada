"""What is installed: each package in the version that requirements.txt pins, with the files that pip put there."""

import base64
import hashlib
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tracker.management.qualification.outcome import Group, Outcome, asked

_OWN = ("config", "locale", "tracker", "workflow")


def installed(root: Path, own_files: str = "") -> Group:
    """Python, every package of requirements.txt, and the program's own files, held against their SHA-256 if given."""
    expected = own_files or "the SHA-256 in the report of the release you validated"
    own = asked("Daymark's own files", expected, lambda: _own(root, own_files))
    return Group("What is installed", (_python(), *_packages(root / "requirements.txt"), own))


def _packages(path: Path) -> Iterator[Outcome]:
    """The list, and each package of it; a list that cannot be read names none."""
    pinned: list[tuple[str, str]] = []

    def read() -> tuple[str, bool]:
        pinned.extend(pins(path.read_text(encoding="utf-8")))
        return f"{len(pinned)} packages", bool(pinned)

    yield asked(path.name, "names packages", read)
    for name, version in pinned:
        yield _package(name, version)


def pins(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of everything that a list pins for this machine."""
    lines = (line.rstrip(" \\") for line in text.splitlines() if line[:1].isalnum())
    for pinned in map(Requirement, lines):
        if pinned.marker is None or pinned.marker.evaluate():
            yield pinned.name, next(iter(pinned.specifier)).version


def _python() -> Outcome:
    seen = platform.python_version()
    return Outcome("Python", "3.11 or newer", seen, passed=sys.version_info >= (3, 11))


def _package(name: str, version: str) -> Outcome:
    return asked(name, f"{version}, files as installed", lambda: _found(name, version))


def _found(name: str, version: str) -> tuple[str, bool]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return "not installed", False
    changed = sum(not _is_whole(file) for file in distribution.files or () if file.hash)
    said = f"{changed} files changed" if changed else "files as installed"
    return f"{distribution.version}, {said}", distribution.version == version and not changed


def _is_whole(file: metadata.PackagePath) -> bool:
    """Whether a file is what the package's own list says."""
    path = Path(str(file.locate()))
    if file.hash is None or not path.is_file():
        return False
    digest = hashlib.new(file.hash.mode, path.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def _own(root: Path, expected: str) -> tuple[str, bool | None]:
    """How many files, and one digest over all of them. Without one to hold it against, nothing is compared."""
    files, digest = _digest(root)
    if not expected:
        return f"{files} files, SHA-256 {digest}: not compared, give --own-files", None
    return f"{files} files, SHA-256 {digest}", digest == expected.strip().lower()


def _digest(root: Path) -> tuple[int, str]:
    files = sorted(path for name in _OWN for path in (root / name).rglob("*") if _is_delivered(path))
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return len(files), whole.hexdigest()


def _is_delivered(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts

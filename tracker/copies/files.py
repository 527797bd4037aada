"""Files: a copy as a ZIP, with the page that people read, the JSON that machines read, and the digests of both."""

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from tracker.copies.collecting import Copy
from tracker.copies.paper import page_of
from tracker.copies.proving import NotACopy, must_be_readable

JSON = "copy.json"
SUMS = "SHA256SUMS"


def zipped(copy: Copy, beside: dict[str, str] | None = None) -> bytes:
    """The whole file: `copy.json`, a page for each participant, whatever is to lie beside them, and the digests."""
    subjects = [row["subject_number"] for row in copy["rows"]["tracker_participant"]]
    files = {f"{_file_name(subject)}.html": page_of(copy, subject) for subject in subjects}
    files |= {JSON: json.dumps(copy, ensure_ascii=False, indent=1), **(beside or {})}
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(SUMS, "".join(f"{_digest(text)}  {name}\n" for name, text in files.items()))
    return written.getvalue()


def read(path: Path) -> Copy:
    """The copy in a ZIP or a JSON file. Raises NotACopy, and OSError."""
    content = path.read_bytes()
    try:
        copy: Any = json.loads(_unzipped(content) if content.startswith(b"PK") else content)
    except (ValueError, KeyError, BadZipFile) as error:
        raise NotACopy(f"{path.name} cannot be read as a copy") from error
    must_be_readable(copy)
    return dict(copy)


def altered(path: Path) -> list[str]:
    """The files of a ZIP that are not what their digests say, and those that are missing; none for a JSON file."""
    if not path.read_bytes().startswith(b"PK"):
        return []
    with ZipFile(path) as archive:
        names = set(archive.namelist())
        lines = [line.partition("  ") for line in archive.read(SUMS).decode().splitlines()]
        return [name for digest, _, name in lines if name not in names or _digest(archive.read(name)) != digest]


def _unzipped(content: bytes) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(JSON)


def _file_name(subject: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in subject)


def _digest(content: str | bytes) -> str:
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()

"""One mapping of a journey file, read strictly: every value is asked for by name and by what it must be."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from workflow.facts import Moment
from workflow.mistakes import did_you_mean
from workflow.yaml_nodes import Document, read, spell
from workflow.yaml_nodes import Path as Keys


class Unreadable(Exception):
    """A journey file that cannot be used: the file, the key, what was found, and what was expected."""

    def __init__(self, where: str, found: object, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found!r}, expected {expected}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One mapping, and where it stands in its file."""

    file: Path
    document: Document
    keys: Keys
    values: dict[str, Any]

    def reject(self, key: str, expected: str) -> Unreadable:
        """The exception that says what is wrong with a key."""
        path = (*self.keys, key)
        return Unreadable(f"{self.file}:{self.document.line_of(path)}: {spell(path)}", self.values.get(key), expected)

    def has(self, key: str) -> bool:
        """Whether the key is there and holds something."""
        return self.values.get(key) is not None

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing here: a misspelt key would be an answer to another question."""
        for key in self.values:
            if key not in known:
                raise self.reject(key, f"another key; {did_you_mean(key, known) or 'known: ' + ', '.join(known)}")

    def text(self, key: str) -> str:
        """Text that must be there; a number stays the text it was written as."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.reject(key, "text")
        return value

    def optional(self, key: str) -> str:
        """Text, or "" where there is none."""
        return self.text(key) if self.has(key) else ""

    def choice(self, key: str, *codes: str) -> str:
        """One of some codes."""
        value = self.text(key)
        if value not in codes:
            raise self.reject(key, "one of " + ", ".join(codes))
        return value

    def flag(self, key: str) -> bool:
        """`true` or `false`."""
        return self.choice(key, "true", "false") == "true"

    def moment(self, key: str) -> Moment:
        """An instant with its offset, or a date without a time."""
        text = self.text(key)
        try:
            return date.fromisoformat(text) if len(text) == len("2025-03-05") else self.instant(key)
        except ValueError as error:
            raise self.reject(key, "an instant with an offset, or a date") from error

    def instant(self, key: str) -> datetime:
        """An instant with its offset."""
        try:
            found = datetime.fromisoformat(self.text(key))
        except ValueError as error:
            raise self.reject(key, "an instant such as 2025-03-05T14:00:00+08:00") from error
        if found.tzinfo is None:
            raise self.reject(key, "an instant with an offset, such as 2025-03-05T14:00:00+08:00")
        return found

    def day(self, key: str) -> date:
        """A date without a time."""
        try:
            return date.fromisoformat(self.text(key))
        except ValueError as error:
            raise self.reject(key, "a date such as 1990-01-15") from error

    def zone(self, key: str) -> ZoneInfo:
        """An IANA time zone."""
        name = self.text(key)
        if name not in available_timezones():
            raise self.reject(key, "an IANA time zone such as Asia/Shanghai")
        return ZoneInfo(name)

    def codes(self, key: str) -> tuple[str, ...]:
        """One code or a list of codes; none where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise self.reject(key, "a code or a list of codes")

    def mapping(self, key: str) -> "Entry":
        """A mapping inside this one."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.reject(key, "a mapping")
        return Entry(self.file, self.document, (*self.keys, key), value)

    def mappings(self, key: str) -> "list[Entry]":
        """A list of mappings; empty where the key is absent."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.reject(key, "a list of mappings")
        return [Entry(self.file, self.document, (*self.keys, key, place), each) for place, each in enumerate(value)]


def open_entry(file: Path) -> Entry:
    """The whole file as one mapping. Raises Unreadable."""
    try:
        document = read(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(str(file), type(error).__name__, "a readable UTF-8 file") from error
    for problem in document.problems:
        raise Unreadable(f"{file}:{problem.line}: {problem.where}", problem.message, problem.hint or "strict YAML 1.2")
    if not isinstance(document.data, dict):
        raise Unreadable(str(file), type(document.data).__name__, "a mapping of keys")
    return Entry(file, document, (), document.data)

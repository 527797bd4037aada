"""A catalogue of translations, read as it is written: gettext's text files, without gettext."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_KEYWORD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+])?) (".*")')
_PLACEHOLDER = re.compile(r"%\(\w+\)\d*[a-z]|%[sd]|\{\w*}")


@dataclass(frozen=True)
class Entry:
    """One thing that is said, and how it is said in the catalogue's language."""

    context: str
    msgid: str
    plural: str
    said: tuple[str, ...]
    fuzzy: bool

    @property
    def key(self) -> str:
        """What a compiled catalogue files it under."""
        return f"{self.context}\x04{self.msgid}" if self.context else self.msgid


def entries(path: Path) -> list[Entry]:
    """Everything in a catalogue but its header and what it keeps in comments."""
    return [entry for block in path.read_text().strip().split("\n\n") for entry in _entry(block) if entry.msgid]


def placeholders(text: str) -> list[str]:
    """What is filled in when the sentence is said, in alphabetical order."""
    return sorted(_PLACEHOLDER.findall(text))


def _entry(block: str) -> Iterator[Entry]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        found = _KEYWORD.fullmatch(line)
        if found:
            name = found[1]
        if found or line.startswith('"'):
            fields[name] = fields.get(name, "") + ast.literal_eval(found[2] if found else line)
    if fields:
        said = tuple(text for field, text in fields.items() if field.startswith("msgstr"))
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
        yield Entry(fields.get("msgctxt", ""), fields["msgid"], fields.get("msgid_plural", ""), said, fuzzy)

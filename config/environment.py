"""Reads every DAYMARK_ variable, and gathers what is wrong with them, so that all of it is told at once."""

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent

_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


class Environment:
    """The variables as values; a wrong one counts as unset and is noted in `faults` as a sentence.

    A start-up check turns the faults into errors: no process of ours serves with a default that nobody chose. An empty
    variable is an unset one.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._read: set[str] = set()
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """The text in variable `name`."""
        self._read.add(name)
        return self._values.get(name, "").strip() or default

    def flag(self, name: str) -> bool:
        """Whether variable `name` says true; unset means false."""
        value = self.text(name, "false").lower()
        if value not in _TRUE | _FALSE:
            self.note(name, repr(value), "true or false")
        return value in _TRUE

    def number(self, name: str, default: int, *, at_most: int) -> int:
        """The whole number in variable `name`, from 1 to `at_most`."""
        value = self.text(name, str(default))
        # Other scripts have digits as well, some of which int() refuses.
        if value.isascii() and value.isdigit() and 1 <= int(value) <= at_most:
            return int(value)
        self.note(name, repr(value), f"a whole number from 1 to {at_most}")
        return default

    def words(self, name: str, default: Sequence[str]) -> list[str]:
        """The words in variable `name`, which commas separate."""
        return [word.strip() for word in self.text(name, ",".join(default)).split(",") if word.strip()]

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """The value of variable `name`, which must be one of `choices`, in small letters or not."""
        value = self.text(name, default).lower()
        if value in choices:
            return value
        self.note(name, repr(value), f"one of {', '.join(choices)}")
        return default

    def http_url(self, name: str, default: str) -> str:
        """The address in variable `name` without a closing slash; anything but http(s)://host is wrong."""
        value = self.text(name, default).rstrip("/")
        if _is_http_address(value):
            return value
        self.note(name, repr(value), "an address such as https://daymark.example.org")
        return default

    def note(self, name: str, found: str, expected: str) -> None:
        """Note that variable `name` is wrong; `found` must not be a secret."""
        self.faults.append(f"{name} is {found}: expected {expected}")

    def unread(self) -> list[str]:
        """A sentence for each DAYMARK_ variable that is set and that nothing has read by now: most are misspelt."""
        ours = {name for name in self._values if name.startswith("DAYMARK_") and not name.startswith("DAYMARK_TEST_")}
        return [f"{name} is set and nothing reads it{self._resembling(name)}" for name in sorted(ours - self._read)]

    def _resembling(self, name: str) -> str:
        return "".join(f": did you mean {known}?" for known in get_close_matches(name, sorted(self._read), n=1))


def host_of(url: str) -> str:
    """The host of `url` as ALLOWED_HOSTS spells it: without a port, an IPv6 address in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def _is_http_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        # A port that is no number is found when it is asked for.
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


env = Environment(os.environ)

"""Mistakes in a protocol file: each with its line, what is wrong, and a hint."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Mistake(NamedTuple):
    """One mistake. `line` counts from 1; `where` is the path as people write it (`rules[3].within`)."""

    line: int
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"line {self.line}: {self.where}: {self.message}{hint}"


class ProtocolInvalid(ValueError):
    """A protocol file that cannot be used; holds every mistake found, in the order of the file."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known word, or all of them when they are few."""
    words = sorted(known)
    if near := get_close_matches(word, words):
        return f"did you mean {near[0]!r}?"
    return f"expected one of: {', '.join(words)}" if len(words) <= 12 else ""

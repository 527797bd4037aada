"""Strict reading of YAML 1.2: every scalar stays text, every key keeps its line, every duplicate key is told."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.tokens import AliasToken, AnchorToken, DirectiveToken, TagToken, Token

Path = tuple[str | int, ...]
"""Where something stands in a file: the keys, and the positions in lists counted from 0, from the top down."""

Tree = dict[str, Any] | list[Any] | str | None
"""What was read: mappings, lists and text; None where nothing is written. Never a number, a boolean or a date."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_SHORTHAND: dict[type[Token], tuple[str, str]] = {
    AnchorToken: ("an anchor (&name) is not allowed here", "write the value out where it is needed"),
    AliasToken: ("an alias (*name) is not allowed here", "write the value out where it is needed"),
    TagToken: ("a tag (!name) is not allowed here", "leave it out: every value is read as text"),
}
_SYNTAX_HINTS = {
    "'\\t'": "indent with spaces, not with tabs",
    "'%'": "put the value in quotes",
    "'@'": "put the value in quotes",
    "'`'": "put the value in quotes",
    "mapping values are not allowed": "put a value that contains ': ' in quotes, and check the indentation",
    "special characters": "remove the invisible character",
    "another document": "one file holds one document: remove the line ---",
}


class Problem(NamedTuple):
    """One thing wrong with how a file is written. `hint` says what to do, or is empty.

    `line` counts from 1; 0 stands for the line of what `path` names.
    """

    line: int
    path: Path
    message: str
    hint: str = ""

    @classmethod
    def at(cls, path: Path, message: str, hint: str = "") -> "Problem":
        """A problem of what stands at a path, on its line."""
        return cls(0, path, message, hint)

    @property
    def where(self) -> str:
        """The path as people write it: `rules[3].within`."""
        return spell(self.path)


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read. Where there are problems, `data` holds what could still be read."""

    data: Tree
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...] = ()

    def line_of(self, path: Path) -> int:
        """The line (from 1) of the key or item at `path`, or of the nearest one above it that the file has."""
        known = (self.lines[path[:length]] for length in range(len(path), -1, -1) if path[:length] in self.lines)
        return next(known, 1)


def read(text: str) -> Document:
    """Read one YAML 1.2 document (JSON is YAML) and report everything wrong with how it is written.

    Never raises for what the text holds: syntax errors, duplicate keys, keys that are not text, anchors, aliases, tags
    and further documents all become problems, ordered by line. Of a duplicate key the first value is kept.
    """
    walk = _Walk()
    problems = list(_shorthand(text))
    data: Tree = None
    try:
        root = YAML(typ="safe", pure=True).compose(text)
        data = walk.tree(root, ()) if root else None
        problems += walk.problems if root else [Problem(1, (), "the file is empty")]
    except YAMLError as error:
        problems.append(_syntax_problem(error, text))
    except RecursionError:
        problems.append(Problem(1, (), "the file is nested too deeply to be read"))
    return Document(data, walk.lines, tuple(sorted(problems, key=lambda problem: problem.line)))


def spell(path: Path) -> str:
    """A path as people write it: `rules[3].within`; the whole file is empty text."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


@dataclass(slots=True)
class _Walk:
    """One pass over the node tree that collects lines and problems on its way."""

    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def tree(self, node: Node, path: Path) -> Tree:
        """The plain value of a node. A node met before is an alias, which is refused: it is not walked again."""
        self.lines.setdefault(path, _line(node))
        if id(node) in self.seen:
            return None
        self.seen.add(id(node))
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        return [self.tree(item, (*path, place)) for place, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            inner = (*path, key)
            if key in found:
                message = f"{key!r} is written twice; the first is on line {self.lines[inner]}"
                self.problems.append(Problem(_line(key_node), inner, message, "keep one of the two"))
            self.lines.setdefault(inner, _line(key_node))
            found.setdefault(key, self.tree(value_node, inner))
        return found

    def _key(self, node: Node, path: Path) -> str | None:
        key = self._scalar(node, path) if isinstance(node, ScalarNode) else None
        if not key:
            self.problems.append(Problem(_line(node), path, "a key must be text", "write it as name: value"))
        return key

    def _scalar(self, node: ScalarNode, path: Path) -> str | None:
        if node.style is None and node.value in _NOTHING:
            return None
        try:
            return _whole_characters(node.value)
        except UnicodeDecodeError:
            message = "half of a character: \\ud800 to \\udfff mean something in pairs only"
            self.problems.append(Problem(_line(node), path, message, "write the character itself"))
            return None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _whole_characters(text: str) -> str:
    # JSON writes characters beyond the first plane as two \u escapes, which YAML leaves as two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def _shorthand(text: str) -> Iterator[Problem]:
    """What YAML offers beyond plain values, up to the first syntax error, which composing reports."""
    with suppress(YAMLError):
        for token in YAML(typ="safe", pure=True).scan(text):
            if refused := _refused(token):
                yield Problem(token.start_mark.line + 1, (), *refused)


def _refused(token: Token) -> tuple[str, str] | None:
    """Why a token has no place here, and what to write instead; None where it has one."""
    if isinstance(token, DirectiveToken) and (token.name, token.value) != ("YAML", (1, 2)):
        return f"the directive %{token.name} is not allowed here", "remove the line: YAML 1.2 is read"
    return _SHORTHAND.get(type(token))


def _syntax_problem(error: YAMLError, text: str) -> Problem:
    position = getattr(error, "position", None)
    mark = getattr(error, "problem_mark", None)
    if position is not None:
        line = text[:position].count("\n") + 1
    else:
        line = min(mark.line + 1, max(len(text.splitlines()), 1)) if mark else 1
    message = _message(error)
    return Problem(line, (), message, next((hint for sign, hint in _SYNTAX_HINTS.items() if sign in message), ""))


def _message(error: YAMLError) -> str:
    said = [str(part) for part in (getattr(error, "problem", None), getattr(error, "context", None)) if part]
    opened = getattr(error, "context_mark", None)
    if opened:
        said.append(f"that starts on line {opened.line + 1}")
    return f"not YAML: {' '.join(said) or str(error).splitlines()[0]}"

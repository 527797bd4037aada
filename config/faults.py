"""What the log says of an exception: its type and the places it came through; never its words, often clinical."""

import re
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from typing import Any

from config.environment import BASE_DIR

Event = dict[str, Any]


def without_words(_logger: Any, _method: str, event: Event) -> Event:
    """A processor of structlog's: put types, files and lines in the place of `exc_info`.

    Messages quote what was typed, what a query held, what a row says: they stay out, also of the line itself.
    """
    error = event.pop("exc_info", None)
    error = error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        chain = list(_chain(error))
        event["event"] = _silenced(str(event.get("event", "")), chain)
        event["exception"] = "\n".join(line for each in chain for line in _lines(each))
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and before it whatever it was raised from or while handling."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    yield _type_of(error)
    for frame, line in walk_tb(error.__traceback__):
        yield f"  {_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"


def _type_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _place(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(BASE_DIR) if path.is_relative_to(BASE_DIR) else path)


def _silenced(line: str, chain: list[BaseException]) -> str:
    """The line, with the type wherever it quotes an exception, as Celery and Django do."""
    for error in chain:
        for words in filter(None, (repr(error), str(error))):
            # Pieces are joined, not substituted: a type's name is no pattern.
            line = _type_of(error).join(re.split(rf"(?<!\w){re.escape(words)}(?!\w)", line))
    return line

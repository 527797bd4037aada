"""What both commands that check a copy do: prove it by itself, and read it back into a database of nobody."""

from collections.abc import Iterator
from pathlib import Path

from tracker.copies.collecting import Copy
from tracker.copies.files import altered, read
from tracker.copies.proving import wrong_with
from tracker.copies.restoring import differences, read_back
from tracker.replaying.throwaway import throwaway_database


def checked(path: Path) -> tuple[Copy, list[str]]:
    """The copy, and everything that is wrong with it. Raises NotACopy, and OSError."""
    copy = read(path)
    return copy, [*(f"{name} is not what its digest says" for name in altered(path)), *_wrong(copy)]


def _wrong(copy: Copy) -> Iterator[str]:
    found = list(wrong_with(copy))
    yield from found
    if not found:
        with throwaway_database():
            again = read_back(copy)
        yield from (f"{path} reads otherwise when it is read back" for path in differences(copy, again))

"""What the inspections share: one house, who sets it up, who signs in, a clock that stands still, and an amendment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.amended import shipped_from, written_to
from tests.tracker.admin.conftest import clock, crc, enter, root
from tests.tracker.conftest import house, post
from tracker.models import User

__all__ = ["chief", "clock", "crc", "enter", "house", "post", "root", "two_versions"]


@pytest.fixture
def chief(db: None) -> User:
    """Whoever sets the house up."""
    return User.objects.create_superuser("chief", "chief@site.example", None)


@pytest.fixture
def two_versions(tmp_path: Path) -> Iterator[Path]:
    """The program as if it came with an amendment of its protocol as well; the folder of both files."""
    written_to(tmp_path)
    with shipped_from(tmp_path):
        yield tmp_path

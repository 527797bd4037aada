"""What the stories share: one house with its staff."""

import pytest

from tests.builders import House, a_house


@pytest.fixture
def house(db: None) -> House:
    """A site of the study with one person in each role."""
    return a_house()

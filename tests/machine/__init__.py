"""Everything that may happen to a participant, in any order, and what holds after each of it."""

import pytest

# What does not hold is shown with its values, as in the tests themselves.
pytest.register_assert_rewrite("tests.machine.kept", "tests.machine.owed", "tests.machine.every_path")

"""docs/permissions.md says what the matrix says."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from tracker.access import MATRIX, Action
from tracker.management.commands.draw_permissions import MEANINGS, page
from tracker.models import Role


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_of_permissions_is_the_one_that_the_matrix_draws() -> None:
    call_command("draw_permissions", check=True)


def test_every_role_has_a_mark_for_everything_it_may_do_and_for_nothing_else() -> None:
    header, _line, *rows = [_cells(line) for line in page().splitlines() if line.startswith("|")]
    assert header[1:-1] == [str(role.label) for role in Role]
    assert [row[0] for row in rows] == [f"`{action}`" for action in Action]
    for column, role in enumerate(Role, start=1):
        marked = {action for action, row in zip(Action, rows, strict=True) if row[column] == "●"}
        assert marked == MATRIX[role], role


def test_every_action_is_explained_and_nothing_else_is() -> None:
    assert set(MEANINGS) == set(Action)


def test_the_page_is_the_same_whatever_language_the_server_speaks() -> None:
    english = page()
    with override("zh-hans"):
        assert page() == english


@pytest.mark.parametrize("old", [None, "# Who may do what\n"])
def test_a_page_that_is_missing_or_stale_is_refused_and_drawn_anew(tmp_path: Path, old: str | None) -> None:
    file = tmp_path / "permissions.md"
    if old is not None:
        file.write_text(old, encoding="utf-8")
    with pytest.raises(CommandError, match="run manage\\.py draw_permissions"):
        call_command("draw_permissions", file=file, check=True)
    call_command("draw_permissions", file=file)
    call_command("draw_permissions", file=file, check=True)

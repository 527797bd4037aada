"""Whoever reads Chinese reads nothing else: the catalogue is complete, exact, compiled, and knows every word."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import django
import pytest
import unfold

from config.environment import BASE_DIR
from tests.availability import missing
from tests.catalogue import Entry, entries, placeholders

CATALOGUE = BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ENTRIES = entries(CATALOGUE)
NEEDS_GETTEXT = pytest.mark.skipif("gettext" in missing(), reason="gettext: no msgfmt")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]")


def test_everything_is_translated() -> None:
    assert [entry.msgid for entry in ENTRIES if entry.fuzzy or not all(entry.said)] == []


def test_chinese_has_one_form_for_every_number() -> None:
    assert [entry.msgid for entry in ENTRIES if len(entry.said) != 1] == []


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    assert [entry.msgid for entry in ENTRIES if not _filled_alike(entry)] == []


def test_chinese_words_are_followed_by_chinese_punctuation() -> None:
    assert [text for entry in ENTRIES for text in entry.said if HALF_WIDTH.search(text)] == []


def test_what_is_compiled_is_what_is_written() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    # A message with a plural is filed under the pair of its first form and the number of the Chinese one.
    filed = {entry.key: compiled.ngettext(entry.key, entry.plural, 2) for entry in ENTRIES if entry.plural}
    filed |= {entry.key: compiled.gettext(entry.key) for entry in ENTRIES if not entry.plural}
    assert filed == {entry.key: entry.said[0] for entry in ENTRIES}, "run `make messages`"
    assert _number_compiled(CATALOGUE.with_suffix(".mo")) == len(ENTRIES) + 1, "run `make messages`"


@NEEDS_GETTEXT
def test_the_catalogue_knows_every_word_of_the_source_and_no_other(tmp_path: Path) -> None:
    for folder in ("config", "tracker", "workflow"):
        shutil.copytree(BASE_DIR / folder, tmp_path / folder, ignore=shutil.ignore_patterns("static", "__pycache__"))
    assert {entry.key for entry in _gathered(tmp_path)} == {entry.key for entry in ENTRIES}, "run `make messages`"


@NEEDS_GETTEXT
def test_every_word_of_unfold_is_known_to_django_or_to_us(tmp_path: Path) -> None:
    leave_out = shutil.ignore_patterns("static", "__pycache__", "contrib", "unfold_crispy")
    shutil.copytree(Path(unfold.__file__).parent, tmp_path / "unfold", ignore=leave_out)
    ours = {entry.key for entry in ENTRIES}
    assert {entry.key for entry in _gathered(tmp_path)} - ours - _known_to_django() == set()


def _filled_alike(entry: Entry) -> bool:
    source = placeholders(entry.plural or entry.msgid)
    return all(placeholders(text) == source for text in entry.said)


def _number_compiled(path: Path) -> int:
    """How many messages a compiled catalogue holds, its header included."""
    return int.from_bytes(path.read_bytes()[8:12], "little")


def _gathered(folder: Path) -> list[Entry]:
    """What the tool finds to be translated below a folder."""
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans", "--no-wrap", "--verbosity", "0"]
    subprocess.run(command, cwd=folder, check=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin"})
    return entries(folder / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")


def _known_to_django() -> set[str]:
    home = Path(django.__file__).parent
    places = (home / "conf", home / "contrib" / "admin", home / "contrib" / "auth", home / "contrib" / "contenttypes")
    catalogues = (place / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po" for place in places)
    return {entry.key for catalogue in catalogues for entry in entries(catalogue) if all(entry.said)}

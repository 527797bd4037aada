"""Whoever reads Chinese reads nothing else: the catalogue is complete, exact, compiled, and knows every word."""

import gettext
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import axes
import django
import pytest
import unfold

from config.environment import BASE_DIR
from tests.availability import missing
from tests.catalogue import Entry, entries, placeholders
from workflow.loading import shipped_protocol, shipped_protocols

CATALOGUE = BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ENTRIES = entries(CATALOGUE)
NEEDS_GETTEXT = pytest.mark.skipif("gettext" in missing(), reason="gettext: no msgfmt")
_DJANGO = Path(django.__file__).parent
_PLACES = [_DJANGO / "conf", *(_DJANGO / "contrib" / name for name in ("admin", "auth", "contenttypes", "sessions"))]
_PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w*}")


def _glossary() -> list[tuple[str, tuple[str, ...]]]:
    """Each English word of docs/glossary.md with the Chinese ones that may stand for it."""
    table = (BASE_DIR / "docs" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", table, re.MULTILINE)
    return [(english, tuple(chinese.split("、"))) for english, chinese in rows[1:]]


GLOSSARY = _glossary()
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
def test_every_word_of_unfold_and_axes_is_known_to_django_or_to_us(tmp_path: Path) -> None:
    leave_out = shutil.ignore_patterns("static", "__pycache__", "contrib", "unfold_crispy", "locale")
    home = Path(unfold.__file__).parent
    shutil.copytree(home, tmp_path / "unfold", ignore=leave_out)
    for part in ("filters", "forms"):
        shutil.copytree(home / "contrib" / part, tmp_path / "contrib" / part, ignore=leave_out)
    shutil.copytree(Path(axes.__file__).parent, tmp_path / "axes", ignore=leave_out)
    ours = {entry.key for entry in ENTRIES}
    assert {entry.key for entry in _gathered(tmp_path)} - ours - _known_to_django() == set()


def test_what_django_leaves_out_of_its_own_catalogues_is_said_by_ours() -> None:
    catalogues = [path for place in _PLACES for path in sorted(place.glob("locale/zh_Hans/LC_MESSAGES/*.po"))]
    assert len(catalogues) >= 5
    untold = {entry.key for path in catalogues for entry in entries(path) if entry.fuzzy or not all(entry.said)}
    assert untold - {entry.key for entry in ENTRIES} == set()


@pytest.mark.parametrize(("english", "chinese"), GLOSSARY, ids=[english for english, _chinese in GLOSSARY])
def test_the_catalogue_says_a_trials_words_as_the_glossary_does(english: str, chinese: tuple[str, ...]) -> None:
    word = re.compile(rf"\b{re.escape(english)}(?:s|es|d|ed)?\b", re.IGNORECASE)
    said = [pair for pair in (*_sentences(), *_labels()) if word.search(pair[0])]
    assert said, "nothing here says it: the glossary is about Daymark's own words"
    assert [pair for pair in said if not any(each in pair[1] for each in chinese)] == []


def _sentences() -> Iterator[tuple[str, str]]:
    """What the catalogue says, without what is filled in."""
    return ((_PLACEHOLDER.sub("", entry.msgid), entry.said[0]) for entry in ENTRIES)


def _labels() -> Iterator[tuple[str, str]]:
    """What the protocol files say themselves, in both languages."""
    for name in shipped_protocols():
        protocol = shipped_protocol(name)
        yield from ((rule.title, rule.title_zh) for rule in protocol.rules)
        for labels in (protocol.concepts, protocol.stages, protocol.steps, protocol.roles, protocol.answers):
            yield from ((each.label, each.label_zh) for each in labels.values())


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
    catalogues = (place / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po" for place in _PLACES)
    return {entry.key for catalogue in catalogues for entry in entries(catalogue) if all(entry.said)}

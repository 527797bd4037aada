"""`manage.py qualify`: what an installation is and how it stands, expected and seen, and nothing that is clinical."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.amended import FIRST, forget, shipped_from, written_to
from tests.builders import House, collected_woman
from tests.flushing import unaudited
from tracker.audit.sealing import seal
from tracker.management.commands import qualify
from tracker.management.qualification import installed as packages
from tracker.management.qualification import rules, surroundings
from tracker.management.qualification.installed import pins
from tracker.management.qualification.outcome import Group, asked
from tracker.models import Heartbeat, StepRecord
from tracker.services.heartbeats import note_heartbeat

GOLDEN = Path(__file__).parent.parent / "journeys" / "golden"
SHORT = "G07_the_eve_of_the_18th_birthday_and_the_birthday_it.yaml"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages instead of sixty: each is read from the disk whole."""
    pinned = list(pins((packages_root() / "requirements.txt").read_text(encoding="utf-8")))
    assert len(pinned) > 40
    monkeypatch.setattr(
        packages, "pins", lambda _text: iter([each for each in pinned if each[0] in {"vine", "sqlparse"}])
    )


def packages_root() -> Path:
    return Path(__file__).parent.parent.parent


@pytest.fixture
def journeys(tmp_path: Path) -> Path:
    """A folder with one short journey."""
    folder = tmp_path / "journeys"
    folder.mkdir()
    shutil.copy(GOLDEN / SHORT, folder)
    return folder


@pytest.fixture
def aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No journeys, for tests about something else: they take a database of their own each time."""
    monkeypatch.setattr(qualify, "journeys", lambda _folder: Group("Journeys", ()))
    return tmp_path


@pytest.fixture
def healthy(house: House, settings: Settings, audit_heads: Path) -> House:
    """An installation with one participant, in which everything runs."""
    settings.MAIL_CONFIGURED = True
    collected_woman(house)
    for name in surroundings.WORK:
        note_heartbeat(name, timezone.now())
    seal(timezone.now())
    return house


@pytest.fixture
def amendable(tmp_path: Path) -> Iterator[Path]:
    """Protocol files that a test may change."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    written_to(folder)
    with shipped_from(folder):
        yield folder


def qualified(journeys: Path, *more: str) -> tuple[str, str, int]:
    """The report, what is said of it, and the exit code."""
    out, said = StringIO(), StringIO()
    try:
        call_command("qualify", "--journeys", str(journeys), *more, stdout=out, stderr=said)
    except CommandError as error:
        return out.getvalue(), str(error), error.returncode
    return out.getvalue(), said.getvalue(), 0


def test_a_whole_installation_passes(healthy: House, journeys: Path) -> None:
    _files, digest = packages._digest(packages_root())
    page, said, code = qualified(journeys, "--own-files", digest.upper())
    assert code == 0, said
    assert "**all passed**" in page
    assert "| Decisions on record | all come out again | 2 do | yes |" in page
    assert f"| {Path(SHORT).stem} | every answer as computed by hand | 2 of 2 | yes |" in page
    assert "relma-cel-ssc version 1, 26 rules, hash " in page
    assert connection.display_name in page
    assert "the site's to" in page, "it says that the site validates its own installation"


def test_nothing_in_the_report_names_a_participant(healthy: House, aside: Path) -> None:
    page, _said, _code = qualified(aside)
    for word in ("RJ-001", "1990", "Hospital", "transfusion", "negative", "rj-crc", healthy["crc"].email):
        assert word not in page, word


def test_the_report_goes_into_a_file(healthy: House, aside: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    page, said, code = qualified(aside, "--out", str(out))
    assert (page, code) == ("", 0)
    assert said.strip().endswith("passed, 0 failed, 1 not compared")
    assert out.read_text(encoding="utf-8").startswith("# Qualification of an installation of Daymark")
    assert qualified(aside, "--out", str(tmp_path / "no" / "such" / "folder"))[2] == 2


def test_files_that_were_not_compared_have_not_passed(healthy: House, aside: Path) -> None:
    page, _said, code = qualified(aside)
    assert code == 0
    assert "**nothing failed, NOT ALL COMPARED**" in page
    assert "all passed" not in page
    (line,) = (line for line in page.splitlines() if line.startswith("| Daymark's own files |"))
    assert line.endswith(": not compared, give --own-files | not compared |")


def test_files_of_another_release_fail(healthy: House, aside: Path) -> None:
    page, said, code = qualified(aside, "--own-files", "0" * 64)
    assert (code, "1 failed: Daymark's own files: " in said) == (1, True)
    assert "NOT ALL PASSED" in page


def test_the_report_is_written_although_the_list_of_packages_and_the_throwaway_database_break(
    healthy: House, journeys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> NoReturn:
        raise OSError

    monkeypatch.setattr(qualify, "ROOT", tmp_path)
    monkeypatch.setattr(rules, "throwaway_database", broken)
    page, _said, code = qualified(journeys)
    assert code == 1
    assert "| requirements.txt | names packages | could not be asked: FileNotFoundError | **NO** |" in page
    assert "| Journeys | replayed | could not be asked: OSError | **NO** |" in page


def test_stale_work_is_named_and_fails(healthy: House, aside: Path) -> None:
    Heartbeat.objects.filter(name="sweep").update(at=timezone.now() - timedelta(minutes=3))
    page, said, code = qualified(aside)
    assert code == 1
    assert "1 failed, 1 not compared: Background work: sweep: 18" in said
    assert "NOT ALL PASSED" in page


def test_a_missing_mail_server_fails_and_a_mail_is_sent_only_when_asked(
    healthy: House, aside: Path, settings: Settings
) -> None:
    before = len(mail.outbox)
    assert "| Mail server | reachable | reachable; nothing was sent | yes |" in qualified(aside)[0]
    assert len(mail.outbox) == before
    assert (
        "| Mail server | takes a message | took a message | yes |"
        in qualified(aside, "--send-to", "it@site.example")[0]
    )
    assert [message.to for message in mail.outbox[before:]] == [["it@site.example"]]
    settings.MAIL_CONFIGURED = False
    assert "Mail server: DAYMARK_EMAIL_HOST is not set" in qualified(aside)[1]


def test_rules_changed_in_place_fail(healthy: House, amendable: Path, aside: Path) -> None:
    path = amendable / f"{FIRST}.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("at_least: 1000 /uL", "at_least: 900 /uL"), encoding="utf-8"
    )
    forget()
    _page, said, code = qualified(aside)
    assert code == 1
    assert "Rules that decided what is on record: relma-cel-ssc.yaml (version 1) was changed" in said
    assert "Decisions on record: 2 of 2 do not" in said


def test_what_was_changed_behind_the_triggers_fails(healthy: House, aside: Path) -> None:
    with unaudited():
        StepRecord.objects.update(reason="forged")
        _page, said, code = qualified(aside)
    assert code == 1
    assert "Audit trail: " in said
    assert "forged" not in said


def test_a_journey_that_comes_out_otherwise_fails(healthy: House, journeys: Path) -> None:
    path = journeys / SHORT
    born = 'date_of_birth: "2007-05-20"'
    text = path.read_text(encoding="utf-8")
    assert born in text
    path.write_text(text.replace(born, 'date_of_birth: "2006-05-20"'), encoding="utf-8")
    _page, said, code = qualified(journeys)
    assert (code, f"{Path(SHORT).stem}: 1 of 2" in said) == (1, True)
    path.write_text("nothing", encoding="utf-8")
    assert f"{Path(SHORT).stem}: could not be asked: Unreadable" in qualified(journeys)[1]


def test_journeys_that_are_not_there_fail(healthy: House, tmp_path: Path) -> None:
    _page, said, code = qualified(tmp_path / "none")
    assert code == 1
    assert "Journeys: not here: give their folder with --journeys" in said


def test_a_package_of_another_version_or_with_changed_files_fails(
    healthy: House, aside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = [("vine", "0.0.1"), ("no-such-package", "1.0")]
    monkeypatch.setattr(packages, "pins", lambda _text: iter(pinned))
    said = qualified(aside)[1]
    assert "vine: 5" in said
    assert "no-such-package: not installed" in said
    monkeypatch.setattr(packages, "pins", lambda _text: iter([("vine", "5.1.0")]))
    monkeypatch.setattr(packages, "_is_whole", lambda file: str(file) != "vine/abstract.py")
    assert "vine: 5.1.0, 1 files changed" in qualified(aside)[1]


def test_pins_are_those_of_this_machine() -> None:
    text = (
        "# a list\ncelery[redis]==5.7.0 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n"
        "    --hash=sha256:00\nbrotli==1.2.1 ; platform_python_implementation == 'CPython' \\\n    # via x\n"
    )
    assert list(pins(text)) == [("celery", "5.7.0"), ("brotli", "1.2.1")]


def test_a_check_that_breaks_has_failed_and_tells_its_kind_alone() -> None:
    def broken() -> Any:
        raise ValueError("RJ-001 is pregnant")

    outcome = asked("Something", "well", broken)
    assert (outcome.passed, outcome.seen) == (False, "could not be asked: ValueError")

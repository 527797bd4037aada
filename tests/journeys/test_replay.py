"""`manage.py replay`: its lines, its sum, its exit codes, and a database that it makes and drops."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.builders import a_house
from tracker.models import Participant, User
from tracker.replaying.journey_file import read_journey
from tracker.replaying.player import Player
from tracker.replaying.reading import Unreadable

GOLDEN = Path(__file__).parent / "golden"
ENROLMENT = GOLDEN / "G10_red_cells_5_days_before_eligibility_assessment_t.yaml"
DEADLINES = GOLDEN / "G25_death_while_the_product_is_being_made.yaml"

pytestmark = pytest.mark.django_db


def replay(*paths: Path) -> tuple[list[str], CommandError | None]:
    """The lines that were printed, and the error that gives the exit code."""
    out = StringIO()
    try:
        call_command("replay", *map(str, paths), stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), error
    return out.getvalue().splitlines(), None


def changed(tmp_path: Path, file: Path, old: str, new: str) -> Path:
    """A copy of a journey with one thing written differently."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    copy = tmp_path / file.name
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy


def test_a_line_for_each_answer_then_the_sum() -> None:
    lines, error = replay(ENROLMENT)
    assert error is None
    first, second = "2025-03-10T10:00:00+08:00", "2025-03-14T17:00:00+08:00"
    stopped = "no (no_transfusion_7d fail)"
    assert lines == [
        f"{ENROLMENT.name} | may enrol start | {first} | expected {stopped} | got {stopped} | ok",
        f"{ENROLMENT.name} | may enrol start | {second} | expected yes | got yes | ok",
        "2 passed, 0 failed",
    ]


def test_a_folder_is_replayed_by_name(tmp_path: Path) -> None:
    for file in (DEADLINES, ENROLMENT):
        shutil.copy(file, tmp_path)
    lines, error = replay(tmp_path)
    assert error is None
    assert [line[:3] for line in lines] == ["G10", "G10", "G25", "G25", "G25", "G25", "6 p"]


def test_another_answer_is_a_mismatch_with_the_difference(tmp_path: Path) -> None:
    wrong = changed(tmp_path, ENROLMENT, 'clause: "no_transfusion_7d"', 'clause: "anc"')
    lines, error = replay(wrong)
    assert lines[0].endswith("| MISMATCH: anc does not block; no_transfusion_7d blocks")
    assert lines[-1] == "1 passed, 1 failed"
    assert error is not None
    assert error.returncode == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "difference"),
    [
        (ENROLMENT, "expect: {allowed: true}", "expect: {allowed: false}", "allowed"),
        (ENROLMENT, 'status: "fail"}', 'status: "missing"}', "no_transfusion_7d is fail, not missing"),
        (DEADLINES, 'status: "cancelled"', 'status: "met"', "status is cancelled"),
        (DEADLINES, 'due_at: "2025-04-10T09:00', 'due_at: "2025-04-10T09:01', "due_at is 2025-04-10T09:00:00+08:00"),
        (DEADLINES, 'clause: "terminal"', 'clause: "order"', "order does not block"),
    ],
)
def test_every_kind_of_difference_is_named(tmp_path: Path, file: Path, old: str, new: str, difference: str) -> None:
    verdicts = list(Player(read_journey(changed(tmp_path, file, old, new)), "relma-cel-ssc").verdicts())
    assert {verdict.difference for verdict in verdicts if not verdict.ok} == {difference}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind: "transfusion",', 'kind: "transfusions",', "facts[9].kind: found 'transfusions', expected one of"),
        ("timezone: Asia/Shanghai", "timezone: Shanghai", "timezone: found 'Shanghai', expected an IANA time zone"),
        ('"1975-12-01"', '"1 Dec"', "participant.date_of_birth: found '1 Dec', expected a date"),
        ("14:00:00+08:00", "14:00:00", "facts[9].at: found '2025-03-05T14:00:00', expected an instant with an offset"),
        ("allowed: true", "allowed: maybe", "queries[1].expect.allowed: found 'maybe', expected one of true, false"),
        ("to: enrol", "to: enroll", "queries[0].to: found 'enroll', expected one of enrol, leukapheresis"),
        ("queries:", "question:", "question: found"),
        ("timezone:", "timezone: [", "not YAML"),
        ("meets: true}", "meets: true, meets: false}", "'meets' is written twice"),
    ],
)
def test_what_cannot_be_read_names_the_file_the_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read_journey(changed(tmp_path, ENROLMENT, old, new))
    assert ENROLMENT.name in str(unreadable.value)
    assert said in str(unreadable.value)


def test_what_the_services_refuse_names_its_place_in_the_file(tmp_path: Path) -> None:
    journey = read_journey(changed(tmp_path, ENROLMENT, 'unit: "kg"', 'unit: "stone"'))
    with pytest.raises(Unreadable, match=r"facts\[10\]: found .*“stone” is not a known unit. Expected: kg."):
        list(Player(journey, "relma-cel-ssc").verdicts())


def test_one_unreadable_file_keeps_no_other_from_being_replayed(tmp_path: Path) -> None:
    lines, error = replay(changed(tmp_path, ENROLMENT, "timezone", "time_zone"), DEADLINES)
    assert lines[-1] == "4 passed, 0 failed"
    assert error is not None
    assert error.returncode == 2


@pytest.mark.parametrize("missing", ["nowhere.yaml", "empty"])
def test_nothing_to_replay_is_an_unreadable_file(tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    _lines, error = replay(tmp_path / missing)
    assert error is not None
    assert error.returncode == 2


def test_the_configured_database_is_neither_read_nor_written() -> None:
    house = a_house()
    replay(ENROLMENT)
    assert User.objects.count() == len(house.staff)
    assert not Participant.objects.exists()
    house["crc"].refresh_from_db()

"""Every question of every journey file: `golden` came with the record, `further` covers what those leave out."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from tracker.models import StepRecord
from tracker.replaying.decisions import decisions
from tracker.replaying.journey_file import JourneyFile, find_files, read_journey
from tracker.replaying.player import Player
from tracker.replaying.questions import GateQuestion, Question, Verdict

HERE = Path(__file__).parent
FILES = tuple(find_files([HERE / "golden", HERE / "further"]))

# Nothing is kept: the mark is what makes the test database, when this file runs alone.
pytestmark = pytest.mark.django_db


@lru_cache
def journey(file: Path) -> JourneyFile:
    return read_journey(file)


def in_time(file: Path) -> list[Question]:
    """The questions in the order in which they are answered."""
    return sorted(journey(file).questions, key=lambda question: question.at)


def cases() -> list[Any]:
    """One case for each question of each file."""
    return [
        pytest.param(file, place, id=f"{file.stem[:3]}-{_name(question)}-{question.at:%m-%d-%H%M}")
        for file in FILES
        for place, question in enumerate(in_time(file))
    ]


def _name(question: Question) -> str:
    return f"may-{question.step}" if isinstance(question, GateQuestion) else question.clause


class Story(NamedTuple):
    """What a file was answered on the way, and what differs when each of its decisions is derived again at its end."""

    verdicts: list[Verdict]
    differences: list[str]


@pytest.fixture(scope="session")
def story_of(django_db_setup: None, django_db_blocker: Any) -> Callable[[Path], Story]:
    """Live through a file once, and leave nothing of it in the database."""

    @lru_cache
    def play(file: Path) -> Story:
        with django_db_blocker.unblock(), transaction.atomic():
            verdicts = list(Player(journey(file), "relma-cel-ssc").verdicts())
            taken = StepRecord.objects.select_related("participant__study", "participant__site")
            differences = [each.difference for each in decisions(taken) if each.difference]
            transaction.set_rollback(True)
        return Story(verdicts, differences)

    return play


@pytest.mark.parametrize(("file", "place"), cases())
def test_the_answer_is_the_one_computed_by_hand(story_of: Callable[[Path], Story], file: Path, place: int) -> None:
    verdict, question = story_of(file).verdicts[place], in_time(file)[place]
    assert verdict.at == question.at
    assert verdict.ok, f"{verdict.question} at {verdict.at}: {verdict.difference}"


@pytest.mark.parametrize("file", FILES, ids=[file.stem[:3] for file in FILES])
def test_every_decision_comes_out_again_when_the_whole_story_is_known(
    story_of: Callable[[Path], Story], file: Path
) -> None:
    assert story_of(file).differences == []


def test_no_file_and_no_question_is_left_out() -> None:
    golden = [file for file in FILES if file.parent.name == "golden"]
    assert (len(golden), sum(len(in_time(file)) for file in golden)) == (17, 62)

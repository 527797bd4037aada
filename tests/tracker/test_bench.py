"""`manage.py bench`: it answers, over the records that it says; how fast is nobody's test."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.environment import BASE_DIR
from tests.environment import DATABASE, POSTGRES_URL
from tests.services.processes import environment
from tracker.management.benching.record import SHORTEST, record_of
from workflow.deadlines import DeadlineStatus
from workflow.evaluation import evaluate
from workflow.loading import shipped_protocol
from workflow.stages import Step


def said(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("bench", "--rounds", "2", *words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("late_fact", [False, True])
@pytest.mark.parametrize("length", [SHORTEST, 200])
def test_a_record_has_the_length_asked_for_and_is_broken_only_by_a_late_fact(length: int, *, late_fact: bool) -> None:
    record = record_of(length, late_fact=late_fact)
    answer = evaluate(shipped_protocol("relma-cel-ssc"), record.timeline, record.as_of)
    assert len(record.timeline.every_version) == length
    assert [gate.step for gate in answer.planned] == [Step.LYMPHODEPLETION]
    broken = {each.clause for each in answer.deadlines if each.status is DeadlineStatus.ELIGIBILITY_INVALIDATED}
    assert broken == ({"no_transfusion_7d"} if late_fact else set())


def test_it_times_evaluations_and_shows_where_the_time_goes() -> None:
    told = said("evaluate", "--facts", "40", "60", "--profile")
    assert re.findall(r"^ +([0-9]+) +[0-9.]+ ms", told, re.MULTILINE) == ["40", "60"]
    assert "ncalls" in told


@pytest.mark.django_db
def test_it_times_sweeps_in_a_database_of_its_own() -> None:
    assert re.findall(r"^ +([0-9]+) +[0-9.]+ ms", said("sweep", "--participants", "3"), re.MULTILINE) == ["3"]


def test_what_cannot_be_timed_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match=f"expected at least {SHORTEST}"):
        said("evaluate", "--facts", "5")
    with pytest.raises(CommandError, match="--rounds is 1: expected at least 2"):
        call_command("bench", "--rounds", "1", "evaluate")


def bench(tmp_path: Path, *words: str) -> str:
    """What it prints as a process of its own, on the kind of database that these tests run on."""
    url = POSTGRES_URL if DATABASE == "postgres" else f"sqlite:///{tmp_path / 'site.sqlite3'}"
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "--rounds", "2", *words], cwd=BASE_DIR, check=True, timeout=300,
        capture_output=True, text=True, env=environment(DAYMARK_DATABASE_URL=url, DAYMARK_LOG_LEVEL="ERROR"),
    )  # fmt: skip
    return done.stdout


def test_it_prints_every_figure_of_alerting_and_needs_few_queries(tmp_path: Path) -> None:
    told = bench(tmp_path, "alerts", "--participants", "3", "--storm", "60", "--storms", "1")
    assert "idle sweep, 3 participants: 2 queries" in told
    figures = dict(re.findall(r"^  (.+): ([0-9.]+) \(", told, re.MULTILINE))
    assert (figures["alerts"], figures["messages"]) == ("60.00", "60.00")
    assert float(figures["queries of sweep and delivery for each alert"]) <= 3
    assert {"ratio", "ratio of mails", "alerts/s, all", "mails/s, each acknowledged"} <= figures.keys()
    assert re.search(r"60 due at once, two processes: .*; 60 mails, the first after", told)


def test_it_shows_where_the_time_of_a_storm_goes(tmp_path: Path) -> None:
    raising, sending = bench(tmp_path, "alerts", "--storm", "20", "--profile").split("sending:")
    assert "deadlines.py" in raising
    assert "smtp.py" in sending


def test_a_reconciliation_finds_what_was_planted_and_nothing_else(tmp_path: Path) -> None:
    told = bench(tmp_path, "reconcile", "--participants", "230", "--planted", "15")
    assert "230 compared" in told
    assert told.endswith("planted 15, found 15, found beside them 0\n")


def test_it_times_the_pages_people_open_and_counts_their_queries(tmp_path: Path) -> None:
    told = bench(tmp_path, "pages", "--participants", "4", "--facts", "60")
    assert re.search(r"^4 participants, \d+ facts, \d+ things to do, 4 alerts made in", told)
    counted = re.findall(r"^(.+): (\d+) queries, processor median", told, re.MULTILINE)
    assert [name for name, _count in counted] == [
        "today", "today, refreshing itself", "list of participants", "one participant",
    ]  # fmt: skip
    assert max(int(count) for _name, count in counted) <= 30

"""The stories are told on the real database: few in each run, many when a counterexample is searched for."""

import random
import sys
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.every_path import EveryPath
from tests.machine.prepared import WHO, everybody
from tracker.services import deadlines

DEEP = (
    "reached enrolled", "reached lymphodepletion", "reached infusion", "swept when due", "a deviation was closed",
    "a step was refused while it was held", "correct_fact done",
)  # fmt: skip
"""What must come about in the stories: most of it in deep ones only."""

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that fails is a failure here, not somebody to be tried again in an hour."""

    def fail(_pk: int, error: Exception, _now: object) -> None:
        raise error

    monkeypatch.setattr(deadlines, "_quarantine", fail)


@pytest.fixture(autouse=True)
def repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of facts come from the chance that is the same whenever the same story is told."""
    monkeypatch.setattr("tracker.services.ledger.uuid.uuid4", lambda: UUID(int=random.getrandbits(128), version=4))


def test_whatever_happens_in_whatever_order_nothing_is_missed_lost_or_let_through() -> None:
    of_each = max(3, settings.default.max_examples // 70)  # type: ignore[union-attr]
    EveryPath.prepared, EveryPath.seen = everybody(), Counter()
    # Shrinking a story on a database takes longer than reading it.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    for EveryPath.who in WHO:
        run_state_machine_as_test(
            EveryPath, settings=settings(max_examples=of_each, stateful_step_count=24, phases=phases)
        )
    tell(EveryPath.seen)
    # Few stories find each of these once or twice: which of them is chance, that none is missing is not.
    shallow = [what for what in DEEP if EveryPath.seen[what] < max(1, of_each * len(WHO) // 10 - 1)]
    assert shallow == [], "the stories no longer go deep enough to find anything there"


def tell(seen: Counter[str]) -> None:
    """Say what came about how often; `pytest -rP` shows it."""
    sys.stdout.writelines(f"{often:6d}  {what}\n" for what, often in sorted(seen.items()))

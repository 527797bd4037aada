"""Questions of a journey file, held against the answers: what is compared, and what is left to each system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tracker.models import TrackedDeadline
from workflow.answers import Evaluation
from workflow.deadlines import Deadline
from workflow.findings import Outcome
from workflow.protocol import Protocol
from workflow.stages import Step

_JOURNEY = ("order", "terminal")
_COLUMNS = {"negative_valid_until": "valid_until"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer beside the expected one. `difference` is empty when they agree."""

    question: str
    at: datetime
    expected: str
    got: str
    difference: str = ""

    @property
    def ok(self) -> bool:
        """Whether the answer is the expected one."""
        return not self.difference


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """May this step start at this instant? `blocking` maps each clause to the statuses that are fine (None: any)."""

    at: datetime
    step: Step
    allowed: bool
    blocking: Mapping[str, tuple[str, ...]] | None = None

    def judge(self, evaluation: Evaluation, protocol: Protocol, _rows: list[TrackedDeadline]) -> Verdict:
        """Compare what the protocol itself refuses; site practice is each system's own."""
        got = {
            finding.clause: _status(finding.clause, finding.outcome)
            for finding in evaluation.gates[self.step].blocking
            if protocol.basis_of(finding.clause) != "site practice"
        }
        return Verdict(
            f"may {self.step.value} start", self.at, _allowed_words(self.allowed, self.blocking or {}),
            _allowed_words(not got, {clause: (status,) for clause, status in got.items()}),
            "; ".join(self._differences(got)),
        )  # fmt: skip

    def _differences(self, got: Mapping[str, str]) -> list[str]:
        said = [] if self.allowed != bool(got) else ["allowed" if not got else "not allowed"]
        if self.blocking is None:
            return said
        if named := [clause for clause in _JOURNEY if clause in self.blocking]:
            return said + [f"{clause} does not block" for clause in named if clause not in got]
        said += [f"{clause} does not block" for clause in self.blocking if clause not in got]
        said += [f"{clause} blocks" for clause in got if clause not in self.blocking]
        return said + [
            f"{clause} is {status}, not {' or '.join(self.blocking[clause])}"
            for clause, status in got.items()
            if clause in self.blocking and not _close_enough(status, self.blocking[clause])
        ]


@dataclass(frozen=True, slots=True)
class DeadlineQuestion:
    """Where does this obligation stand? Only the times that the file gives are compared."""

    at: datetime
    clause: str
    status: tuple[str, ...]
    times: Mapping[str, datetime | date] = field(default_factory=dict)

    def judge(self, evaluation: Evaluation, _protocol: Protocol, rows: list[TrackedDeadline]) -> Verdict:
        """Compare the answer, and the row that is kept of it."""
        answer = evaluation.deadline(self.clause)
        row = max((row for row in rows if row.clause == self.clause), key=lambda row: row.occurrence, default=None)
        got = self._read(answer)
        difference = self._differences(got)
        if not difference and (kept := self._differences(self._read(row))):
            difference = ["the tracked row differs: " + "; ".join(kept)]
        return Verdict(
            f"deadline {self.clause}", self.at, _deadline_words({"status": " or ".join(self.status), **self.times}),
            _deadline_words(got), "; ".join(difference),
        )  # fmt: skip

    def _read(self, answer: Deadline | TrackedDeadline | None) -> dict[str, Any]:
        if answer is None:
            return {"status": "none"}
        times = {name: self._local(getattr(answer, _COLUMNS.get(name, name))) for name in self.times}
        return {"status": str(answer.status), **times}

    def _local(self, value: datetime | date | None) -> datetime | date | None:
        """As the file writes its instants, so that the two can be compared by eye."""
        return value.astimezone(self.at.tzinfo) if isinstance(value, datetime) else value

    def _differences(self, got: Mapping[str, Any]) -> list[str]:
        said = [] if got["status"] in self.status else [f"status is {got['status']}"]
        return said + [
            f"{name} is {_shown(got.get(name))}" for name, expected in self.times.items() if got.get(name) != expected
        ]


Question = GateQuestion | DeadlineQuestion


def _status(clause: str, outcome: Outcome) -> str:
    return "blocked" if clause in _JOURNEY else outcome.value


def _close_enough(status: str, expected: tuple[str, ...]) -> bool:
    """Whether a status is as good as the expected ones: only what is known and not met must be told apart."""
    if not expected or status in expected:
        return True
    return status != Outcome.FAIL and any(each != Outcome.FAIL for each in expected)


def _allowed_words(allowed: bool, blocking: Mapping[str, tuple[str, ...]]) -> str:  # noqa: FBT001 - it is the answer
    if allowed:
        return "yes"
    clauses = [f"{clause} {'/'.join(status)}".strip() for clause, status in sorted(blocking.items())]
    return "no" + (f" ({', '.join(clauses)})" if clauses else "")


def _deadline_words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" if name != "status" else str(value) for name, value in values.items())


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)

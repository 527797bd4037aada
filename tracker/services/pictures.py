"""Pictures: what the system shows about one participant at an instant, as values that can be held side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from tracker.evaluation import evaluate_participant
from tracker.models import Alert, Notification, NotificationStatus, Participant, TrackedDeadline
from workflow.answers import Evaluation


class OwedRow(NamedTuple):
    """One deadline as it is kept."""

    clause: str
    occurrence: int
    status: str
    opens_at: datetime | None
    due_at: datetime | None
    valid_until: datetime | None
    required_through: date | None
    raised_at: datetime | None


class AlertRow(NamedTuple):
    """One alert as it is kept, with all that was decided about it."""

    clause: str
    occurrence: int
    rung: str
    due_at: datetime | None
    raised_at: datetime
    urgent: bool
    say: str
    tell: list[str]
    fault: str
    status: str
    acknowledged_at: datetime | None
    escalates_to: list[str]
    escalates_at: datetime | None
    escalated_at: datetime | None
    rests_on: list[str]
    round: int
    renewed_at: datetime | None
    resolved_at: datetime | None
    resolution: str


class MessageRow(NamedTuple):
    """One message as it is kept: about what, to whom, in which words of its subject, and what became of it."""

    clause: str
    occurrence: int
    rung: str
    say: str
    say_zh: str
    kind: str
    round: int
    recipient: int
    role: str
    instead_of: int | None
    language: str
    subject: str
    fault: str
    status: str
    created_at: datetime
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Picture:
    """What the protocol answers, and every deadline, alert and message there is, by key.

    `wakes_at` is when the sweep looks again.
    """

    evaluation: Evaluation
    deadlines: Mapping[int, OwedRow]
    alerts: Mapping[int, AlertRow]
    messages: Mapping[int, MessageRow]
    wakes_at: datetime | None

    def without_keys(self) -> tuple[object, ...]:
        """All of it but the database's own numbers, to be compared."""
        rows = (self.deadlines, self.alerts, self.messages)
        return (
            self.evaluation, self.evaluation.changes_at, *(sorted(map(repr, each.values())) for each in rows),
            self.wakes_at,
        )  # fmt: skip

    def written_since(self, before: "Picture") -> list[MessageRow]:
        """The messages that were not there yet."""
        return [row for key, row in self.messages.items() if key not in before.messages]

    def withdrawn_since(self, before: "Picture") -> list[MessageRow]:
        """The messages that waited to go out and will not any more."""
        now = {key: row for key, row in self.messages.items() if row.status == NotificationStatus.WITHDRAWN}
        return [row for key, row in now.items() if key in before.messages and before.messages[key] != row]


def picture_of(participant: Participant, now: datetime) -> Picture:
    """What is on record and what the protocol answers now; the participant's row is as it was read."""
    mine = {"deadline__participant": participant}
    deadlines = TrackedDeadline.objects.filter(participant=participant)
    alerts = Alert.objects.filter(**mine)
    messages = Notification.objects.filter(alert__deadline__participant=participant)
    return Picture(
        evaluation=evaluate_participant(participant, as_of=now),
        deadlines={key: OwedRow(*row) for key, *row in deadlines.values_list("pk", *OwedRow._fields)},
        alerts={key: AlertRow(*row) for key, *row in alerts.values_list("pk", *_of(AlertRow, "deadline__"))},
        messages={key: MessageRow(*row) for key, *row in messages.values_list("pk", *_of(MessageRow, "alert__"))},
        wakes_at=participant.reassess_after,
    )


_ELSEWHERE = {
    "deadline__": {"clause": "deadline__clause", "occurrence": "deadline__occurrence"},
    "alert__": {
        "clause": "alert__deadline__clause", "occurrence": "alert__deadline__occurrence", "rung": "alert__rung",
        "say": "alert__say", "say_zh": "alert__say_zh",
    },
}  # fmt: skip


def _of(row: type[AlertRow] | type[MessageRow], by_way_of: str) -> list[str]:
    """The columns of a row's fields; some of them stand on what it hangs on."""
    return [_ELSEWHERE[by_way_of].get(name, name) for name in row._fields]

"""One participant's story: who does what at which instant, and what became of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.builders import House, fresh
from tests.machine.prepared import PEOPLE, Prepared
from tests.machine.rows import Rows, rows_of
from tracker.errors import NotAllowed, Refused
from tracker.models import Participant, User
from tracker.services import deadlines
from workflow.site_calendar import TICK, SiteCalendar

ANYBODY = st.sampled_from(PEOPLE)
RECORDER = st.one_of(st.just("crc"), st.just("pi"), ANYBODY)
"""Who records: mostly somebody who may."""

PICK = st.integers(min_value=0, max_value=999)
"""Which of several, whatever their number."""

MINUTES_AGO = st.one_of(
    st.integers(0, 90),
    st.integers(0, 72).map(lambda hours: 60 * hours),
    st.integers(0, 21).map(lambda days: 1440 * days),
)
"""How long ago something happened: minutes, hours or days."""


class Story(RuleBasedStateMachine):
    """What the rules share. Services may refuse: that is an answer, and writes nothing.

    `settled` says that whatever was due by now has been reassessed. `woken_for` holds the alerts that were acknowledged
    since the last reassessment: the next one may still be set for their escalation.
    """

    prepared: ClassVar[Mapping[str, Prepared]] = {}
    seen: ClassVar[Counter[str]] = Counter()

    house: House
    participant: Participant
    now: datetime
    who: str

    @initialize(seconds=st.sampled_from((0, 1, 59)), microseconds=st.sampled_from((0, 999_999)))
    def begin(self, seconds: int, microseconds: int) -> None:
        # One story, one savepoint: the next one finds everybody as they were.
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        found = self.prepared[self.who]
        self.house, self.participant = found.house, found.participant
        self.now = found.now + timedelta(seconds=seconds, microseconds=microseconds)
        Participant.objects.filter(pk=self.participant.pk).update(reassess_after=found.now)
        deadlines.sweep(self.now)
        self.settled, self.woken_for = True, set[int]()
        self.before: Rows = rows_of(self.participant)
        self.rows: Rows | None = self.before
        self.stages = {str(fresh(self.participant).stage)}
        self.count(f"story of a {self.who}")

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            for stage in self.stages:
                self.count(f"reached {stage}")
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def count(self, what: str) -> None:
        """Note that something happened, for the statistics."""
        event(what)
        self.seen[what] += 1

    @property
    def row(self) -> Participant:
        """The participant as she is now."""
        return fresh(self.participant)

    @property
    def calendar(self) -> SiteCalendar:
        """The days as her site counts them."""
        return SiteCalendar(self.participant.zone)

    def person(self, name: str) -> User:
        """Somebody by role or name."""
        return self.house[name]

    def name_of(self, user: User) -> str:
        """The role or name by which somebody goes here."""
        return next(name for name, each in self.house.staff.items() if each == user)

    def ago(self, minutes: int) -> datetime:
        """So long ago, in whole minutes as staff type them."""
        return (self.now - timedelta(minutes=minutes)).replace(second=0, microsecond=0)

    def attempt(self, service: Any, /, *, by: str, **arguments: Any) -> Any:
        """Let somebody call a service; what it answered, or None where it refused.

        A tick later than whatever was done before: the lock of the participant's row keeps two writers apart.
        """
        self.let_pass(TICK)
        before = self.rows_now()
        try:
            answer = service(**arguments, by=self.person(by), now=self.now)
        except (Refused, NotAllowed) as refusal:
            assert rows_of(self.participant) == before
            self.count(f"{service.__name__} refused: {type(refusal).__name__}")
            return None
        self.rows = None
        self.count(f"{service.__name__} done")
        self.is_reassessed()
        return answer

    def let_pass(self, length: timedelta) -> None:
        """Time passes, and may bring what nobody has reassessed yet."""
        self.now += length
        due = self.row.reassess_after
        self.settled = self.settled and (due is None or due > self.now)

    def rows_now(self) -> Rows:
        """Every row about the participant, read again if something was written since."""
        self.rows = self.rows or rows_of(self.participant)
        return self.rows

    def is_reassessed(self) -> None:
        """Note that the rows were just made equal, unless somebody asked for it to be done by the next sweep."""
        due = self.row.reassess_after
        self.settled = due is None or due > self.now
        self.woken_for.clear()

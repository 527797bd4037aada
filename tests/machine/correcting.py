"""What was recorded is corrected or withdrawn; nothing of it goes away."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.story import PICK, RECORDER, Story
from tracker.models import RecordedFact
from tracker.services import facts
from tracker.services.facts import FactEntry

OTHER_VALUES = {
    "negative": "positive", "positive": "negative", "indeterminate": "negative", "rejected": "indeterminate",
    "yes": "no", "no": "yes", "adequate": "inadequate", "inadequate": "adequate",
}  # fmt: skip
"""What a value is corrected to; a number is corrected to ten times as much."""


class Correcting(Story):
    """The rules of whoever made a mistake."""

    @rule(pick=PICK, minutes=st.integers(-3 * 1440, 3 * 1440), value=st.booleans(), by=RECORDER)
    def an_entry_is_corrected(self, pick: int, minutes: int, value: bool, by: str) -> None:
        fact = self.any_fact(pick)
        entry = other_value(fact) if value else moved(fact, timedelta(minutes=minutes))
        self.attempt(facts.correct_fact, fact=fact, entry=entry, reason="Read wrongly", by=by)

    @rule(pick=PICK, by=RECORDER)
    def an_entry_is_withdrawn(self, pick: int, by: str) -> None:
        self.attempt(facts.withdraw_fact, fact=self.any_fact(pick), reason="Another participant's", by=by)

    def any_fact(self, pick: int) -> RecordedFact:
        """Some version of some entry, now and then an old one; the newest come first."""
        rows = self.participant.facts.order_by("-pk")
        return rows[pick % rows.count()]


def other_value(fact: RecordedFact) -> FactEntry:
    """The entry with another value, where it has one."""
    value = OTHER_VALUES.get(fact.value) or (fact.value and f"{fact.value}0")
    return _entry(fact, timedelta(0), value)


def moved(fact: RecordedFact, by: timedelta) -> FactEntry:
    """The entry at another time, the end and the result with it."""
    return _entry(fact, by, fact.value)


def _entry(fact: RecordedFact, shift: timedelta, value: str) -> FactEntry:
    return FactEntry(
        concept=fact.concept, at=fact.moment + shift, value=value, unit=fact.unit, upper_limit=fact.upper_limit,
        comparator=fact.comparator, until=fact.until_moment and fact.until_moment + shift,
        resulted_at=fact.resulted_at and fact.resulted_at + shift, detail=fact.detail or "Corrected",
    )  # fmt: skip

"""Steps are corrected: moved to when they happened, or taken back because they never did."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.kept import standing
from tests.machine.story import ANYBODY, PICK, Story
from tracker.models import StepRecord
from tracker.services import step_corrections
from tracker.services.signatures import Signing

MOVER = st.one_of(st.sampled_from(("pi", "second_pi")), ANYBODY)


class Undoing(Story):
    """The rules of whoever recorded a step wrongly."""

    @rule(
        pick=PICK, minutes=st.one_of(st.integers(-90, 90), st.integers(-72, 72).map(lambda hours: 60 * hours)), by=MOVER
    )
    def a_step_is_moved(self, pick: int, minutes: int, by: str) -> None:
        if record := self.any_step(pick):
            at = record.happened_at + timedelta(minutes=minutes)
            self.correct(step_corrections.correct_time, record, by, happened_at=at)

    @rule(pick=st.sampled_from((0, 0, 0, 1, 2)), by=MOVER)
    def a_step_is_taken_back(self, pick: int, by: str) -> None:
        if record := self.any_step(pick):
            self.correct(step_corrections.take_back, record, by)

    def correct(self, service: object, record: StepRecord, by: str, **changes: object) -> None:
        """Say that a step was recorded wrongly, with one's own signature."""
        said = {"reason": "The wrong line", "signature": Signing(self.person(by)), **changes}
        if self.attempt(service, record=record, by=by, **said):
            self.stages.add(str(self.row.stage))

    def any_step(self, pick: int) -> StepRecord | None:
        """Mostly one that stands, the last first; now and then one that was corrected already."""
        rows = standing(self.participant)[::-1] or list(self.participant.steps.order_by("pk"))
        if pick == PICK_CORRECTED:
            rows = list(self.participant.steps.exclude(correction=None).order_by("pk")) or rows
        return rows[pick % len(rows)] if rows else None


PICK_CORRECTED = 999

"""Time passes, only forward; the sweep comes in time, late, or twice."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.story import Story
from tracker.services import deadlines
from workflow.site_calendar import TICK

SWEEPS = st.sampled_from((1, 1, 1, 2, 0))
"""How often the sweep comes after the time has passed: mostly once; none makes it late."""

_AWAY = st.one_of(
    st.integers(1, 90).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(1, 72).map(lambda hours: timedelta(hours=hours)),
    st.integers(1, 28).map(lambda days: timedelta(days=days)),
)


class Passing(Story):
    """The clock's rules."""

    @rule(length=_AWAY, sweeps=SWEEPS)
    def time_passes(self, length: timedelta, sweeps: int) -> None:
        self.pass_by(length, sweeps)

    @precondition(lambda self: self.row.reassess_after is not None)
    @rule(beyond=st.sampled_from((timedelta(0), -TICK, TICK, timedelta(minutes=1))), sweeps=SWEEPS)
    def the_next_reassessment_comes(self, beyond: timedelta, sweeps: int) -> None:
        due = self.row.reassess_after
        if due is not None and due + beyond > self.now:
            self.pass_by(due + beyond - self.now, sweeps)

    @rule()
    def the_sweep_comes(self) -> None:
        self.sweep()

    def pass_by(self, length: timedelta, sweeps: int = 1) -> None:
        """Let time pass, then let the sweep come so often."""
        self.let_pass(length)
        for _ in range(sweeps):
            self.sweep()

    def sweep(self) -> None:
        """Reassess whoever is due; right afterwards nobody is."""
        was_due = bool(deadlines.sweep(self.now))
        assert deadlines.sweep(self.now) == 0
        self.settled = True
        if was_due:
            self.rows = None
            self.woken_for.clear()
            self.count("swept when due")

"""The machine of stories: every rule, and what must hold after each."""

from hypothesis.stateful import invariant

from tests.machine import kept, owed
from tests.machine.correcting import Correcting
from tests.machine.recording import Recording
from tests.machine.rows import what_shrank
from tests.machine.signing import Reviewing
from tests.machine.stepping import Stepping
from tests.machine.undoing import Undoing
from tracker.evaluation import evaluate_participant


class EveryPath(Recording, Correcting, Stepping, Undoing, Reviewing):
    """Anybody does anything in any order; whatever came of it, the record is whole and nothing is missed."""

    @invariant()
    def what_is_owed_is_what_the_protocol_answers(self) -> None:
        if not self.settled:
            return
        row = self.row
        answer = evaluate_participant(row, as_of=self.now)
        owed.rows_are_the_answer(row, answer)
        owed.every_rung_due_has_its_one_alert(row, answer)
        owed.it_wakes_when_something_changes(row, answer, self.now, self.woken_for)
        owed.nothing_changes_until_then(row, answer, self.now)
        if not self.woken_for:
            owed.reassessing_again_writes_nothing(row, self.now)

    @invariant()
    def nothing_recorded_is_lost_or_changed(self) -> None:
        before, self.before = self.before, self.rows_now()
        if self.before is before:
            return
        assert what_shrank(before, self.before) == []
        row = self.row
        kept.versions_are_counted_without_a_gap(row)
        kept.the_journal_is_one_path_that_ends_at_the_stage(row)
        kept.no_gate_let_a_step_pass_that_it_should_have_stopped(row)
        kept.every_decision_comes_out_again(row)
        kept.every_closed_deviation_was_signed_by_another_pi(row)
        kept.everybody_signed_for_themselves(row)

"""Deviations are completed and signed, by whoever may and whoever may not; alerts are acknowledged."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.story import ANYBODY, PICK, Story
from tracker.models import Alert, AlertStatus, Deviation, DeviationStatus
from tracker.services import alerts, deviations
from tracker.services.signatures import Signing

TEXTS = {"cause": "Haste", "impact": "None seen", "action": "Everybody was told"}
SIGNER = st.one_of(st.sampled_from(("pi", "second_pi")), ANYBODY)


class Reviewing(Story):
    """The rules of whoever answers for what happened."""

    @rule(pick=PICK, by=SIGNER, own_hand=st.booleans(), completed=st.booleans())
    def somebody_signs_a_deviation(self, pick: int, by: str, own_hand: bool, completed: bool) -> None:
        all_of_them = self.participant.deviations.order_by("status", "pk")
        if not all_of_them:
            return
        row = all_of_them[pick % len(all_of_them)]
        if completed:
            self.attempt(deviations.complete, deviation=row, **TEXTS, by=by)
        self.sign(row, by=by, hand=by if own_hand else "pi")

    # Two rules, so that drafts are signed about as often as they come about.
    @precondition(lambda self: self.has_drafts)
    @rule()
    def the_second_pi_signs_every_draft(self) -> None:
        self.sign_every_draft("second_pi")

    @precondition(lambda self: self.has_drafts)
    @rule()
    def the_pi_signs_every_draft(self) -> None:
        self.sign_every_draft("pi")

    @property
    def has_drafts(self) -> bool:
        """Whether a deviation waits for its signature."""
        return self.participant.deviations.filter(status=DeviationStatus.DRAFT).exists()

    def sign_every_draft(self, by: str) -> None:
        """Complete what is drafted; whoever reported it tries to sign first."""
        for row in self.participant.deviations.filter(status=DeviationStatus.DRAFT).order_by("pk"):
            self.attempt(deviations.complete, deviation=row, **TEXTS, by="crc")
            reporter = self.name_of(row.step_record.recorded_by) if row.step_record else by
            for name in (reporter, by):
                self.sign(row, by=name, hand=name)

    @rule(pick=PICK, by=ANYBODY, hours=st.integers(-1, 72), snoozed=st.booleans())
    def somebody_takes_up_an_alert_or_snoozes_it(self, pick: int, by: str, hours: int, snoozed: bool) -> None:
        found = list(Alert.objects.filter(deadline__participant=self.participant).order_by("-pk"))
        if not found:
            return
        alert, settled, woken_for = found[pick % len(found)], self.settled, set(self.woken_for)
        if snoozed:
            until = self.now + timedelta(hours=hours)
            self.attempt(alerts.snooze, alert=alert, by=by, until=until, reason="At lunch")
        elif self.attempt(alerts.acknowledge, alert=alert, by=by) and alert.status == AlertStatus.RAISED:
            woken_for |= {alert.pk}
        # It closes nothing, and reassesses nobody.
        self.settled, self.woken_for = settled, woken_for
        self.let_pass(timedelta(0))

    def sign(self, deviation: Deviation, *, by: str, hand: str) -> None:
        """Close a deviation, with one's own signature or that of somebody else."""
        closed = self.attempt(deviations.close, deviation=deviation, by=by, signing=Signing(self.person(hand)))
        if closed:
            assert by == hand
            self.count("a deviation was closed")

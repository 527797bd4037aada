"""The card of a decision that was made: its gate derived again, and whether it agrees with what was written down."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from tracker.admin.gate_card import Card, Reader, card_of
from tracker.models import StepRecord
from tracker.replaying.decisions import decision_of


@dataclass(frozen=True, slots=True)
class Judged:
    """One past decision. `difference` is "" where the gate comes out as it was written down."""

    card: Card
    difference: str


def judged_card(reader: Reader, record: StepRecord) -> Judged:
    """The gate of a guarded step, for its own start, over all that was written before the step."""
    record.participant = reader.participant
    decision = decision_of(record)
    card = card_of(reader, decision.gate, record.happened_at)
    judged_for = _("judged for its start, %(start)s") % {"start": reader.voice.at(record.happened_at)}
    return Judged(replace(card, judged_for=judged_for), decision.difference)

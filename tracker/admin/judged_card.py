"""The card of a decision that was made: its gate derived again, and whether it agrees with what was written down."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from tracker.admin.gate_card import Card, Reader, card_of
from tracker.evaluation import versions_of
from tracker.models import StepRecord
from tracker.replaying.decisions import decision_of
from tracker.wording import rules_words


@dataclass(frozen=True, slots=True)
class Judged:
    """One past decision. `difference` is "" where the gate comes out as it was written down."""

    card: Card
    difference: str


def judged_card(reader: Reader, record: StepRecord) -> Judged:
    """The gate of a guarded step, for its own start, over all that was written before the step."""
    record.participant = reader.participant
    decision = decision_of(record)
    decided = versions_of(record.participant).get(record.protocol_version, reader.voice.protocol)
    then = replace(reader, voice=replace(reader.voice, protocol=decided))
    card = card_of(then, decision.gate, record.happened_at)
    words = {
        "start": reader.voice.at(record.happened_at),
        "rules": rules_words(record.protocol_version, record.protocol_hash),
    }
    judged_for = _("judged for its start, %(start)s, by %(rules)s") % words
    return Judged(replace(card, judged_for=judged_for), decision.difference)

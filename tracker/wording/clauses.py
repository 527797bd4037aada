"""A clause as it is explained beside its title: its own words, and where it comes from."""

from dataclasses import dataclass

from tracker.wording.describe import basis_words, clause_title
from tracker.wording.instants import is_chinese
from tracker.wording.voice import Voice
from workflow.expiry import EXPIRING


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """One clause in one language. `quote` is "" for what has no words of its own: an alarm, a hold, a plan's time."""

    title: str
    quote: str = ""
    is_translation: bool = False
    basis: str = ""


def clause_words(voice: Voice, clause: str) -> ClauseWords:
    """A clause by its id, or by that of what watches over its evidence; an unknown id is its own title."""
    title = clause_title(voice.protocol, clause, voice.language)
    rule = voice.protocol.find_rule(clause.removeprefix(EXPIRING))
    if rule is None:
        return ClauseWords(title)
    chinese = is_chinese(voice.language)
    return ClauseWords(
        title, rule.text_zh if chinese else rule.quote, chinese and rule.basis != "site practice",
        basis_words(rule.basis),
    )  # fmt: skip

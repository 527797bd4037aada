"""A finding in words: title, quotation, state, evidence, limit, and how it can clear."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from tracker.wording.clearing import clearing_words
from tracker.wording.evidence import decisive, evidence_words
from tracker.wording.instants import is_chinese
from tracker.wording.limits import limit_of
from tracker.wording.voice import Voice
from workflow.findings import Finding, Outcome, Reason
from workflow.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Described:
    """One finding as it is read, in one language. `quote` holds the clause's words without quotation marks."""

    title: str
    quote: str
    quote_is_translation: bool
    basis_label: str
    state_label: str
    evidence: str
    limit: str
    clear: str
    parts: tuple["Described", ...] = ()


def describe(
    finding: Finding, protocol: Protocol, zone: ZoneInfo, language: str, as_of: datetime | None = None
) -> Described:
    """Put a finding into words.

    Instants stand in `zone`. `as_of` is the instant of the evaluation: its year is left out of dates, and it decides
    between "now" and "from". Without it every year is said and windows are given by their first instant.
    """
    voice = Voice(protocol, zone, language, as_of)
    with translation.override(language):
        return _described(voice, finding)


def state_words(outcome: Outcome) -> str:
    """The word of an outcome, in the active language."""
    return {
        Outcome.MET: _("Met"),
        Outcome.FAIL: _("Not met"),
        Outcome.STALE: _("Stale"),
        Outcome.MISSING: _("Missing"),
        Outcome.PENDING: _("Waiting"),
        Outcome.NOT_APPLICABLE: _("Not applicable"),
    }[outcome]


def basis_words(basis: str) -> str:
    """The word for where a rule comes from, in the active language; "" for what is no rule's."""
    return {"protocol": _("protocol"), "site practice": _("site practice"), "reading": _("reading")}.get(basis, "")


def clause_title(protocol: Protocol, clause: str, language: str) -> str:
    """What staff call a clause; the journey's own refusals have titles too. An unknown clause is its own title."""
    own = {"order": _("The order of the journey"), "terminal": _("The end of the journey")}
    if clause in own:
        return own[clause]
    try:
        heading = protocol.heading(clause)
    except KeyError:
        return clause
    return heading.label_zh if is_chinese(language) else heading.label


def _described(voice: Voice, finding: Finding) -> Described:
    rule = voice.protocol.find_rule(finding.clause)
    chinese = is_chinese(voice.language)
    deciding = decisive(finding)
    return Described(
        title=_title(voice, finding),
        quote=(rule.text_zh if chinese else rule.quote) if rule else "",
        quote_is_translation=chinese and rule is not None and rule.basis != "site practice",
        basis_label=basis_words(voice.protocol.basis_of(finding.clause)) if finding.clause else "",
        state_label=state_words(finding.outcome),
        evidence=_with_doubt(voice, finding),
        limit=limit_of(voice, deciding),
        clear=clearing_words(voice, deciding) or clearing_words(voice, finding),
        parts=tuple(_described(voice, part) for part in finding.parts if part.reason is not Reason.DOES_NOT_APPLY),
    )


def _with_doubt(voice: Voice, finding: Finding) -> str:
    """The evidence; and, while it is unknown whether the clause applies, what that depends on."""
    words = evidence_words(voice, finding)
    if finding.unless is None:
        return words
    doubt = {"evidence": words, "concept": voice.concept(decisive(finding.unless).subject)}
    return _("%(evidence)s. Whether this applies is not known yet: %(concept)s") % doubt


def _title(voice: Voice, finding: Finding) -> str:
    if finding.clause:
        return clause_title(voice.protocol, finding.clause, voice.language)
    return voice.concept(finding.subject)

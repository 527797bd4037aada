"""What was looked at, in one sentence for each reason: value, unit, when."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from tracker.wording.joining import about, told_together
from tracker.wording.numbers import is_exact, with_unit
from tracker.wording.voice import Voice
from workflow.facts import Fact
from workflow.findings import Finding, Reason
from workflow.limits import Limit
from workflow.units import UnitError, convert

Sentence = Callable[[Voice, Finding], str]


def evidence_words(voice: Voice, finding: Finding) -> str:
    """The evidence of a finding."""
    return _BY_REASON[finding.reason](voice, finding)


def decisive(finding: Finding) -> Finding:
    """The part of a compound that decided it; the finding itself where there are no parts."""
    alike = [part for part in finding.parts if part.outcome is finding.outcome]
    return decisive((alike or list(finding.parts))[0]) if finding.reason is Reason.PARTS and finding.parts else finding


def _measured(voice: Voice, finding: Finding) -> str:
    if not finding.evidence:
        return voice.concept(finding.subject)
    if finding.number is not None and finding.subject != finding.evidence[0].concept:
        return _calculated(voice, finding)
    first = voice.dated(finding.evidence[0])
    same = _in_limit_unit(voice, finding)
    return _("%(value)s (that is %(same)s)") % {"value": first, "same": same} if same else first


def _calculated(voice: Voice, finding: Finding) -> str:
    number = finding.number or Fraction(0)
    shown = voice.number(number, finding.unit, _limit_number(finding))
    inputs = told_together(f"{voice.concept(fact.concept)} {voice.dated(fact)}" for fact in finding.evidence)
    pattern = (
        _("%(value)s, calculated from %(inputs)s")
        if is_exact(number)
        else _("%(value)s (the unrounded value is compared), calculated from %(inputs)s")
    )
    return pattern % {"value": shown, "inputs": inputs}


def _limit_number(finding: Finding) -> Fraction | None:
    if finding.limit_number is not None:
        return finding.limit_number
    try:
        return Fraction(Limit.parse(finding.limit.partition(" ")[2]).number)
    except ValueError:
        return None


def _in_limit_unit(voice: Voice, finding: Finding) -> str:
    """The number once more in the limit's unit, where that is another one."""
    try:
        limit = Limit.parse(finding.limit.partition(" ")[2])
        if finding.number is None or not limit.unit or limit.unit == finding.unit:
            return ""
        bridge = voice.protocol.bridge_of(finding.subject)
        number = convert(finding.number, finding.unit or "", limit.unit, bridge)
    except (ValueError, UnitError, KeyError):
        return ""
    return voice.number(number, limit.unit, Fraction(limit.number))


def _answered(voice: Voice, finding: Finding) -> str:
    if finding.subject == "sex":
        return _("Sex as registered")
    if not finding.evidence:
        return voice.concept(finding.subject)
    words = voice.dated(finding.evidence[0])
    if finding.valid_until is None:
        return words
    return _("%(evidence)s, valid until %(until)s") % {"evidence": words, "until": voice.through(finding.valid_until)}


def _nothing(voice: Voice, finding: Finding) -> str:
    return _("Nothing recorded: %(concept)s") % {"concept": voice.concept(finding.subject)}


def _outside_window(voice: Voice, finding: Finding) -> str:
    if not finding.evidence:
        return _nothing(voice, finding)
    fact = finding.evidence[0]
    if finding.valid_until is None:
        return _("%(evidence)s; that is before this screening") % {"evidence": voice.dated(fact)}
    words = _answered(voice, finding)
    start = finding.clearing.draw_by if finding.clearing else None
    if start is None:
        return words
    age = {"evidence": words, "age": voice.age_at(fact, start, finding.window), "start": voice.at(start)}
    return _("%(evidence)s; at the start on %(start)s it will be %(age)s old") % age


def _plus(message: Callable[[], str]) -> Sentence:
    """The dated evidence, and what is the matter with it."""

    def words(voice: Voice, finding: Finding) -> str:
        known = voice.dated(finding.evidence[0]) if finding.evidence else voice.concept(finding.subject)
        return _("%(evidence)s; %(matter)s") % {"evidence": known, "matter": message()}

    return words


def _waiting(voice: Voice, finding: Finding) -> str:
    if not finding.evidence:
        return _("The result is not recorded yet")
    fact = finding.evidence[0]
    if fact.value is None:
        words = {"what": voice.concept(fact.concept), "when": voice.at(fact.at)}
        return _("%(what)s: sample collected %(when)s, the result is not recorded yet") % words
    return _("%(evidence)s; the result was not out in time") % {"evidence": voice.dated(fact)}


def _age(voice: Voice, finding: Finding) -> str:
    inside = finding.reason is Reason.AGE_WITHIN
    if not finding.evidence:
        return _("Age within the range today") if inside else _("Age outside the range today")
    pattern = _("Age within the range on %(day)s") if inside else _("Age outside the range on %(day)s")
    return pattern % {"day": voice.at(finding.evidence[0].at)}


def _change(voice: Voice, finding: Finding) -> str:
    half = len(finding.evidence) // 2
    if not half:
        return _nothing(voice, finding)
    later, earlier = finding.evidence[:half], finding.evidence[half:]
    return told_together(_moved(voice, old, new) for old, new in zip(earlier, later, strict=False))


def _moved(voice: Voice, old: Fact, new: Fact) -> str:
    words = {"concept": voice.concept(new.concept), "old": voice.value(old), "new": voice.value(new)}
    words |= {"size": _size(old, new), "then": voice.at(old.at), "now": voice.at(new.at)}
    return _("%(concept)s from %(old)s (%(then)s) to %(new)s (%(now)s): %(size)s") % words


def _size(old: Fact, new: Fact) -> str:
    if not isinstance(old.value, Decimal) or not isinstance(new.value, Decimal):
        return "?"
    change = new.value - old.value
    return with_unit(f"{'+' if change > 0 else '−' if change < 0 else ''}{abs(change):f}", new.unit)


def _events(voice: Voice, finding: Finding) -> str:
    return told_together(voice.event(fact) for fact in finding.evidence) or voice.concept(finding.subject)


def _looked(voice: Voice, finding: Finding) -> str:
    if not finding.evidence:
        return _("None found")
    review = finding.evidence[0]
    words = {"review": voice.concept(review.concept), "when": voice.at(review.at)}
    if finding.reason is Reason.NONE_FOUND:
        return _("None found: %(review)s, %(when)s") % words
    return _("%(review)s, %(when)s, does not cover the whole window") % words


def _not_looked(voice: Voice, finding: Finding) -> str:
    words = {"concept": voice.concept(finding.subject)}
    return _("Nobody has documented that there was none: %(concept)s") % words


def _parts(voice: Voice, finding: Finding) -> str:
    deciding = decisive(finding)
    return evidence_words(voice, deciding) if deciding is not finding else _events(voice, finding)


def _depends(voice: Voice, finding: Finding) -> str:
    known = voice.dated(finding.evidence[0]) if finding.evidence else ""
    words = {"evidence": known, "concept": voice.concept(finding.subject)}
    if not known:
        return _("It depends on “%(concept)s”, which is not known") % words
    return _("%(evidence)s; which limit holds depends on “%(concept)s”, which is not known") % words


def _does_not_apply(voice: Voice, finding: Finding) -> str:
    if not finding.evidence:
        return _("Does not apply to this participant")
    fact = finding.evidence[0]
    return about(voice.concept(fact.concept), voice.dated(fact))


def _no_anchor(voice: Voice, finding: Finding) -> str:
    matter = _("the time it is counted from is neither recorded nor planned")
    return told_together([*(voice.dated(fact) for fact in finding.evidence[:1]), matter])


def _out_of_order(voice: Voice, finding: Finding) -> str:
    because = finding.parts[0].reason if finding.parts else Reason.NOTHING_RECORDED
    if because is Reason.HAPPENED and finding.evidence:
        return _("Already taken: %(event)s") % {"event": voice.event(finding.evidence[0])}
    if finding.evidence:
        return _("Undone since: %(event)s") % {"event": voice.event(finding.evidence[0])}
    return _("Not recorded yet: %(concept)s") % {"concept": voice.concept(finding.subject)}


def _on_hold(voice: Voice, finding: Finding) -> str:
    if not finding.evidence:
        return _("On hold")
    words = {"since": voice.at(finding.evidence[0].at), "because": finding.evidence[0].detail}
    return _("On hold since %(since)s: %(because)s") % words


def _ended(voice: Voice, finding: Finding) -> str:
    return _("The journey has ended: %(event)s") % {"event": _events(voice, finding)}


_BY_REASON: Mapping[Reason, Sentence] = {
    Reason.WITHIN_LIMIT: _measured,
    Reason.OUTSIDE_LIMIT: _measured,
    Reason.CANNOT_TELL_FROM_COMPARATOR: _plus(lambda: _("this bound does not tell on which side of the limit it is")),
    Reason.ANSWERED_AS_REQUIRED: _answered,
    Reason.ANSWERED_OTHERWISE: _answered,
    Reason.NOTHING_RECORDED: _nothing,
    Reason.OUTSIDE_WINDOW: _outside_window,
    Reason.TIME_OF_DAY_UNKNOWN: _plus(lambda: _("without the time of day it may lie outside the window")),
    Reason.WAITING_FOR_RESULT: _waiting,
    Reason.RESULT_TOO_LATE: _plus(lambda: _("its result came out after the start")),
    Reason.UPPER_LIMIT_MISSING: _plus(lambda: _("the laboratory’s upper limit of normal is not recorded")),
    Reason.UNIT_DOES_NOT_CONVERT: _plus(lambda: _("it cannot be compared with the limit’s unit")),
    Reason.INPUT_MISSING: _plus(lambda: _("a value needed for the calculation is not recorded")),
    Reason.AGE_WITHIN: _age,
    Reason.AGE_OUTSIDE: _age,
    Reason.CHANGED_ENOUGH: _change,
    Reason.CHANGED_TOO_LITTLE: _change,
    Reason.ONE_VALUE_ONLY: _plus(lambda: _("there is no earlier value to compare it with")),
    Reason.EVENT_IN_WINDOW: _events,
    Reason.NONE_FOUND: _looked,
    Reason.LOOK_BACK_NOT_DOCUMENTED: _not_looked,
    Reason.LOOK_BACK_INCOMPLETE: _looked,
    Reason.HAPPENED: _events,
    Reason.WITHDRAWN: _events,
    Reason.PARTS: _parts,
    Reason.DEPENDS_ON_UNKNOWN: _depends,
    Reason.DOES_NOT_APPLY: _does_not_apply,
    Reason.NO_ANCHOR: _no_anchor,
    Reason.OUT_OF_ORDER: _out_of_order,
    Reason.JOURNEY_ENDED: _ended,
    Reason.ON_HOLD: _on_hold,
}

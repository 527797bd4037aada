"""How and when a stopped step can clear: "Can clear now: do this", "Can clear from …: do this"."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from tracker.wording.limits import limit_of
from tracker.wording.voice import Voice
from workflow.findings import Clearing, Finding, Reason, Remedy

Sentence = Callable[[Voice, Finding, Clearing], str]


def clearing_words(voice: Voice, finding: Finding) -> str:
    """What clears a finding, and from when; "" where nothing stops the step."""
    if finding.clearing is None:
        return ""
    return _BY_REMEDY[finding.clearing.remedy](voice, finding, finding.clearing)


def review_of(voice: Voice, finding: Finding) -> str:
    """The concept of the documented look-back that a finding asks for; "" where none is known."""
    return voice.protocol.look_backs.get(finding.subject, "")


def _record(voice: Voice, finding: Finding, _clearing: Clearing) -> str:
    words = {"concept": voice.concept(finding.subject), "limit": limit_of(voice, finding)}
    if finding.reason is Reason.ANSWERED_OTHERWISE and words["limit"]:
        return _("Can clear only if it changes: record “%(concept)s” again when it is %(limit)s.") % words
    if finding.reason is Reason.NO_ANCHOR:
        return _("Can clear now: plan the step, so that there is a time to count from.")
    return _("Can clear now: record “%(concept)s”.") % words


def _new_sample(voice: Voice, _finding: Finding, clearing: Clearing) -> str:
    if clearing.draw_from is None or clearing.draw_by is None:
        return _("Can clear now: draw a new sample; the step waits for its result.")
    words = {"first": voice.at(clearing.draw_from), "last": voice.at(clearing.draw_by)}
    if voice.as_of and clearing.draw_by < voice.as_of:
        return _("The planned start on %(last)s has passed: move the plan, then draw a new sample.") % words
    if voice.as_of and clearing.draw_from <= voice.as_of:
        pattern = _("Can clear now: draw between %(first)s and %(last)s, with the result in before the start.")
    else:
        pattern = _("Can clear from %(first)s: draw then or later, by %(last)s, with the result in before the start.")
    return pattern % words


def _new_value(voice: Voice, finding: Finding, _clearing: Clearing) -> str:
    limit = limit_of(voice, finding)
    if not limit:
        return _("Can clear now: record a new value.")
    return _("Can clear now: with a new value, %(limit)s. The latest collected decides.") % {"limit": limit}


def _wait_for_result(_voice: Voice, _finding: Finding, _clearing: Clearing) -> str:
    return _("Can clear as soon as the result is out: enter it then.")


def _wait_until(voice: Voice, finding: Finding, clearing: Clearing) -> str:
    if clearing.starts_from is None:
        return _("Can clear later: the earliest time is not known yet.")
    words = {"from": voice.at(clearing.starts_from)}
    if finding.reason is Reason.AGE_OUTSIDE:
        return _("Can clear from %(from)s: with a consent signed then or later.") % words
    return _("Can clear from %(from)s: start then or later.") % words


def _end_of_event(_voice: Voice, _finding: Finding, _clearing: Clearing) -> str:
    return _("Can clear after its end: record when it ended; the earliest start then stands here.")


def _document(voice: Voice, finding: Finding, _clearing: Clearing) -> str:
    review = review_of(voice, finding)
    if not review:
        return _("Can clear now: document the look-back.")
    return _("Can clear now: document “%(review)s” on the day of the step.") % {"review": voice.concept(review)}


def _upper_limit(_voice: Voice, _finding: Finding, _clearing: Clearing) -> str:
    return _("Can clear now: add the laboratory’s upper limit of normal to this result.")


def _earlier_step(voice: Voice, finding: Finding, _clearing: Clearing) -> str:
    because = finding.parts[0].reason if finding.parts else Reason.NOTHING_RECORDED
    if because is Reason.HAPPENED:
        return _("Cannot clear: this step is taken once.")
    return _("Can clear after this is recorded: %(concept)s.") % {"concept": voice.concept(finding.subject)}


def _release(_voice: Voice, _finding: Finding, _clearing: Clearing) -> str:
    return _("Can clear when the principal investigator signs the deviation, or whoever set the hold ends it.")


def _nothing(_voice: Voice, _finding: Finding, _clearing: Clearing) -> str:
    return _("Cannot clear: nothing that may still be recorded changes this.")


_BY_REMEDY: Mapping[Remedy, Sentence] = {
    Remedy.RECORD: _record,
    Remedy.NEW_SAMPLE: _new_sample,
    Remedy.NEW_VALUE: _new_value,
    Remedy.WAIT_FOR_RESULT: _wait_for_result,
    Remedy.WAIT_UNTIL: _wait_until,
    Remedy.END_OF_EVENT: _end_of_event,
    Remedy.DOCUMENT_LOOK_BACK: _document,
    Remedy.ADD_UPPER_LIMIT: _upper_limit,
    Remedy.EARLIER_STEP: _earlier_step,
    Remedy.RELEASE: _release,
    Remedy.NOTHING: _nothing,
}

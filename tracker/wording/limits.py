"""What a finding was held against, in words."""

from django.utils.translation import gettext as _

from tracker.wording.joining import phrased
from tracker.wording.numbers import limit_words, with_unit
from tracker.wording.voice import Voice
from workflow.findings import Finding, Reason

_CHANGES = {"rises_at_least", "rises_more_than", "falls_at_least", "falls_more_than"}


def limit_of(voice: Voice, finding: Finding) -> str:
    """The limit a finding was held against; "" where there is none to say."""
    if not finding.limit:
        return _window_only(voice, finding)
    if finding.reason in (Reason.AGE_WITHIN, Reason.AGE_OUTSIDE):
        youngest, _dash, oldest = finding.limit.partition("-")
        return _("%(youngest)s to %(oldest)s years, both included") % {"youngest": youngest, "oldest": oldest}
    if finding.limit.split(" ")[0] in _CHANGES:
        return _changes(voice, finding)
    if finding.limit[0] in "≥≤<>":
        return _number_limit(voice, finding)
    return _code(voice, finding)


def _window_only(voice: Voice, finding: Finding) -> str:
    if not finding.window:
        return ""
    return _("none %(window)s") % {"window": voice.window(finding.window)}


def _number_limit(voice: Voice, finding: Finding) -> str:
    words = limit_words(finding.limit)
    if finding.limit_number is None:
        return words
    return f"{words} = {voice.number(finding.limit_number, finding.unit)}"


def _code(voice: Voice, finding: Finding) -> str:
    if finding.subject == "sex":
        return {"female": _("female"), "male": _("male")}.get(finding.limit, finding.limit)
    needed = voice.code(finding.limit)
    return phrased([needed, voice.window(finding.window)]) if finding.window else needed


def _changes(voice: Voice, finding: Finding) -> str:
    patterns = {
        "rises_at_least": _("a rise of at least %(size)s"),
        "rises_more_than": _("a rise of more than %(size)s"),
        "falls_at_least": _("a fall of at least %(size)s"),
        "falls_more_than": _("a fall of more than %(size)s"),
    }
    said = []
    for line in finding.limit.split(", "):
        name, _space, size = line.partition(" ")
        number, _space, unit = size.partition(" ")
        said.append(patterns[name] % {"size": with_unit(number, unit)})
    return phrased([_(" and ").join(said), voice.window(finding.window)])

"""Phrases that several kinds of items share."""

from datetime import datetime

from django.utils.translation import gettext as _

from tracker.wording import Voice
from workflow.facts import Fact, Moment
from workflow.site_calendar import SiteCalendar


def spanned(voice: Voice, start: Moment, last: datetime) -> str:
    """From when until when; the end is closed."""
    return _("%(start)s to %(end)s") % {"start": voice.at(start), "end": voice.through(last)}


def middle(calendar: SiteCalendar, moment: Moment) -> datetime:
    """Where a moment stands: an instant at itself, a date without a time in the middle of its day."""
    begins = calendar.start(moment)
    return begins + (calendar.end(moment) - begins) / 2


def said_of(voice: Voice, fact: Fact) -> str:
    """A fact's name, and what it says where it says anything."""
    name = voice.concept(fact.concept)
    return name if fact.value is None else _("%(name)s: %(said)s") % {"name": name, "said": voice.value(fact)}

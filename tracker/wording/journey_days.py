"""The day of the journey, counted from the infusion: for reading only, never an input to a window."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from workflow.protocol import Protocol
from workflow.stages import Step
from workflow.timeline import Timeline


@dataclass(frozen=True, slots=True)
class JourneyDays:
    """Days counted from `zero`, the site's day of the infusion: done, or `planned`. None while neither is known.

    Where the protocol has no day zero, the day of the infusion is day 1 and the one before it day −1.
    """

    zero: date | None
    planned: bool
    has_day_zero: bool

    def number(self, day: date) -> str:
        """`−6`, `0`, `28`, with the minus sign U+2212; "" while there is nothing to count from."""
        if self.zero is None:
            return ""
        days = (day - self.zero).days
        days += 0 if self.has_day_zero or days < 0 else 1
        return f"−{-days}" if days < 0 else str(days)

    def words(self, day: date) -> str:
        """`Day −6`; "" while there is nothing to count from."""
        number = self.number(day)
        return _("Day %(number)s") % {"number": number} if number else ""


def journey_days(protocol: Protocol, timeline: Timeline) -> JourneyDays:
    """How the days of a journey are counted: from its latest infusion, else from the planned one."""
    concept = protocol.steps[Step.INFUSION].starts
    done = timeline.done(concept)
    fact = done[-1] if done else timeline.latest_plan(concept)
    zero = timeline.calendar.first_day(fact.at) if fact else None
    return JourneyDays(zero, planned=not done, has_day_zero=protocol.has_day_zero)
